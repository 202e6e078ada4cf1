#include "broker/duties/redrive_pace.h"

#include <algorithm>
#include <cmath>

namespace lanemq::broker {

void RedrivePace::OnJobs(std::span<const core::RedriveJob> jobs, MonotonicTime now) {
  std::map<std::int64_t, Job> next;
  for (const core::RedriveJob& job : jobs) {
    const auto known = jobs_.find(job.id);
    if (known != jobs_.end() && known->second.per_second == job.per_second) {
      next.insert(*known);
    } else {
      next[job.id] = {job.per_second, job.moved, 1.0, now, now};
    }
  }
  jobs_ = std::move(next);
}

double RedrivePace::SavedAt(const Job& job, MonotonicTime now) {
  const double seconds = std::chrono::duration<double>(now - job.since).count();
  return std::min<double>(job.saved + seconds * job.per_second, job.per_second);
}

// Not letter by letter, each of which would be a transaction: a tenth of a second's worth at least.
double RedrivePace::Wanted(const Job& job, std::int32_t max) {
  return std::clamp<double>(std::floor(job.per_second / 10.0), 1, std::max(max, 1));
}

std::vector<RedrivePace::Step> RedrivePace::Ready(MonotonicTime now, std::int32_t max) const {
  std::vector<Step> ready;
  for (const auto& [id, job] : jobs_) {
    if (job.not_before > now) continue;
    if (job.per_second <= 0) {
      ready.push_back({id, max});
      continue;
    }
    const double saved = SavedAt(job, now);
    if (saved < Wanted(job, max)) continue;
    ready.push_back({id, static_cast<std::int32_t>(std::min<double>(saved, max))});
  }
  return ready;
}

std::optional<MonotonicTime> RedrivePace::NextAt(MonotonicTime now, std::int32_t max) const {
  std::optional<MonotonicTime> next;
  for (const auto& [id, job] : jobs_) {
    MonotonicTime at = std::max(job.not_before, now);
    if (job.per_second > 0) {
      const double missing = Wanted(job, max) - SavedAt(job, now);
      const std::chrono::duration<double> wait(std::max(missing, 0.0) / job.per_second);
      // Rounded up: at that time it is enough.
      at = std::max(at, now + std::chrono::ceil<std::chrono::microseconds>(wait));
    }
    next = std::min(next.value_or(at), at);
  }
  return next;
}

std::int64_t RedrivePace::OnStep(std::int64_t id, std::int64_t moved_in_all, bool is_over,
                                 MonotonicTime now) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return 0;
  Job& job = found->second;
  const std::int64_t moved = std::max<std::int64_t>(moved_in_all - job.moved, 0);
  job.moved = moved_in_all;
  job.saved = SavedAt(job, now) - static_cast<double>(moved);
  job.since = now;
  if (is_over) jobs_.erase(found);
  return moved;
}

void RedrivePace::OnFailed(std::int64_t id, MonotonicTime until) {
  const auto found = jobs_.find(id);
  if (found != jobs_.end()) found->second.not_before = until;
}

}  // namespace lanemq::broker
