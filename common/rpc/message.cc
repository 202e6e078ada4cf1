#include "common/rpc/message.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <thrift/TApplicationException.h>
#include <thrift/TConfiguration.h>
#include <thrift/async/TAsyncProcessor.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "common/rpc/wire/errors.h"
#include "errors_types.h"

namespace lanemq::rpc {
namespace {

namespace thrift = apache::thrift;
using thrift::TApplicationException;
using thrift::protocol::TBinaryProtocolT;
using thrift::protocol::TCompactProtocolT;
using thrift::protocol::TMessageType;
using thrift::protocol::TProtocol;
using thrift::transport::TMemoryBuffer;

constexpr std::uint8_t kBinaryFirstByte = 0x80;
constexpr std::uint8_t kCompactFirstByte = 0x82;
constexpr std::size_t kMethodBytesMax = 128;
constexpr std::size_t kPrefixBytes = 4;

// A shared_ptr for Thrift's interfaces that owns nothing: the object is a local.
template <typename T>
std::shared_ptr<T> Borrow(T& object) {
  return std::shared_ptr<T>(std::shared_ptr<void>(), &object);
}

// Calls use(TProtocol&) with a protocol that reads `frame` and nothing beyond it.
template <typename Use>
void WithReader(std::span<const std::uint8_t> frame, WireProtocol protocol, std::size_t strings_max,
                std::size_t containers_max, const DecodeLimits& limits, Use use) {
  // OBSERVE does not write through the pointer.
  TMemoryBuffer memory(const_cast<std::uint8_t*>(frame.data()),
                       static_cast<std::uint32_t>(frame.size()), TMemoryBuffer::OBSERVE,
                       limits.config);
  memory.updateKnownMessageSize(static_cast<long>(frame.size()));
  const auto strings = static_cast<std::int32_t>(std::min(strings_max, frame.size()));
  const auto containers = static_cast<std::int32_t>(std::min(containers_max, frame.size()));
  switch (protocol) {
    case WireProtocol::kBinary: {
      TBinaryProtocolT<TMemoryBuffer> reader(Borrow(memory), strings, containers, true, true);
      use(static_cast<TProtocol&>(reader));
      return;
    }
    case WireProtocol::kCompact: {
      TCompactProtocolT<TMemoryBuffer> reader(Borrow(memory), strings, containers);
      use(static_cast<TProtocol&>(reader));
      return;
    }
  }
}

}  // namespace

std::shared_ptr<thrift::TConfiguration> MakeThriftConfig(std::size_t bytes_max) {
  const int limit = static_cast<int>(std::min<std::size_t>(bytes_max, 1u << 30));
  return std::make_shared<thrift::TConfiguration>(limit, limit);
}

std::optional<MessageHead> ReadHead(std::span<const std::uint8_t> frame,
                                    const DecodeLimits& limits) {
  MessageHead head;
  if (frame.size() < kPrefixBytes) return std::nullopt;
  if (frame[0] == kCompactFirstByte) {
    head.protocol = WireProtocol::kCompact;
  } else if (frame[0] != kBinaryFirstByte) {
    return std::nullopt;
  }
  TMessageType type{};
  try {
    WithReader(frame, head.protocol, kMethodBytesMax, 1, limits,
               [&](TProtocol& reader) { reader.readMessageBegin(head.method, type, head.seqid); });
  } catch (const std::exception&) {
    return std::nullopt;
  }
  if (type != TMessageType::T_CALL && type != TMessageType::T_ONEWAY) return std::nullopt;
  head.is_oneway = type == TMessageType::T_ONEWAY;
  return head;
}

std::shared_ptr<TProtocol> MakeWriter(WireProtocol protocol, ReplyBuffer& buffer) {
  if (protocol == WireProtocol::kCompact) {
    return std::make_shared<TCompactProtocolT<ReplyBuffer>>(Borrow(buffer));
  }
  return std::make_shared<TBinaryProtocolT<ReplyBuffer>>(Borrow(buffer), 0, 0, true, true);
}

void Dispatch(thrift::async::TAsyncProcessor& processor, std::span<const std::uint8_t> frame,
              WireProtocol protocol, const DecodeLimits& limits, std::function<void(bool)> cob,
              std::shared_ptr<TProtocol> writer) {
  WithReader(frame, protocol, limits.string_bytes_max, limits.container_elements_max, limits,
             [&](TProtocol& reader) {
               // Arguments are read before process() returns: the reader may live on the stack.
               processor.process(std::move(cob), Borrow(reader), std::move(writer));
             });
}

void WriteFault(const MessageHead& head, Fault fault, const std::string& message,
                ReplyBuffer& buffer) {
  const auto writer = MakeWriter(head.protocol, buffer);
  writer->writeMessageBegin(head.method, TMessageType::T_EXCEPTION, head.seqid);
  TApplicationException(fault == Fault::kProtocol ? TApplicationException::PROTOCOL_ERROR
                                                  : TApplicationException::INTERNAL_ERROR,
                        message)
      .write(writer.get());
  writer->writeMessageEnd();
}

void WriteDeclaredError(const MessageHead& head, const Error& error, const std::string& request_id,
                        ReplyBuffer& buffer) {
  const auto writer = MakeWriter(head.protocol, buffer);
  writer->writeMessageBegin(head.method, TMessageType::T_REPLY, head.seqid);
  writer->writeStructBegin("result");
  writer->writeFieldBegin("error", thrift::protocol::T_STRUCT, 1);
  wire::ToWire(error, request_id).write(writer.get());
  writer->writeFieldEnd();
  writer->writeFieldStop();
  writer->writeStructEnd();
  writer->writeMessageEnd();
}

ReplyKind InspectReply(std::span<const std::uint8_t> frame, WireProtocol protocol,
                       const DecodeLimits& limits) {
  if (frame.size() < 2 * kPrefixBytes) return ReplyKind::kNormal;
  const auto body = frame.subspan(kPrefixBytes);
  const int type = protocol == WireProtocol::kBinary ? body[3] : body[1] >> 5;
  if (type != static_cast<int>(TMessageType::T_EXCEPTION)) return ReplyKind::kNormal;
  TApplicationException fault;
  try {
    WithReader(body, protocol, body.size(), body.size(), limits, [&](TProtocol& reader) {
      std::string method;
      TMessageType ignored{};
      std::int32_t seqid = 0;
      reader.readMessageBegin(method, ignored, seqid);
      fault.read(&reader);
    });
  } catch (const std::exception&) {
    return ReplyKind::kOtherFault;
  }
  return fault.getType() == TApplicationException::UNKNOWN_METHOD ? ReplyKind::kUnknownMethod
                                                                  : ReplyKind::kOtherFault;
}

}  // namespace lanemq::rpc
