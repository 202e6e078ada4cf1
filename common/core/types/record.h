#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// A name and a value that travel with a message. Names may repeat; order is kept.
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

/// A message, with the place in the log it has or is about to get.
struct Record {
  Offset offset;
  WallTime timestamp;
  ProducerId producer;
  std::int64_t sequence = 0;       ///< Meaningful with a producer id only.
  std::optional<std::string> key;  ///< nullopt: no key, which is not the empty key.
  std::optional<std::string> body;
  std::vector<Header> headers;
  std::int16_t codec = 0;

  bool operator==(const Record&) const = default;
};

/// Records are immutable once they are in the log, and shared between cache and replies.
using RecordPtr = std::shared_ptr<const Record>;

/// Bytes of key, body and headers plus a fixed cost per record: what limits and buffers count.
[[nodiscard]] inline std::size_t SizeOf(const Record& record) {
  std::size_t bytes = 48;
  if (record.key) bytes += record.key->size();
  if (record.body) bytes += record.body->size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size() + 8;
  return bytes;
}

/// What tells a stored row from another without its content.
struct RecordIdentity {
  Offset offset;
  WallTime timestamp;
  ProducerId producer;
  std::int64_t sequence = 0;
  bool operator==(const RecordIdentity&) const = default;
};

}  // namespace lanemq::core
