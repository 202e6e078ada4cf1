// The audit log, searched.
#include <fmt/format.h>

#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::string_view kOk = "ok";
constexpr std::string_view kDenied = "denied";

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Result<core::AuditSearch> FromWire(const idl::SearchAuditRequest& request) {
  core::AuditSearch search;
  search.actor = request.actor;
  search.object_kind = request.object_kind;
  search.object_name = request.object_name;
  search.action = request.action;
  if (request.__isset.from_us) search.from = WallTime{request.from_us};
  if (request.__isset.until_us) search.until = WallTime{request.until_us};
  if (request.__isset.result) {
    if (request.result != kOk && request.result != kDenied) {
      return Invalid(fmt::format("result is {} or {}", kOk, kDenied));
    }
    search.result = request.result == kOk ? core::AuditResult::kOk : core::AuditResult::kDenied;
  }
  if (request.__isset.before_id) search.before_id = request.before_id;
  if (request.__isset.max) {
    if (request.max < 1 || static_cast<std::size_t>(request.max) > core::AuditSearch::kPageMax) {
      return Invalid(fmt::format("max is 1 to {}", core::AuditSearch::kPageMax));
    }
    search.max = static_cast<std::size_t>(request.max);
  }
  return search;
}

idl::AuditEvent ToWire(const core::AuditEvent& event) {
  idl::AuditEvent wire;
  wire.id = event.id;
  wire.at_us = event.at.micros;
  wire.actor = event.note.actor;
  if (!event.note.on_behalf_of.empty()) wire.__set_on_behalf_of(event.note.on_behalf_of);
  wire.source = event.note.source;
  wire.request_id = event.note.request_id;
  wire.action = event.note.action;
  wire.object_kind = event.change.object_kind;
  wire.object_name = event.change.object_name;
  if (!event.change.before_json.empty()) wire.__set_before_json(event.change.before_json);
  if (!event.change.after_json.empty()) wire.__set_after_json(event.change.after_json);
  if (!event.note.reason.empty()) wire.__set_reason(event.note.reason);
  wire.result = event.result == core::AuditResult::kOk ? kOk : kDenied;
  return wire;
}

}  // namespace

Result<idl::SearchAuditResponse> SearchAudit(Services& services,
                                             const idl::SearchAuditRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AuditSearch search, FromWire(request));
  LANEMQ_ASSIGN_OR_RETURN(const core::AuditPage page,
                          services.audit.Search(search, ForAccess(services)));
  idl::SearchAuditResponse out;
  for (const core::AuditEvent& event : page.events) out.events.push_back(ToWire(event));
  out.has_more = page.has_more;
  return out;
}

}  // namespace lanemq::metaserver
