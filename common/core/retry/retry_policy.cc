#include "common/core/retry/retry_policy.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/types/failure.h"

namespace lanemq::core {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::int32_t kAttemptsMax = 1'000;
constexpr milliseconds kDelayMax = std::chrono::hours{30 * 24};
constexpr double kMultiplierMax = 100.0;
constexpr std::size_t kDelaysMax = 64;
constexpr std::size_t kReasonsMax = 64;

/// Whether `text` can be a JSON string: the library refuses what is not UTF-8.
bool IsText(const std::string& text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

void CheckDelay(std::string_view name, milliseconds delay, std::string& faults) {
  if (delay < milliseconds{0} || delay > kDelayMax) {
    faults += fmt::format("{} is {} ms, not in [0, {}]; ", name, delay.count(), kDelayMax.count());
  }
}

void CheckReasons(std::string_view name, const std::vector<std::string>& reasons,
                  std::string& faults) {
  if (reasons.size() > kReasonsMax) {
    faults += fmt::format("{} has {} entries, at most {} are allowed; ", name, reasons.size(),
                          kReasonsMax);
  }
  for (const std::string& reason : reasons) {
    if (reason.empty() || reason.size() > kFailureReasonBytesMax) {
      faults += fmt::format("{} has one of {} bytes, not in [1, {}]; ", name, reason.size(),
                            kFailureReasonBytesMax);
    } else if (!IsText(reason)) {
      faults += fmt::format("{} has one that is not UTF-8; ", name);
    }
  }
}

bool Contains(const std::vector<std::string>& reasons, std::string_view reason) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

std::vector<std::int64_t> ToCounts(const std::vector<milliseconds>& delays) {
  std::vector<std::int64_t> counts;
  for (const milliseconds delay : delays) counts.push_back(delay.count());
  return counts;
}

/// Reads `name`, if it is there, into `out`.
template <typename T>
void ReadField(const json& object, const char* name, T& out) {
  if (const auto it = object.find(name); it != object.end()) out = it->template get<T>();
}

void ReadMillis(const json& object, const char* name, milliseconds& out) {
  std::int64_t count = out.count();
  ReadField(object, name, count);
  out = milliseconds{count};
}

}  // namespace

Status CheckRetryPolicy(const RetryPolicy& policy) {
  std::string faults;
  if (policy.max_attempts < 1 || policy.max_attempts > kAttemptsMax) {
    faults +=
        fmt::format("max_attempts is {}, not in [1, {}]; ", policy.max_attempts, kAttemptsMax);
  }
  CheckDelay("first_delay", policy.first_delay, faults);
  CheckDelay("max_delay", policy.max_delay, faults);
  if (policy.first_delay > policy.max_delay) faults += "first_delay is longer than max_delay; ";
  // Negated, so that not-a-number fails.
  if (!(policy.multiplier >= 1.0 && policy.multiplier <= kMultiplierMax)) {
    faults += fmt::format("multiplier is {}, not in [1, {}]; ", policy.multiplier, kMultiplierMax);
  }
  if (!(policy.jitter >= 0.0 && policy.jitter <= 1.0)) {
    faults += fmt::format("jitter is {}, not in [0, 1]; ", policy.jitter);
  }
  if (policy.delays.size() > kDelaysMax) {
    faults += fmt::format("delays has {} entries, at most {} are allowed; ", policy.delays.size(),
                          kDelaysMax);
  }
  for (const milliseconds delay : policy.delays) CheckDelay("one of delays", delay, faults);
  CheckReasons("fatal_reasons", policy.fatal_reasons, faults);
  CheckReasons("retryable_reasons", policy.retryable_reasons, faults);
  if (faults.empty()) return {};
  faults.resize(faults.size() - 2);
  return Error{ErrorCode::kInvalidConfig, "retry policy: " + faults};
}

RetryDecision DecideRetry(const RetryPolicy& policy, std::int32_t attempts, std::string_view reason,
                          Random& random) {
  if (attempts >= policy.max_attempts || Contains(policy.fatal_reasons, reason)) return {true, {}};
  if (!policy.retryable_reasons.empty() && !Contains(policy.retryable_reasons, reason)) {
    return {true, {}};
  }
  const std::int32_t failures = std::max(attempts, 1);
  double wait = 0;
  if (!policy.delays.empty()) {
    const std::size_t last = policy.delays.size() - 1;
    const auto at = std::min(static_cast<std::size_t>(failures - 1), last);
    wait = static_cast<double>(policy.delays[at].count());
  } else {
    // May become infinite; the cap ends that. 0 * infinity would not be a number.
    const double first = static_cast<double>(policy.first_delay.count());
    const double grown = first == 0 ? 0 : first * std::pow(policy.multiplier, failures - 1);
    wait = std::min(static_cast<double>(policy.max_delay.count()), grown);
  }
  const double share = 1.0 - policy.jitter * random.Unit();
  return {false, milliseconds{static_cast<std::int64_t>(wait * share)}};
}

std::string RetryPolicyToText(const RetryPolicy& policy) {
  const json object = {
      {"max_attempts", policy.max_attempts},      {"first_delay_ms", policy.first_delay.count()},
      {"max_delay_ms", policy.max_delay.count()}, {"multiplier", policy.multiplier},
      {"delays_ms", ToCounts(policy.delays)},     {"jitter", policy.jitter},
      {"fatal_reasons", policy.fatal_reasons},    {"retryable_reasons", policy.retryable_reasons},
  };
  // A policy that was not checked must not throw here.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<RetryPolicy> RetryPolicyFromText(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return Error{ErrorCode::kInvalidConfig, "retry policy: not a JSON object"};
  }
  RetryPolicy policy;
  try {
    ReadField(object, "max_attempts", policy.max_attempts);
    ReadMillis(object, "first_delay_ms", policy.first_delay);
    ReadMillis(object, "max_delay_ms", policy.max_delay);
    ReadField(object, "multiplier", policy.multiplier);
    std::vector<std::int64_t> delays;
    ReadField(object, "delays_ms", delays);
    for (const std::int64_t delay : delays) policy.delays.emplace_back(delay);
    ReadField(object, "jitter", policy.jitter);
    ReadField(object, "fatal_reasons", policy.fatal_reasons);
    ReadField(object, "retryable_reasons", policy.retryable_reasons);
  } catch (const json::exception& e) {
    return Error{ErrorCode::kInvalidConfig, std::string("retry policy: ") + e.what()};
  }
  LANEMQ_RETURN_IF_ERROR(CheckRetryPolicy(policy));
  return policy;
}

}  // namespace lanemq::core
