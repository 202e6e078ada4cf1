// Outboxes: what their relays report of them.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/retry/error_text.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

using core::OutboxRegistry;

constexpr std::chrono::seconds kTimeout{5};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._/@:-").find(c) != std::string_view::npos;
}

Status CheckName(const std::string& outbox) {
  if (!outbox.empty() && outbox.size() <= OutboxRegistry::kNameBytesMax &&
      std::ranges::all_of(outbox, IsNameByte)) {
    return {};
  }
  return Error{ErrorCode::kInvalidRequest, fmt::format("an outbox's name is 1 to {} of "
                                                       "[A-Za-z0-9._/@:-]",
                                                       OutboxRegistry::kNameBytesMax)};
}

/// Negative numbers are nobody's: 0.
core::OutboxReport FromWire(const idl::OutboxReport& wire) {
  const auto cut = [](const std::string& text, std::size_t max) {
    return std::string(core::CutErrorText(text, max));
  };
  const auto count = [](auto value) { return std::max(value, decltype(value){0}); };
  core::OutboxReport report;
  report.outbox = wire.outbox;
  report.relay = cut(wire.relay, OutboxRegistry::kNameBytesMax);
  report.ready = count(wire.ready);
  report.held = count(wire.held);
  report.dead = count(wire.dead);
  report.oldest_age = std::chrono::milliseconds{count(wire.oldest_age_ms)};
  report.relays = count(wire.relays);
  report.unowned_buckets = count(wire.unowned_buckets);
  if (wire.__isset.holds) report.holds = count(wire.holds);
  if (wire.__isset.published) report.published = count(wire.published);
  if (wire.__isset.failed) report.failed = count(wire.failed);
  if (wire.__isset.last_error) {
    report.last_error = cut(wire.last_error, OutboxRegistry::kErrorBytesMax);
  }
  if (wire.__isset.version) report.version = cut(wire.version, OutboxRegistry::kVersionBytesMax);
  return report;
}

idl::OutboxReport ToWire(const core::OutboxReport& report) {
  idl::OutboxReport wire;
  wire.outbox = report.outbox;
  wire.relay = report.relay;
  wire.ready = report.ready;
  wire.held = report.held;
  wire.dead = report.dead;
  wire.oldest_age_ms = report.oldest_age.count();
  wire.relays = report.relays;
  wire.unowned_buckets = report.unowned_buckets;
  if (report.holds) wire.__set_holds(*report.holds);
  if (report.published) wire.__set_published(*report.published);
  if (report.failed) wire.__set_failed(*report.failed);
  if (!report.last_error.empty()) wire.__set_last_error(report.last_error);
  if (!report.version.empty()) wire.__set_version(report.version);
  return wire;
}

}  // namespace

Result<idl::ReportOutboxResponse> ReportOutbox(Services& services,
                                               const idl::ReportOutboxRequest& request,
                                               const rpc::CallContext& call) {
  const std::string own = services.cache.Current()->cluster_id;
  if (request.__isset.cluster_id && request.cluster_id != own) {
    return Error{
        ErrorCode::kInconsistentClusterId,
        "this metaserver is of cluster " + own + ", the relay of cluster " + request.cluster_id};
  }
  LANEMQ_RETURN_IF_ERROR(CheckName(request.report.outbox));
  // Nobody may hide the trouble of another's outbox.
  const bool is_known = services.guard.is_on() && call.caller() != nullptr;
  LANEMQ_RETURN_IF_ERROR(services.outboxes.Report(
      FromWire(request.report), is_known ? core::ToString(call.caller()->principal) : "",
      Deadline::After(services.clock, kTimeout)));
  return idl::ReportOutboxResponse{};
}

Result<idl::ListOutboxesResponse> ListOutboxes(Services& services,
                                               const idl::ListOutboxesRequest& /*request*/) {
  LANEMQ_ASSIGN_OR_RETURN(const auto outboxes,
                          services.outboxes.List(Deadline::After(services.clock, kTimeout)));
  idl::ListOutboxesResponse out;
  out.outboxes.reserve(outboxes.size());
  for (const core::RegisteredOutbox& outbox : outboxes) {
    idl::OutboxListing& listing = out.outboxes.emplace_back();
    listing.report = ToWire(outbox.report);
    listing.first_seen_us = outbox.first_seen.micros;
    listing.reported_us = outbox.reported.micros;
    listing.silent_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(outbox.silent_for).count();
  }
  return out;
}

Result<idl::ForgetOutboxResponse> ForgetOutbox(Services& services,
                                               const idl::ForgetOutboxRequest& request,
                                               const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(CheckName(request.outbox));
  LANEMQ_RETURN_IF_ERROR(
      services.outboxes.Forget(request.outbox, note, Deadline::After(services.clock, kTimeout)));
  return idl::ForgetOutboxResponse{};
}

}  // namespace lanemq::metaserver
