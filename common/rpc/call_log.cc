#include "common/rpc/call_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "lanemq_types.h"

namespace lanemq::rpc {
namespace {

constexpr std::int32_t kShownDefault = 50;
constexpr std::int32_t kShownMax = 200;

/// Whether somebody may come and ask about it. What clients repeat by themselves is how a cluster
/// that changes looks, and would hide the rest.
bool IsWorthALine(const CallEvent& event) {
  if (event.outcome == CallOutcome::kBroken) return true;
  if (!event.error) return false;
  switch (RetryOf(*event.error)) {
    case Retry::kNever:
    case Retry::kAfterDelay:
      return true;
    default:
      return *event.error == ErrorCode::kOutcomeUnknown;
  }
}

}  // namespace

void CallLog::OnCall(const CallEvent& event) {
  const auto worked = event.duration - event.waited;
  if (slow_.IsSlow(SlowCall::Kind::kRequest, worked) && event.outcome != CallOutcome::kCancelled) {
    SlowCall call;
    call.what = event.method;
    call.took = std::chrono::duration_cast<std::chrono::milliseconds>(worked);
    if (event.request_id) call.request_id = event.request_id();
    call.detail = event.detail;
    call.peer = event.peer;
    slow_.Add(std::move(call));
  }
  if (IsWorthALine(event)) LogFailure(event);
}

void CallLog::LogFailure(const CallEvent& event) {
  if (!LogEnabled(LogLevel::INFO)) return;
  std::optional<std::size_t> left_out;
  {
    MutexLock lock(mutex_);
    left_out = failures_.Take(SystemClock::Instance().Now());
  }
  if (!left_out) return;
  LANEMQ_LOG(INFO, "rpc.failed", {"method", event.method},
             {"request_id", event.request_id ? event.request_id() : std::string()},
             {"error", event.error ? NameOf(*event.error) : "no reply could be made"},
             {"detail", event.detail}, {"peer", event.peer}, {"left_out", *left_out});
}

idl::SlowCallsResponse SlowCallsOf(const SlowLog& slow, const idl::SlowCallsRequest& request) {
  const std::int32_t max =
      std::clamp(request.__isset.max ? request.max : kShownDefault, 1, kShownMax);
  idl::SlowCallsResponse out;
  out.request_threshold_ms = slow.options().request.count();
  out.sql_threshold_ms = slow.options().sql.count();
  for (const SlowCall& call : slow.Newest(static_cast<std::size_t>(max))) {
    idl::SlowCall& shown = out.calls.emplace_back();
    shown.at_us = call.at.micros;
    shown.what = call.what;
    shown.took_ms = call.took.count();
    if (!call.request_id.empty()) shown.__set_request_id(call.request_id);
    if (!call.detail.empty()) shown.__set_detail(call.detail);
    if (!call.peer.empty()) shown.__set_peer(call.peer);
    shown.kind = NameOf(call.kind);
  }
  return out;
}

}  // namespace lanemq::rpc
