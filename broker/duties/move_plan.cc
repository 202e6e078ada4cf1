#include "broker/duties/move_plan.h"

#include <algorithm>
#include <tuple>

namespace lanemq::broker {

void MovePlan::OnFronts(const core::DelayedStore::Fronts& fronts, MonotonicTime answered_at) {
  clock_ = Moment{answered_at, fronts.now};
  fronts_.clear();
  for (const core::DelayedFront& front : fronts.fronts) fronts_[front.key] = front.due;
  std::erase_if(failing_, [&](const auto& entry) { return !fronts_.contains(entry.first); });
  std::erase_if(elsewhere_, [&](const auto& key) { return !fronts_.contains(key); });
}

std::vector<core::DelayedFront> MovePlan::TakeDue(MonotonicTime now, std::size_t max) {
  std::vector<core::DelayedFront> due;
  for (const auto& [key, at] : fronts_) {
    if (ReadyAt(key, at) <= now) due.push_back({key, at});
  }
  const auto by_due = [&](const auto& a, const auto& b) {
    const bool is_a_elsewhere = elsewhere_.contains(a.key);
    const bool is_b_elsewhere = elsewhere_.contains(b.key);
    return std::tie(is_a_elsewhere, a.due, a.key) < std::tie(is_b_elsewhere, b.due, b.key);
  };
  std::sort(due.begin(), due.end(), by_due);
  if (due.size() > max) due.resize(max);
  for (const core::DelayedFront& front : due) fronts_.erase(front.key);
  return due;
}

void MovePlan::OnMoved(const core::PartitionKey& key, const core::DelayedMove& move,
                       MonotonicTime answered_at) {
  clock_ = Moment{answered_at, move.now};
  failing_.erase(key);
  elsewhere_.erase(key);
  if (move.next_due) fronts_[key] = *move.next_due;
}

void MovePlan::OnFailed(const core::DelayedFront& front, MonotonicTime now) {
  elsewhere_.erase(front.key);
  fronts_[front.key] = front.due;
  const Rhythm fresh(options_.retry_first, options_.retry_slowest);
  failing_.try_emplace(front.key, fresh).first->second.OnFailed(now);
}

void MovePlan::OnElsewhere(const core::DelayedFront& front, MonotonicTime now) {
  failing_.erase(front.key);
  OnFailed(front, now);
  elsewhere_.insert(front.key);
}

void MovePlan::Clear() {
  clock_.reset();
  fronts_.clear();
  failing_.clear();
  elsewhere_.clear();
}

std::optional<MonotonicTime> MovePlan::NextDueAt() const {
  std::optional<MonotonicTime> next;
  for (const auto& [key, due] : fronts_) {
    const MonotonicTime at = ReadyAt(key, due);
    next = std::min(next.value_or(at), at);
  }
  return next;
}

std::optional<WallTime> MovePlan::DatabaseTime(MonotonicTime at) const {
  if (!clock_) return std::nullopt;
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(at - clock_->at);
  return WallTime{clock_->database.micros + since.count()};
}

std::chrono::nanoseconds MovePlan::Overdue(MonotonicTime now) const {
  const auto database = DatabaseTime(now);
  std::chrono::nanoseconds longest{0};
  if (!database) return longest;
  for (const auto& [key, due] : fronts_) {
    if (elsewhere_.contains(key)) continue;
    const std::chrono::microseconds late{database->micros - due.micros};
    longest = std::max<std::chrono::nanoseconds>(longest, late);
  }
  return longest;
}

MonotonicTime MovePlan::ReadyAt(const core::PartitionKey& key, WallTime due) const {
  // A due time may be centuries away, which nanoseconds cannot count.
  constexpr std::chrono::microseconds kFar = std::chrono::hours(24 * 365);
  const std::int64_t now = clock_ ? clock_->database.micros : due.micros;
  const auto wait = due.micros <= now                 ? std::chrono::microseconds{0}
                    : due.micros - kFar.count() > now ? kFar
                                                      : std::chrono::microseconds{due.micros - now};
  MonotonicTime at = clock_ ? clock_->at + wait : MonotonicTime{};
  const auto failing = failing_.find(key);
  if (failing != failing_.end()) at = std::max(at, failing->second.next());
  return at;
}

}  // namespace lanemq::broker
