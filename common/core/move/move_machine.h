#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/store/partition_mover.h"
#include "common/core/types/move.h"

namespace lanemq::core {

/// What whoever carries a move out does next.
enum class MoveStep : std::int8_t {
  kWait,          ///< Nothing before `MoveOrder::at`.
  kBeginArrival,  ///< And the next ones: as PartitionMover's methods.
  kCopyLog,
  kCopyAhead,  ///< From `MoveOrder::after`, as kCopyState.
  kSeal,
  kUnseal,
  kCopyState,
  kCompare,
  kOpen,
  kDropArrival,
  kDropSource,
  kDropTopic,  ///< The topic is being deleted: MessageStore::DropPartition() at both places.
  kAdvance,    ///< MoveStore::Advance() to `MoveOrder::next`.
  kSwitch,     ///< MoveStore::Switch().
  kReload,     ///< Somebody else has changed the move: begin anew with its record.
  kFinished,
};

struct MoveOrder {
  MoveStep step = MoveStep::kWait;
  MonotonicTime at{};                    ///< Of kWait.
  MoveState next = MoveState::kCopying;  ///< Of kAdvance; may be the present one: progress.
  std::string error;                     ///< Of kAdvance; empty: none.
  StatePlace after = {};                 ///< Of kCopyAhead and kCopyState.
  bool ends_pause = false;               ///< Of kAdvance: as MoveAdvance::ends_pause.
};

struct MoveLimits {
  /// So near to the end of the source's log, in rows and in bytes, the partition is sealed: the
  /// rest is copied while nobody can use it.
  std::int64_t rows_near = 2'000;
  std::int64_t bytes_near = 16 << 20;
  /// So few rows of the state, written in one walk over it, are no reason for another walk.
  std::int64_t ahead_rows_near = 10'000;
  /// The last such walk has ended so shortly before the seal; more may have changed since.
  std::chrono::milliseconds ahead_age_max{60'000};
  /// After so many walks it is sealed all the same: more changes than is copied ahead, or the log
  /// has taken long again and again.
  int ahead_walks_max = 5;
  /// A sealed partition that cannot be handed over within so long is given back.
  std::chrono::milliseconds pause_max{30'000};
  std::chrono::milliseconds retry_min{100};  ///< Doubles with each failure in a row.
  std::chrono::milliseconds retry_max{10'000};
  /// Sealing makes others wait, for two seconds at most: after it came to nothing it is not tried
  /// again for so long, which doubles. Not for long: a mover that was frozen just before its own
  /// attempt may seal meanwhile, and nobody can use the partition until the next one.
  std::chrono::milliseconds seal_retry_min{1'000};
  std::chrono::milliseconds seal_retry_max{10'000};
  /// After so many such attempts in a row others may have their turn before the next one.
  int seals_in_turn = 5;
  std::chrono::milliseconds write_every{1'000};  ///< Progress, for people.
};

/// The next step of one move, given its record and what became of the last step.
///
/// Errors that say "not now" are tried again, with a back-off; before kOpening others, and a pause
/// that is too long, give the move up: kCancelling, with why. From kOpening on nothing gives up
/// but the deletion of the topic. What is to be removed from a data node that is disabled is tried
/// once, and then left there: such a node may never come back, and the move would never end. Every
/// order may be carried out more than once, by anybody: a new machine made of the stored record
/// goes on.
///
/// Pure; not thread-safe. `now` never goes back.
class MoveMachine {
 public:
  MoveMachine(MoveRecord record, MoveLimits limits, MonotonicTime now);

  [[nodiscard]] MoveOrder Next(MonotonicTime now) const;

  // What became of the order: one of these. OnDone() is of steps that answer nothing.
  void OnDone(const MoveOrder& order, MonotonicTime now);
  void OnLog(const LogCopied& copied);
  void OnAhead(const StateCopied& copied, MonotonicTime now);
  void OnState(const StateCopied& copied);
  void OnCompared(const std::vector<MoveCount>& counts);
  void OnSourceDropped(bool is_whole);
  void OnFailed(const MoveOrder& order, const Error& error, MonotonicTime now);

  /// With progress that may not be stored yet.
  [[nodiscard]] const MoveRecord& record() const { return record_; }
  /// Since the seal; nullopt: not sealed.
  [[nodiscard]] std::optional<std::chrono::microseconds> PausedFor(MonotonicTime now) const;
  /// Failures in a row.
  [[nodiscard]] int failures() const { return failures_; }
  /// Whether others may have their turn while this one waits: the partition can be used, for all
  /// that is known, and no attempt to seal it is due soon.
  [[nodiscard]] bool MayYield() const;
  /// It waits for an attempt to seal, and nothing else.
  [[nodiscard]] bool IsAboutToSeal() const {
    return record_.state == MoveState::kCopying && seals_held_up_ > 0 && failures_ == 0;
  }
  /// As it is written down: why it is taken back, and what is in the way of that now.
  [[nodiscard]] std::string ErrorText() const;

 private:
  [[nodiscard]] MoveOrder NextBackwards() const;
  [[nodiscard]] MoveOrder EndBackwards() const;
  [[nodiscard]] MoveOrder NextWhileCopying(MonotonicTime now) const;
  [[nodiscard]] MoveOrder NextSealed() const;
  [[nodiscard]] bool IsNear(const LogCopied& copied) const;
  /// Whether what can be copied ahead is, as far as that goes.
  [[nodiscard]] bool IsAhead(MonotonicTime now) const;
  [[nodiscard]] bool IsTimeToWrite(MonotonicTime now) const;
  /// Why it is to be taken back; nullopt: it is not.
  [[nodiscard]] std::optional<std::string> ReasonToGiveUp(MonotonicTime now) const;
  void OnRefused(const MoveOrder& order, const Error& error);
  /// Whether `order` removes something from a data node that nobody uses any more.
  [[nodiscard]] bool IsOfDisabled(MoveStep step) const;
  void Advanced(const MoveOrder& order, MonotonicTime now);

  MoveRecord record_;
  const MoveLimits limits_;
  /// What this machine has seen done. All of it may be done already, and is then repeated.
  bool has_arrival_ = false;
  bool is_near_ = false;
  bool is_level_ = false;
  bool is_sealed_ = false;
  StatePlace ahead_;                       ///< Where the walk ahead goes on.
  std::int64_t ahead_rows_ = 0;            ///< Written in this walk.
  int ahead_walks_ = 0;                    ///< That have ended.
  std::optional<MonotonicTime> ahead_at_;  ///< When one has ended with few rows.
  StatePlace state_;                       ///< Where the walk after the seal goes on.
  bool is_whole_ = false;
  bool is_equal_ = false;
  bool is_open_ = false;
  bool is_unsealed_ = false;
  bool is_dropped_ = false;
  std::string left_behind_;  ///< Why something was not dropped; empty: it was.
  std::string fault_;        ///< What is in the way of taking it back; empty: nothing.
  bool is_held_up_ = false;  ///< The last attempt to seal came to nothing.
  int seals_held_up_ = 0;
  bool must_reload_ = false;
  bool is_store_failing_ = false;  ///< The last order to the store of moves.
  std::optional<std::string> give_up_;
  std::optional<MonotonicTime> sealed_at_;
  MonotonicTime written_at_;
  bool has_news_ = false;
  int failures_ = 0;
  MonotonicTime retry_at_;
};

/// "copying", "handing_over", ...: as the IDL and the database say it.
[[nodiscard]] std::string_view ToString(MoveState state);
[[nodiscard]] std::optional<MoveState> MoveStateFromString(std::string_view text);

}  // namespace lanemq::core
