#include "tests/conformance/fake_lag_history.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/core/lag/lag_verdict.h"

namespace lanemq::testing {
namespace {

using core::Fence;
using core::LagHistoryRow;
using core::LagTier;
using core::TopicId;
using std::chrono::microseconds;

std::int64_t Width(const LagTier& tier) { return microseconds{tier.bucket}.count(); }

/// The first time that a tier keeps.
WallTime FirstKept(const LagTier& tier, WallTime now) {
  return WallTime{now.micros - microseconds{tier.kept}.count()};
}

std::string_view WorstName(std::string_view a, std::string_view b) {
  const auto left = core::LagStatusFromString(a);
  const auto right = core::LagStatusFromString(b);
  if (!left || !right) return left ? a : right ? b : "";
  return *left > *right ? a : b;
}

}  // namespace

void FakeLagHistory::SetTerm(const std::string& lease, core::FencingToken token) {
  MutexLock lock(mutex_);
  terms_[lease] = token;
}

void FakeLagHistory::Advance(microseconds by) {
  MutexLock lock(mutex_);
  now_.micros += by.count();
}

void FakeLagHistory::FailWith(std::optional<ErrorCode> code) {
  MutexLock lock(mutex_);
  fault_ = code;
}

std::size_t FakeLagHistory::size() const {
  MutexLock lock(mutex_);
  return rows_.size();
}

Status FakeLagHistory::CheckReadable() const {
  return fault_ ? Status{Error{*fault_, "on request"}} : Status{};
}

Status FakeLagHistory::CheckFence(const Fence& fence) const {
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  const auto term = terms_.find(fence.lease);
  if (term != terms_.end() && term->second == fence.token) return {};
  return Error{ErrorCode::kFenced, "lease '" + fence.lease + "': another term"};
}

Result<WallTime> FakeLagHistory::Now(Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  return now_;
}

Status FakeLagHistory::Write(std::span<const LagHistoryRow> rows, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckFence(fence));
  for (const LagHistoryRow& row : rows) {
    rows_.insert_or_assign(Key{0, row.at, row.group, row.topic}, row);
  }
  return {};
}

void FakeLagHistory::RollUpBucket(std::int32_t from_tier, WallTime begin, WallTime end) {
  std::map<Key, LagHistoryRow> sums;
  for (auto at = rows_.lower_bound(Key{from_tier, begin, "", TopicId{0}});
       at != rows_.end() && std::get<0>(at->first) == from_tier && std::get<1>(at->first) < end;
       ++at) {
    const LagHistoryRow& row = at->second;
    LagHistoryRow& sum = sums[Key{from_tier + 1, begin, row.group, row.topic}];
    sum.group = row.group;
    sum.topic = row.topic;
    sum.at = begin;
    sum.lag_messages = row.lag_messages;
    sum.lag_messages_max = std::max(sum.lag_messages_max, row.lag_messages_max);
    sum.lag_max = std::max(sum.lag_max, row.lag_max);
    sum.produced += row.produced;
    sum.consumed += row.consumed;
    sum.members = row.members;
    sum.worst_status = WorstName(sum.worst_status, row.worst_status);
  }
  for (auto& [key, sum] : sums) rows_.insert_or_assign(key, std::move(sum));
}

Status FakeLagHistory::RollUp(std::int32_t from_tier, WallTime since, WallTime until,
                              const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  if (from_tier < 0 || from_tier + 1 >= std::ssize(core::kLagTiers)) {
    return Error{ErrorCode::kInvalidRequest, "no next tier"};
  }
  LANEMQ_RETURN_IF_ERROR(CheckFence(fence));
  const std::int64_t width = Width(core::kLagTiers[from_tier + 1]);
  const WallTime kept = FirstKept(core::kLagTiers[from_tier], now_);
  const std::int64_t first = (std::max(since, kept).micros + width - 1) / width;
  for (std::int64_t number = first; number * width < until.micros; ++number) {
    const WallTime end{(number + 1) * width};
    if (end > now_) break;
    RollUpBucket(from_tier, WallTime{number * width}, end);
  }
  return {};
}

Result<std::int64_t> FakeLagHistory::Expire(std::int32_t max, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckFence(fence));
  std::int64_t expired = 0;
  for (auto at = rows_.begin(); at != rows_.end() && expired < max;) {
    const LagTier& tier = core::kLagTiers[std::get<0>(at->first)];
    if (std::get<1>(at->first) < FirstKept(tier, now_)) {
      at = rows_.erase(at);
      ++expired;
    } else {
      ++at;
    }
  }
  return expired;
}

Result<std::vector<LagHistoryRow>> FakeLagHistory::Newest(std::chrono::seconds age, std::size_t max,
                                                          Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  const WallTime oldest{now_.micros - microseconds{age}.count()};
  std::map<std::pair<std::string, TopicId>, LagHistoryRow> newest;
  for (const auto& [key, row] : rows_) {
    if (std::get<0>(key) == 0 && row.at >= oldest) newest[{row.group, row.topic}] = row;
  }
  std::vector<LagHistoryRow> rows;
  for (auto& [key, row] : newest) {
    if (rows.size() < max) rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<LagHistoryRow>> FakeLagHistory::Read(std::string_view group, TopicId topic,
                                                        std::int32_t tier, WallTime from,
                                                        WallTime until, std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  std::vector<LagHistoryRow> rows;
  for (const auto& [key, row] : rows_) {
    const bool is_asked = std::get<0>(key) == tier && row.group == group && row.topic == topic &&
                          row.at >= from && row.at < until;
    if (!is_asked || rows.size() >= max) continue;
    rows.push_back(row);
    rows.back().partitions.clear();
  }
  return rows;
}

Result<std::vector<LagHistoryRow>> FakeLagHistory::ProducedHourly(std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  const std::int64_t hour = Width(core::kLagTiers[2]);
  const std::int64_t this_hour = now_.micros / hour * hour;
  std::vector<LagHistoryRow> rows;
  for (const auto& [key, row] : rows_) {
    const bool is_asked = std::get<0>(key) == 2 && row.group.empty() &&
                          row.at.micros >= this_hour - 24 * hour && row.at.micros < this_hour;
    if (is_asked && rows.size() < max) rows.push_back(row);
  }
  return rows;
}

Result<std::vector<core::LastUse>> FakeLagHistory::LastUses(std::size_t max,
                                                            Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckReadable());
  std::vector<core::LastUse> uses;
  for (const auto& [topic, use] : uses_) {
    if (uses.size() < max) uses.push_back(use);
  }
  return uses;
}

Status FakeLagHistory::WriteLastUses(std::span<const core::LastUse> uses, const Fence& fence,
                                     Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckFence(fence));
  for (const core::LastUse& use : uses) uses_[use.topic] = use;
  return {};
}

Result<std::int64_t> FakeLagHistory::ForgetLastUses(std::int32_t max, const Fence& fence,
                                                    Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckFence(fence));
  std::int64_t forgotten = 0;
  for (auto at = uses_.begin(); topics_ && at != uses_.end() && forgotten < max;) {
    const bool is_gone = !topics_->contains(at->first);
    at = is_gone ? uses_.erase(at) : std::next(at);
    forgotten += is_gone ? 1 : 0;
  }
  return forgotten;
}

void FakeLagHistory::SetTopics(std::set<TopicId> topics) {
  MutexLock lock(mutex_);
  topics_ = std::move(topics);
}

}  // namespace lanemq::testing
