#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/error.h"
#include "common/rpc/reply_buffer.h"

namespace apache::thrift {
class TConfiguration;
namespace async {
class TAsyncProcessor;
}
namespace protocol {
class TProtocol;
}
}  // namespace apache::thrift

namespace lanemq::rpc {

/// Told apart by the first byte of a frame. Binary without the strict version is not spoken.
enum class WireProtocol : std::uint8_t { kBinary, kCompact };

/// Bounds for reading one message. Both are cut to the size of the frame.
struct DecodeLimits {
  std::size_t container_elements_max;
  std::size_t string_bytes_max;
  /// Shared by all messages: without it every Thrift transport allocates its own.
  std::shared_ptr<apache::thrift::TConfiguration> config;
};

/// A configuration that allows messages of `bytes_max`.
[[nodiscard]] std::shared_ptr<apache::thrift::TConfiguration> MakeThriftConfig(
    std::size_t bytes_max);

/// The head of one request.
struct MessageHead {
  WireProtocol protocol = WireProtocol::kBinary;
  std::string method;
  std::int32_t seqid = 0;
  bool is_oneway = false;  ///< No reply is sent.
};

/// Reads the head of a request. Absent: not a call in a protocol that is spoken here.
[[nodiscard]] std::optional<MessageHead> ReadHead(std::span<const std::uint8_t> frame,
                                                  const DecodeLimits& limits);

/// The protocol object that writes to `buffer`, which must outlive it.
[[nodiscard]] std::shared_ptr<apache::thrift::protocol::TProtocol> MakeWriter(WireProtocol protocol,
                                                                              ReplyBuffer& buffer);

/// Decodes `frame` and calls the handler, which may answer now or later. `cob` gets false when the
/// arguments do not decode. Throws what the handler throws.
void Dispatch(apache::thrift::async::TAsyncProcessor& processor,
              std::span<const std::uint8_t> frame, WireProtocol protocol,
              const DecodeLimits& limits, std::function<void(bool)> cob,
              std::shared_ptr<apache::thrift::protocol::TProtocol> writer);

/// What the server answers instead of a handler.
enum class Fault { kProtocol, kInternal };

/// Writes a TApplicationException.
void WriteFault(const MessageHead& head, Fault fault, const std::string& message,
                ReplyBuffer& buffer);
/// Writes `error` as the LaneMqError that every method of ours declares as exception 1.
void WriteDeclaredError(const MessageHead& head, const Error& error, const std::string& request_id,
                        ReplyBuffer& buffer);

/// What a finished reply says.
enum class ReplyKind { kNormal, kUnknownMethod, kOtherFault };
/// `frame` with its length prefix.
[[nodiscard]] ReplyKind InspectReply(std::span<const std::uint8_t> frame, WireProtocol protocol,
                                     const DecodeLimits& limits);

}  // namespace lanemq::rpc
