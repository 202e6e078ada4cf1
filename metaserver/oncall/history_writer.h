#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/lag_history.h"
#include "metaserver/oncall/history_rows.h"
#include "metaserver/oncall/last_uses.h"
#include "metaserver/oncall/on_call_part.h"

namespace lanemq::metaserver {

/// Writes pictures to the history, sums old rows up and deletes the oldest, on a thread of its own;
/// likewise when topics were last used. What cannot be written for long is dropped: the newest is
/// worth more.
///
/// Thread safety: as an OnCallPart; Start() and Stop() from one owner.
class HistoryWriter final : public OnCallPart {
 public:
  struct Options {
    /// Also within a bucket: what a metaserver that takes over does not know is at most this long.
    std::chrono::milliseconds write_every{30'000};
    std::chrono::milliseconds keep_every{60'000};   ///< Sums up and deletes.
    std::chrono::milliseconds uses_every{300'000};  ///< Looks at when topics were last used.
    std::chrono::milliseconds call_timeout{5'000};
    std::size_t batches_max = 4;
    std::int32_t expire_max = 1'000;  ///< Rows in one transaction.
    int expire_rounds = 20;
  };

  /// `tracks` is called within OnEvaluated(). `on_fenced`: a write was refused; called on the
  /// writer's thread.
  HistoryWriter(Options options, core::LagHistory& history, HistoryRows::SavedTracksFn tracks,
                std::function<void(const Error&)> on_fenced, const Clock& clock);
  ~HistoryWriter() override { Stop(); }
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  /// Goes on from what was read when the term began; before Start().
  void Load(std::span<const core::LagHistoryRow> rows) { rows_.Load(rows); }
  void Start();
  /// Writes what is waiting, if the database answers. Idempotent.
  void Stop();

  void OnEvaluated(const LagPicture& picture, const std::optional<core::Fence>& fence) override;
  /// Hands over everything there is, also of the bucket that has begun.
  void Flush();

 private:
  void Run();
  void Enqueue(std::vector<core::LagHistoryRow> rows);
  void ReadClock();
  /// False: not now.
  bool WriteBatch(const std::vector<core::LagHistoryRow>& rows, const core::Fence& fence);
  void Keep(const core::Fence& fence);
  void NoteTotals(const LagPicture& picture);
  void WriteUses(const core::Fence& fence);
  void Note(const Status& done, std::string_view what);
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  core::LagHistory& history_;
  const HistoryRows::SavedTracksFn tracks_;
  const std::function<void(const Error&)> on_fenced_;
  const Clock& clock_;

  // The evaluation's own.
  HistoryRows rows_;
  MonotonicTime write_due_, uses_due_;

  // The thread's own.
  MonotonicTime keep_due_, clock_due_;
  bool has_summed_ = false;
  std::optional<LastUses> uses_;  ///< nullopt: to be read.
  core::FencingToken uses_term_;  ///< In which they were read: in others, others wrote.

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<core::Fence> fence_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<std::vector<core::LagHistoryRow>> batches_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<TopicTotals> totals_ LANEMQ_GUARDED_BY(mutex_);  ///< To be compared.
  WallTime totals_at_ LANEMQ_GUARDED_BY(mutex_);
  /// The database's clock at a moment of ours.
  std::optional<std::pair<WallTime, MonotonicTime>> database_time_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
