// Canaries: what they report of the data nodes.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/core/retry/error_text.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kReportsMax = 200;
constexpr std::size_t kInstanceBytesMax = 128;
constexpr std::size_t kNodeBytesMax = 64;
constexpr std::size_t kErrorBytesMax = 1'024;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._/@:-").find(c) != std::string_view::npos;
}

Status CheckName(std::string_view what, const std::string& name, std::size_t max) {
  if (!name.empty() && name.size() <= max && std::ranges::all_of(name, IsNameByte)) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("a canary's {} is 1 to {} of [A-Za-z0-9._/@:-]", what, max)};
}

/// Negative numbers are nobody's: 0.
core::CanaryReport FromWire(const idl::CanaryReport& wire) {
  const auto count = [](std::int64_t value) { return std::max<std::int64_t>(value, 0); };
  core::CanaryReport report;
  report.instance = wire.instance;
  report.node = wire.node;
  report.ok = count(wire.ok);
  report.late = count(wire.late);
  report.lost = count(wire.lost);
  report.duplicates = count(wire.duplicates);
  report.produce_errors = count(wire.produce_errors);
  report.p50 = std::chrono::microseconds{count(wire.p50_us)};
  report.p99 = std::chrono::microseconds{count(wire.p99_us)};
  report.last_ok_age = std::chrono::milliseconds{count(wire.last_ok_age_ms)};
  if (wire.__isset.last_error) {
    report.last_error = std::string(core::CutErrorText(wire.last_error, kErrorBytesMax));
  }
  return report;
}

idl::CanaryReport ToWire(const core::CanaryReport& report) {
  idl::CanaryReport wire;
  wire.instance = report.instance;
  wire.node = report.node;
  wire.ok = report.ok;
  wire.late = report.late;
  wire.lost = report.lost;
  wire.duplicates = report.duplicates;
  wire.produce_errors = report.produce_errors;
  wire.p50_us = report.p50.count();
  wire.p99_us = report.p99.count();
  wire.last_ok_age_ms = report.last_ok_age.count();
  if (!report.last_error.empty()) wire.__set_last_error(report.last_error);
  return wire;
}

}  // namespace

Result<idl::ReportCanaryResponse> ReportCanary(Services& services,
                                               const idl::ReportCanaryRequest& request) {
  const std::string own = services.cache.Current()->cluster_id;
  if (request.__isset.cluster_id && request.cluster_id != own) {
    return Error{
        ErrorCode::kInconsistentClusterId,
        "this metaserver is of cluster " + own + ", the canary of cluster " + request.cluster_id};
  }
  if (request.reports.size() > kReportsMax) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("{} reports at once; at most {}",
                                                         request.reports.size(), kReportsMax)};
  }
  std::vector<core::CanaryReport> reports;
  reports.reserve(request.reports.size());
  for (const idl::CanaryReport& report : request.reports) {
    LANEMQ_RETURN_IF_ERROR(CheckName("instance", report.instance, kInstanceBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckName("data node", report.node, kNodeBytesMax));
    reports.push_back(FromWire(report));
  }
  LANEMQ_RETURN_IF_ERROR(
      services.canaries.Report(reports, Deadline::After(services.clock, kTimeout)));
  return idl::ReportCanaryResponse{};
}

Result<idl::ListCanariesResponse> ListCanaries(Services& services,
                                               const idl::ListCanariesRequest& /*request*/) {
  LANEMQ_ASSIGN_OR_RETURN(const auto canaries,
                          services.canaries.List(Deadline::After(services.clock, kTimeout)));
  idl::ListCanariesResponse out;
  out.canaries.reserve(canaries.size());
  for (const core::RegisteredCanary& canary : canaries) {
    idl::CanaryListing& listing = out.canaries.emplace_back();
    listing.report = ToWire(canary.report);
    listing.reported_us = canary.reported.micros;
    listing.silent_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(canary.silent_for).count();
  }
  return out;
}

}  // namespace lanemq::metaserver
