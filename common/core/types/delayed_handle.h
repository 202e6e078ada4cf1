#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// A delayed message is known by its place in the order of delivery.
struct DelayedId {
  PartitionKey key;
  WallTime due;
  ProducerId producer;
  std::int64_t sequence = 0;
  auto operator<=>(const DelayedId&) const = default;
};

/// What a delayed message is cancelled by, and where a page of a listing ended: an id as text of
/// this many characters, letters, digits, '-' and '_'. Opaque to clients. Equal ids have equal
/// handles. It ends with a check: one wrong character, or two swapped ones, are always found, any
/// other slip but for one in 16 million.
inline constexpr std::size_t kDelayedHandleBytes = 52;

[[nodiscard]] std::string ToHandle(const DelayedId& id);
/// kInvalidRequest for what ToHandle() did not write.
Result<DelayedId> FromHandle(std::string_view handle);

}  // namespace lanemq::core
