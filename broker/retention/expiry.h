#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "common/base/clock.h"
#include "common/core/store/retention_store.h"

namespace lanemq::broker {

/// Removes old rows of a data node that are no messages, by the table in
/// common/core/retention/expiry_rules.h: a bounded number of bounded transactions each round; what
/// is left waits for the next. Told the time. Not thread-safe.
class Expiry {
 public:
  Expiry(std::chrono::nanoseconds every, int steps_max) : every_(every), steps_max_(steps_max) {}

  [[nodiscard]] bool IsDue(MonotonicTime now) const { return now >= next_; }
  [[nodiscard]] MonotonicTime next() const { return next_; }

  struct Outcome {
    std::int64_t rows = 0;
    std::optional<Error> failure;  ///< The first; the other rules were tried all the same.
  };
  /// One round. `term` is asked before each transaction; nullopt ends the round.
  Outcome Run(core::RetentionStore& store, const Clock& clock,
              const std::function<std::optional<core::Fence>()>& term,
              const std::function<Deadline()>& deadline);

 private:
  const std::chrono::nanoseconds every_;
  const int steps_max_;
  MonotonicTime next_{};
};

}  // namespace lanemq::broker
