#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "common/base/time.h"
#include "common/core/store/dead_letter_store.h"

namespace lanemq::broker {

/// How many letters of each redrive may be moved now, so that none is faster than its `per_second`:
/// a second's worth is saved up, no more. Pure: told the time. Not thread-safe.
class RedrivePace {
 public:
  /// The jobs that run, as read at `now`; others are forgotten. A new one has one letter saved.
  void OnJobs(std::span<const core::RedriveJob> jobs, MonotonicTime now);

  /// A job and how many letters of it the next step may move: at least 1.
  struct Step {
    std::int64_t id = 0;
    std::int32_t max = 0;
  };
  /// Every job that may take a step of up to `max` at `now`.
  [[nodiscard]] std::vector<Step> Ready(MonotonicTime now, std::int32_t max) const;
  /// When the next job may; `now` when one may already; nullopt: there is none.
  [[nodiscard]] std::optional<MonotonicTime> NextAt(MonotonicTime now, std::int32_t max) const;

  /// A step has brought the job to `moved_in_all` letters; `is_over`: it was the last one. Answers
  /// how many this step moved.
  std::int64_t OnStep(std::int64_t id, std::int64_t moved_in_all, bool is_over, MonotonicTime now);
  /// A step failed: this one waits.
  void OnFailed(std::int64_t id, MonotonicTime until);
  void Clear() { jobs_.clear(); }

 private:
  struct Job {
    std::int32_t per_second = 0;
    std::int64_t moved = 0;  ///< In all.
    double saved = 0;        ///< Letters, as of `since`.
    MonotonicTime since;
    MonotonicTime not_before;
  };
  [[nodiscard]] static double SavedAt(const Job& job, MonotonicTime now);
  [[nodiscard]] static double Wanted(const Job& job, std::int32_t max);

  std::map<std::int64_t, Job> jobs_;
};

}  // namespace lanemq::broker
