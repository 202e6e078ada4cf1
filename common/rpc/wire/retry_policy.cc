#include "common/rpc/wire/retry_policy.h"

#include <chrono>

#include "lanemq_types.h"

namespace lanemq::wire {

using std::chrono::milliseconds;

idl::RetryPolicy ToWire(const core::RetryPolicy& policy) {
  idl::RetryPolicy out;
  out.__set_max_attempts(policy.max_attempts);
  out.__set_first_delay_ms(policy.first_delay.count());
  out.__set_max_delay_ms(policy.max_delay.count());
  out.__set_multiplier(policy.multiplier);
  out.__set_jitter(policy.jitter);
  out.__isset.delays_ms = !policy.delays.empty();
  for (const milliseconds delay : policy.delays) out.delays_ms.push_back(delay.count());
  if (!policy.fatal_reasons.empty()) out.__set_fatal_reasons(policy.fatal_reasons);
  if (!policy.retryable_reasons.empty()) out.__set_retryable_reasons(policy.retryable_reasons);
  return out;
}

core::RetryPolicy FromWire(const idl::RetryPolicy& policy) {
  core::RetryPolicy out;
  if (policy.__isset.max_attempts) out.max_attempts = policy.max_attempts;
  if (policy.__isset.first_delay_ms) out.first_delay = milliseconds(policy.first_delay_ms);
  if (policy.__isset.max_delay_ms) out.max_delay = milliseconds(policy.max_delay_ms);
  if (policy.__isset.multiplier) out.multiplier = policy.multiplier;
  if (policy.__isset.jitter) out.jitter = policy.jitter;
  if (policy.__isset.delays_ms) {
    for (const std::int64_t delay : policy.delays_ms) out.delays.emplace_back(delay);
  }
  if (policy.__isset.fatal_reasons) out.fatal_reasons = policy.fatal_reasons;
  if (policy.__isset.retryable_reasons) out.retryable_reasons = policy.retryable_reasons;
  return out;
}

}  // namespace lanemq::wire
