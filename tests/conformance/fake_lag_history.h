#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "common/base/mutex.h"
#include "common/core/store/lag_history.h"

namespace lanemq::testing {

/// LagHistory in memory, with the semantics of the real one (the same conformance suite) and faults
/// on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeLagHistory final : public core::LagHistory {
 public:
  /// The newest term of a lease. Before the first one every fence of it is refused.
  void SetTerm(const std::string& lease, core::FencingToken token);
  /// Moves the store's clock, which stands still otherwise; it begins at 2026-11-21.
  void Advance(std::chrono::microseconds by);
  /// What the catalogue has from now on; before the first call everything.
  void SetTopics(std::set<core::TopicId> topics);
  /// Every call fails with `code` and does nothing, until it is nullopt.
  void FailWith(std::optional<ErrorCode> code);
  /// Of every tier.
  [[nodiscard]] std::size_t size() const;

  Result<WallTime> Now(Deadline deadline) override;
  Status Write(std::span<const core::LagHistoryRow> rows, const core::Fence& fence,
               Deadline deadline) override;
  Status RollUp(std::int32_t from_tier, WallTime since, WallTime until, const core::Fence& fence,
                Deadline deadline) override;
  Result<std::int64_t> Expire(std::int32_t max, const core::Fence& fence,
                              Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> Newest(std::chrono::seconds age, std::size_t max,
                                                  Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> Read(std::string_view group, core::TopicId topic,
                                                std::int32_t tier, WallTime from, WallTime until,
                                                std::size_t max, Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> ProducedHourly(std::size_t max,
                                                          Deadline deadline) override;
  Result<std::vector<core::LastUse>> LastUses(std::size_t max, Deadline deadline) override;
  Status WriteLastUses(std::span<const core::LastUse> uses, const core::Fence& fence,
                       Deadline deadline) override;
  Result<std::int64_t> ForgetLastUses(std::int32_t max, const core::Fence& fence,
                                      Deadline deadline) override;

 private:
  /// Tier, time, group, topic.
  using Key = std::tuple<std::int32_t, WallTime, std::string, core::TopicId>;

  Status CheckReadable() const LANEMQ_REQUIRES(mutex_);
  Status CheckFence(const core::Fence& fence) const LANEMQ_REQUIRES(mutex_);
  void RollUpBucket(std::int32_t from_tier, WallTime begin, WallTime end) LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<Key, core::LagHistoryRow> rows_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::TopicId, core::LastUse> uses_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<std::set<core::TopicId>> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::FencingToken, std::less<>> terms_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<ErrorCode> fault_ LANEMQ_GUARDED_BY(mutex_);
  WallTime now_ LANEMQ_GUARDED_BY(mutex_){1'795'219'200'000'000};
};

}  // namespace lanemq::testing
