#include "common/rpc/typed_call.h"

#include <exception>
#include <string>

#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "common/rpc/message.h"
#include "common/rpc/reply_buffer.h"

namespace lanemq::rpc {
namespace {

namespace thrift = apache::thrift;
using thrift::TApplicationException;
using thrift::protocol::TBinaryProtocolT;
using thrift::protocol::TProtocol;
using thrift::transport::TMemoryBuffer;

// Frame length, version and type, length of the name.
constexpr std::size_t kBytesBeforeName = 12;

std::shared_ptr<thrift::TConfiguration> SharedConfig() {
  static const auto config = MakeThriftConfig(1u << 30);
  return config;
}

Error ErrorOf(const TApplicationException& fault) {
  switch (fault.getType()) {
    case TApplicationException::UNKNOWN_METHOD:
      return {ErrorCode::kUnsupportedVersion, fault.what(), 0};
    case TApplicationException::PROTOCOL_ERROR:
    case TApplicationException::INVALID_MESSAGE_TYPE:
    case TApplicationException::INVALID_PROTOCOL:
      return {ErrorCode::kInvalidRequest, fault.what(), 0};
    case TApplicationException::UNKNOWN:
    case TApplicationException::WRONG_METHOD_NAME:
    case TApplicationException::BAD_SEQUENCE_ID:
    case TApplicationException::MISSING_RESULT:
    case TApplicationException::INTERNAL_ERROR:
    case TApplicationException::INVALID_TRANSFORM:
    case TApplicationException::UNSUPPORTED_CLIENT_TYPE:
      break;
  }
  return {ErrorCode::kUnknownServerError, fault.what(), 0};
}

}  // namespace

EncodedCall EncodeCall(std::string_view method, std::size_t bytes_max,
                       const std::function<void(TProtocol&)>& write_args) {
  ReplyBuffer buffer(bytes_max, SharedConfig());
  const auto writer = MakeWriter(WireProtocol::kBinary, buffer);
  try {
    writer->writeMessageBegin(std::string(method), thrift::protocol::T_CALL, 0);
    write_args(*writer);
    writer->writeMessageEnd();
  } catch (const std::exception&) {
    return {};
  }
  return {buffer.Take(), kBytesBeforeName + method.size()};
}

Status DecodeReply(std::span<const std::uint8_t> reply,
                   const std::function<void(TProtocol&)>& read_result) {
  const auto limit = static_cast<std::int32_t>(reply.size());
  try {
    const auto memory = std::make_shared<TMemoryBuffer>(const_cast<std::uint8_t*>(reply.data()),
                                                        static_cast<std::uint32_t>(reply.size()),
                                                        TMemoryBuffer::OBSERVE, SharedConfig());
    memory->updateKnownMessageSize(limit);
    TBinaryProtocolT<TMemoryBuffer> reader(memory, limit, limit, true, true);
    std::string method;
    thrift::protocol::TMessageType type{};
    std::int32_t seqid = 0;
    reader.readMessageBegin(method, type, seqid);
    if (type == thrift::protocol::T_EXCEPTION) {
      TApplicationException fault;
      fault.read(&reader);
      return ErrorOf(fault);
    }
    if (type != thrift::protocol::T_REPLY) {
      return Error{ErrorCode::kUnknownServerError, "the reply is not a reply message", 0};
    }
    read_result(reader);
  } catch (const std::exception& e) {
    return Error{ErrorCode::kUnknownServerError,
                 std::string("the reply does not decode: ") + e.what(), 0};
  }
  return {};
}

}  // namespace lanemq::rpc
