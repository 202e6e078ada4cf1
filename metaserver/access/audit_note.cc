#include "metaserver/access/audit_note.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "access_types.h"
#include "common/base/utf8.h"
#include "common/core/access/access_rules.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kAddressBytesMax = 64;

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

bool IsAddress(std::string_view text) {
  return text.size() <= kAddressBytesMax &&
         std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

Status CheckGateway(const Guard& guard, const core::Caller* caller) {
  if (!guard.is_on()) return {};
  const auto book = guard.book();
  if (book != nullptr && caller != nullptr &&
      caller->principal.kind == core::PrincipalKind::kService) {
    const core::Service* service = book->FindService(caller->principal.name);
    if (service != nullptr && service->kind == core::ServiceKind::kGateway) return {};
  }
  return Error{ErrorCode::kClusterAuthorizationFailed,
               fmt::format("{} may not act on behalf of others: only gateways do",
                           core::ToString(caller ? caller->principal : core::Principal{}))};
}

Status CheckTexts(const idl::Origin& origin) {
  if (origin.reason.size() > core::AuditNote::kReasonBytesMax || !IsUtf8(origin.reason)) {
    return Invalid(fmt::format("a reason is at most {} bytes of UTF-8, not {}",
                               core::AuditNote::kReasonBytesMax, origin.reason.size()));
  }
  if (origin.__isset.on_behalf_of) {
    const auto person = core::PrincipalFromString(origin.on_behalf_of);
    if (!person || person->kind != core::PrincipalKind::kPerson) {
      return Invalid("on_behalf_of is person:NAME");
    }
    LANEMQ_RETURN_IF_ERROR(core::CheckAccessName("person", person->name));
  }
  if (!IsAddress(origin.source_address)) {
    return Invalid(
        fmt::format("source_address is at most {} printable characters", kAddressBytesMax));
  }
  return {};
}

}  // namespace

core::AuditNote NoteOf(const rpc::CallContext* context, std::string_view method) {
  core::AuditNote note;
  note.action = method;
  if (context == nullptr) return note;
  if (context->caller() != nullptr) note.actor = core::ToString(context->caller()->principal);
  note.source = context->peer();
  if (context->caller() != nullptr && !context->caller()->gateway.empty()) {
    note.source = fmt::format("{} via {}", context->caller()->client_address, note.source);
  }
  note.request_id = context->request_id();
  return note;
}

Status AddOrigin(const Guard& guard, const core::Caller* caller, const idl::Origin& origin,
                 core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(CheckTexts(origin));
  if (origin.__isset.on_behalf_of || origin.__isset.source_address) {
    LANEMQ_RETURN_IF_ERROR(CheckGateway(guard, caller));
  }
  note.reason = origin.reason;
  note.on_behalf_of = origin.on_behalf_of;
  if (!origin.source_address.empty()) {
    note.source = fmt::format("{} via {}", origin.source_address, note.source);
  }
  return {};
}

std::string PersonOf(const Guard& guard, const core::AuditNote& note, const std::string& claimed) {
  if (!guard.is_on()) return claimed;
  return note.on_behalf_of.empty() ? note.actor : note.on_behalf_of;
}

Result<core::AuditNote> NoteOfChange(const Guard& guard, DenialLog& denials,
                                     const CheckedCall& call, core::AuditedChange attempted) {
  core::AuditNote note = NoteOf(call.context, call.method);
  const core::Caller* caller = call.context ? call.context->caller().get() : nullptr;
  const Status said = call.origin ? AddOrigin(guard, caller, *call.origin, note) : Status{};
  const Status& refused = call.allowed.ok() ? said : call.allowed;
  if (refused.ok()) return note;
  // What is wrong in itself was nobody's attempt to do more than he may.
  if (!call.allowed.ok() || refused.error().code == ErrorCode::kClusterAuthorizationFailed) {
    denials.Tell(std::move(note), std::move(attempted));
  }
  return refused.error();
}

}  // namespace lanemq::metaserver
