#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "broker/catalog/checked_file.h"
#include "common/base/result.h"

namespace lanemq::broker {

/// SaveChecked() of a generated struct, in strict binary Thrift.
template <typename Struct>
Status SaveThrift(const std::filesystem::path& path, std::string_view magic, const Struct& value) {
  using apache::thrift::transport::TMemoryBuffer;
  try {
    const auto buffer = std::make_shared<TMemoryBuffer>();
    apache::thrift::protocol::TBinaryProtocolT<TMemoryBuffer> protocol(buffer);
    value.write(&protocol);
    return SaveChecked(path, magic, buffer->getBufferAsString());
  } catch (const apache::thrift::TException& e) {
    return Error{ErrorCode::kUnknownServerError, "encode " + path.string() + ": " + e.what()};
  }
}

/// What SaveThrift() wrote; errors as of LoadChecked().
template <typename Struct>
Result<Struct> LoadThrift(const std::filesystem::path& path, std::string_view magic) {
  using apache::thrift::transport::TMemoryBuffer;
  constexpr int kBytesMax = 256 << 20;
  LANEMQ_ASSIGN_OR_RETURN(std::string body, LoadChecked(path, magic));
  try {
    const auto limits = std::make_shared<apache::thrift::TConfiguration>(kBytesMax);
    const auto buffer = std::make_shared<TMemoryBuffer>(
        reinterpret_cast<std::uint8_t*>(body.data()), static_cast<std::uint32_t>(body.size()),
        TMemoryBuffer::OBSERVE, limits);
    apache::thrift::protocol::TBinaryProtocolT<TMemoryBuffer> protocol(buffer);
    Struct value;
    value.read(&protocol);
    return value;
  } catch (const apache::thrift::TException&) {
    return Error{ErrorCode::kCorruptMessage, path.string() + " is damaged"};
  }
}

}  // namespace lanemq::broker
