#include "common/guard/refusal_log.h"

#include <utility>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/access_table.h"
#include "common/core/retry/error_text.h"

namespace lanemq {
namespace {

constexpr std::size_t kWhyBytesMax = 500;

std::string_view AddressOf(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

void RefusalLog::Refused(const RefusedAttempt& attempt, MonotonicTime now) {
  Log("access.refused", attempt, now);
}

void RefusalLog::Observed(const RefusedAttempt& attempt, MonotonicTime now) {
  {
    // Names come from whoever connects: each would be remembered for good.
    const bool is_known = core::FindAccess(attempt.method) != nullptr;
    MutexLock lock(mutex_);
    ++observed_[is_known ? std::string(attempt.method) : "other"];
  }
  Log("access.would_refuse", attempt, now);
}

void RefusalLog::Log(std::string_view event, const RefusedAttempt& attempt, MonotonicTime now) {
  const bool is_known = attempt.caller != nullptr;
  const std::string principal =
      core::ToString(is_known ? attempt.caller->principal : core::Principal{});
  const std::string key = is_known ? principal : std::string(AddressOf(attempt.peer));
  if (!limit_.TakeOf(key, now)) {
    MutexLock lock(mutex_);
    ++left_out_;
    return;
  }
  std::uint64_t left_out = 0;
  {
    MutexLock lock(mutex_);
    left_out = std::exchange(left_out_, 0);
  }
  LANEMQ_LOG(WARN, event, {"principal", principal}, {"method", attempt.method},
             {"why", core::CutErrorText(std::string(attempt.why), kWhyBytesMax)},
             {"peer", attempt.peer}, {"left_out_since", left_out});
}

std::map<std::string, std::uint64_t> RefusalLog::observed() const {
  MutexLock lock(mutex_);
  return observed_;
}

std::uint64_t RefusalLog::observed_total() const {
  MutexLock lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [method, count] : observed_) total += count;
  return total;
}

}  // namespace lanemq
