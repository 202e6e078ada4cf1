#include "client/cli/text/policy_flags.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/time_text.h"
#include "common/core/retry/retry_policy.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kDelaysShown = 3;

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

Result<std::int64_t> DelayOf(std::string_view flag, std::string_view text) {
  auto delay = ParseDelay(text);
  if (delay.ok()) return delay;
  return Error{delay.error().code, fmt::format("{}: {}", flag, delay.error().message)};
}

Result<std::vector<std::int64_t>> DelaysOf(const std::string& text) {
  std::vector<std::int64_t> delays;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t delay,
        DelayOf("--delays", std::string_view(text).substr(begin, comma - begin)));
    delays.push_back(delay);
    begin = comma + 1;
  }
  return delays;
}

bool HasGrowth(const PolicyFlags& flags) {
  return !flags.first_delay.empty() || !flags.max_delay.empty() || flags.multiplier.has_value();
}

bool HasFields(const PolicyFlags& flags) {
  return flags.max_attempts || HasGrowth(flags) || !flags.delays.empty() || flags.jitter ||
         !flags.fatal_reasons.empty() || !flags.retryable_reasons.empty() || flags.has_any_reason;
}

}  // namespace

bool ChangesPolicy(const PolicyFlags& flags) { return HasFields(flags) || flags.should_unset; }

idl::RetryPolicy WithDefaults(const idl::RetryPolicy& policy) {
  const core::RetryPolicy defaults;
  idl::RetryPolicy full = policy;
  if (!policy.__isset.max_attempts) full.__set_max_attempts(defaults.max_attempts);
  if (!policy.__isset.first_delay_ms) full.__set_first_delay_ms(defaults.first_delay.count());
  if (!policy.__isset.max_delay_ms) full.__set_max_delay_ms(defaults.max_delay.count());
  if (!policy.__isset.multiplier) full.__set_multiplier(defaults.multiplier);
  if (!policy.__isset.delays_ms) full.__set_delays_ms({});
  if (!policy.__isset.jitter) full.__set_jitter(defaults.jitter);
  if (!policy.__isset.fatal_reasons) full.__set_fatal_reasons({});
  if (!policy.__isset.retryable_reasons) full.__set_retryable_reasons({});
  return full;
}

Result<idl::RetryPolicy> ChangePolicy(const idl::RetryPolicy& present, const PolicyFlags& flags) {
  if (flags.should_unset && HasFields(flags)) {
    return Bad("--unset removes the policy: give no other field with it");
  }
  if (HasGrowth(flags) && !flags.delays.empty()) {
    return Bad("--delays names every wait: give no --first-delay, --max-delay, --multiplier");
  }
  if (flags.has_any_reason && (!flags.fatal_reasons.empty() || !flags.retryable_reasons.empty())) {
    return Bad("--any-reason forgets the lists of reasons: give none with it");
  }
  idl::RetryPolicy policy = WithDefaults(present);
  if (flags.max_attempts) policy.__set_max_attempts(*flags.max_attempts);
  if (HasGrowth(flags)) policy.__set_delays_ms({});
  if (!flags.first_delay.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const auto delay, DelayOf("--first-delay", flags.first_delay));
    policy.__set_first_delay_ms(delay);
  }
  if (!flags.max_delay.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const auto delay, DelayOf("--max-delay", flags.max_delay));
    policy.__set_max_delay_ms(delay);
  }
  if (flags.multiplier) policy.__set_multiplier(*flags.multiplier);
  if (!flags.delays.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const auto delays, DelaysOf(flags.delays));
    policy.__set_delays_ms(delays);
  }
  if (flags.jitter) policy.__set_jitter(*flags.jitter);
  if (flags.has_any_reason) {
    policy.__set_fatal_reasons({});
    policy.__set_retryable_reasons({});
  }
  if (!flags.fatal_reasons.empty()) policy.__set_fatal_reasons(flags.fatal_reasons);
  if (!flags.retryable_reasons.empty()) policy.__set_retryable_reasons(flags.retryable_reasons);
  return policy;
}

Result<std::int64_t> ParseDelay(std::string_view text) {
  LANEMQ_ASSIGN_OR_RETURN(const std::chrono::microseconds delay, ParseDuration(text));
  if (delay.count() % 1'000 == 0) return delay.count() / 1'000;
  return Bad(fmt::format("'{}' is not a whole number of milliseconds", text));
}

std::string DelayText(std::int64_t millis) {
  struct Unit {
    std::string_view name;
    std::int64_t millis;
  };
  constexpr Unit kUnits[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}};
  std::string text;
  for (const Unit& unit : kUnits) {
    if (millis < unit.millis) continue;
    text += fmt::format("{}{}", millis / unit.millis, unit.name);
    millis %= unit.millis;
  }
  if (millis > 0 || text.empty()) text += fmt::format("{}ms", millis);
  return text;
}

std::string DelaysText(const idl::RetryPolicy& policy) {
  const idl::RetryPolicy full = WithDefaults(policy);
  std::vector<std::string> texts;
  if (!full.delays_ms.empty()) {
    for (const std::int64_t delay : full.delays_ms) texts.push_back(DelayText(delay));
    if (texts.size() > 1) texts.back() = "then " + texts.back();
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  double delay = static_cast<double>(full.first_delay_ms);
  const auto most = static_cast<double>(full.max_delay_ms);
  while (texts.size() < kDelaysShown && delay < most) {
    texts.push_back(DelayText(std::llround(delay)));
    if (delay * full.multiplier <= delay) return fmt::format("{}", fmt::join(texts, ", "));
    delay *= full.multiplier;
  }
  if (delay >= most) {
    texts.push_back((texts.empty() ? "" : "then ") + DelayText(full.max_delay_ms));
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  return fmt::format("{}, ... up to {}", fmt::join(texts, ", "), DelayText(full.max_delay_ms));
}

}  // namespace lanemq::cli
