#include "portal/api/transcode/call_bytes.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "portal/api/transcode/wire.h"

namespace lanemq::portal {
namespace {

constexpr std::int16_t kRequest = 1;  // The one argument of every method,
constexpr std::int16_t kSuccess = 0;  // and what its result struct has.
constexpr std::int16_t kDeclared = 1;
constexpr int kSkipDepth = 32;
constexpr std::uint32_t kUnknownMethod = 1;  // Of TApplicationException's types.

RpcReply Broken(std::string why) {
  return {{}, {}, Error{ErrorCode::kUnknownServerError, std::move(why), 0}};
}

std::int64_t NumberIn(const nlohmann::ordered_json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return 0;
  return std::strtoll(found->get_ref<const std::string&>().c_str(), nullptr, 10);
}

ErrorCode CodeOf(const nlohmann::ordered_json& code) {
  // Codes of newer servers stay numbers.
  if (!code.is_string()) return ErrorCode::kUnknownServerError;
  const Schema& schema = TheSchema();
  const StructRow* const row = schema.FindStruct("LaneMqError");
  const FieldRow* const field = schema.FindField(*row, "code");
  for (const EnumValueRow& value : schema.values(schema.enumeration(schema.type(field->type).a))) {
    if (value.name == code.get_ref<const std::string&>()) return ErrorCodeFromNumber(value.value);
  }
  return ErrorCode::kUnknownServerError;
}

RpcReply Declared(const Schema& schema, wire::Reader& reader) {
  const auto error = DecodeStruct(schema, *schema.FindStruct("LaneMqError"), reader);
  if (!error) return Broken("the server's error does not decode");
  const std::string message = error->value("message", "");
  return {{},
          error->value("request_id", ""),
          Error{CodeOf(error->value("code", nlohmann::ordered_json())), message,
                NumberIn(*error, "retry_after_ms")}};
}

// TApplicationException: 1 message, 2 type.
RpcReply ApplicationFault(wire::Reader& reader) {
  std::string message;
  std::uint32_t type = 0;
  while (reader.ok()) {
    const std::uint8_t kind = reader.Byte();
    if (kind == wire::kStop) break;
    const auto id = reader.Integer<std::uint16_t>();
    if (id == 1 && kind == wire::kString) {
      message = reader.Bytes();
    } else if (id == 2 && kind == wire::kI32) {
      type = reader.Integer<std::uint32_t>();
    } else {
      reader.Skip(kind, kSkipDepth);
    }
  }
  return {{},
          {},
          Error{type == kUnknownMethod ? ErrorCode::kUnsupportedVersion
                                       : ErrorCode::kUnknownServerError,
                message, 0}};
}

}  // namespace

std::string EncodeCallFrame(std::string_view method, std::string_view request_bytes,
                            std::int32_t seqid) {
  wire::Writer body;
  body.Integer(wire::kVersion | wire::kCall);
  body.Bytes(method);
  body.Integer(static_cast<std::uint32_t>(seqid));
  body.FieldHead(wire::kStruct, kRequest);
  body.Raw(request_bytes);
  body.Byte(wire::kStop);
  wire::Writer frame;
  frame.Bytes(body.Take());
  return frame.Take();
}

RpcReply DecodeReplyFrame(const Schema& schema, const MethodRow& method, std::string frame,
                          std::int32_t seqid, const ListPick* pick) {
  RpcReply reply;
  reply.late.bytes = std::move(frame);
  wire::Reader reader(reply.late.bytes);
  const auto version = reader.Integer<std::uint32_t>();
  reader.Bytes();  // The method's name; the sequence id tells more.
  const auto got = static_cast<std::int32_t>(reader.Integer<std::uint32_t>());
  if (!reader.ok() || (version & wire::kVersionMask) != wire::kVersion || got != seqid) {
    return Broken("the reply is not one to this call");
  }
  if ((version & 0xff) == wire::kException) return ApplicationFault(reader);
  if ((version & 0xff) != wire::kReply) return Broken("the reply is not a reply");
  while (reader.ok()) {
    const std::uint8_t kind = reader.Byte();
    if (kind == wire::kStop) break;
    const auto id = static_cast<std::int16_t>(reader.Integer<std::uint16_t>());
    if (kind == wire::kStruct && id == kSuccess) {
      const StructRow& row = schema.structure(method.response);
      auto body = pick == nullptr ? DecodeStruct(schema, row, reader)
                                  : DecodeStruct(schema, row, reader, *pick, reply.late);
      if (!body) return Broken("the reply does not decode");
      reply.body = *std::move(body);
      if (reply.late.row == nullptr) reply.late.bytes.clear();
      return reply;
    }
    if (kind == wire::kStruct && id == kDeclared) return Declared(schema, reader);
    reader.Skip(kind, kSkipDepth);
  }
  return Broken("the reply has no result");
}

}  // namespace lanemq::portal
