#include "broker/retention/expiry.h"

#include "common/core/retention/expiry_rules.h"

namespace lanemq::broker {

Expiry::Outcome Expiry::Run(core::RetentionStore& store, const Clock& clock,
                            const std::function<std::optional<core::Fence>()>& term,
                            const std::function<Deadline()>& deadline) {
  next_ = clock.Now() + every_;
  Outcome outcome;
  for (const core::ExpiryRule& rule : core::kExpiryRules) {
    for (int i = 0; i < steps_max_; ++i) {
      const auto fence = term();
      if (!fence) return outcome;
      const auto expired = store.Expire(rule.name, rule.age, rule.batch, *fence, deadline());
      if (!expired.ok()) {
        if (!outcome.failure) outcome.failure = expired.error();
        break;
      }
      outcome.rows += *expired;
      if (*expired < rule.batch) break;
    }
  }
  return outcome;
}

}  // namespace lanemq::broker
