#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/lag_source.h"

namespace lanemq::testing {

/// LagSource in memory, with the semantics of the real one (the same conformance suite), a clock of
/// its own and faults on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeLagSource final : public core::LagSource {
 public:
  explicit FakeLagSource(core::NodeId node = core::NodeId{1}) : node_(node) {}

  void SetNow(WallTime now);
  [[nodiscard]] WallTime Now() const;

  void Create(const core::PartitionKey& key);
  void Drop(const core::PartitionKey& key);
  /// Rows with these times at the end of the log.
  void Append(const core::PartitionKey& key, std::span<const WallTime> times);
  void SetLogStart(const core::PartitionKey& key, core::Offset start);
  /// The log ends at `end` from now on, as after a failover that lost rows.
  void LoseTail(const core::PartitionKey& key, core::Offset end);

  /// Changes the group's row, which is made when there is none. `change` sees what the group alone
  /// decides; the log's numbers, pauses and losses are filled in by Sample().
  void Edit(std::string_view group, const core::PartitionKey& key,
            const std::function<void(core::LagSample&)>& change);
  void Commit(std::string_view group, const core::PartitionKey& key, core::Offset offset);
  void Pause(std::string_view group, const core::PartitionKey& key, std::optional<WallTime> until,
             std::string reason);
  void Resume(std::string_view group, const core::PartitionKey& key);
  /// Records that retention took `messages` that were unread.
  void Lose(std::string_view group, const core::PartitionKey& key, std::int64_t messages);

  void FailNext(ErrorCode code);
  /// Runs once, within the next round: what it does is not seen by that round.
  void DuringNextRound(std::function<void()> action);

  Result<core::LagRound> Sample(const core::LagQuery& query, Deadline deadline) override;

 private:
  struct Log {
    core::Offset start{1};
    std::vector<WallTime> times;  ///< Of offset 1, 2, ...
  };
  struct Pausing {
    std::optional<WallTime> until;
    std::string reason;
  };
  struct Losing {
    std::int64_t messages = 0;
    WallTime at;
  };
  using Key = std::pair<std::string, core::PartitionKey>;
  struct State {
    WallTime now{1'000'000};
    std::map<core::PartitionKey, Log> logs;
    std::map<Key, core::LagSample> rows;
    std::map<Key, Pausing> pauses;
    std::map<Key, Losing> losses;
  };
  static core::LagRound Look(const State& state, const core::LagQuery& query);
  static void Fill(const State& state, const Log& log, core::LagSample& sample);

  const core::NodeId node_;
  mutable Mutex mutex_;
  State state_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<ErrorCode> faults_ LANEMQ_GUARDED_BY(mutex_);
  std::function<void()> during_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::testing
