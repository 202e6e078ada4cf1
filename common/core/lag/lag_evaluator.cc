#include "common/core/lag/lag_evaluator.h"

#include <algorithm>

namespace lanemq::core {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Between the first and the last of the points one can rise 19 times; see LagTrack::run_rises.
constexpr std::int64_t kPointsKept = kLagPoints - 1;
constexpr std::int64_t kRisesKept = (1LL << kPointsKept) - 1;
constexpr std::int64_t kRisesLate = (1LL << (kLagPoints / 2)) - 1;
constexpr std::int64_t kRisesEarly = kRisesKept & ~kRisesLate;

constexpr std::int64_t Micros(microseconds time) { return time.count(); }

/// One sample while it is judged. Times are microseconds.
class Judgement {
 public:
  Judgement(LagTrack& track, const LagSample& sample, WallTime at, const LagObjective& objective,
            const LagWindows& windows)
      : track_(track),
        sample_(sample),
        windows_(windows),
        now_(at.micros),
        lag_(sample.LagMessages()),
        allowed_(objective.allowed_messages),
        objective_(Micros(objective.objective)),
        patience_(Micros(windows.Patience(objective))) {
    if (lag_ > 0 && sample.oldest_unread) age_ = std::max<std::int64_t>(0, now_ - OldestUnread());
  }

  void TakeIn() {
    if (track_.first_seen == 0 || IsMadeAgain()) Begin();
    FollowClock();
    FollowOffset();
    FollowLog();
    FollowPause();
    FollowLag();
    track_.last_at = now_;
  }

  [[nodiscard]] LagStatus FindStatus(bool unread_allowed) const {
    if (IsLost(unread_allowed)) return LagStatus::kLost;
    if (sample_.is_paused) return LagStatus::kPaused;
    if (IsNew()) return LagStatus::kNew;
    if (IsCaughtUp()) return LagStatus::kOk;
    if (IsStopped() && MayBegin(LagStatus::kStop)) return LagStatus::kStop;
    if (IsStalled() && MayBegin(LagStatus::kStall)) return LagStatus::kStall;
    if (IsSlow() && MayBegin(LagStatus::kSlow)) return LagStatus::kSlow;
    if (track_.rewound_at != 0) return LagStatus::kRewind;
    if (IsFallingBehind()) return LagStatus::kWarn;
    return LagStatus::kOk;
  }

  LagVerdict Conclude(LagStatus status) {
    if (status != track_.status || track_.status_since == 0) {
      track_.status = status;
      track_.status_since = now_;
    }
    LagVerdict verdict{.status = status,
                       .since = WallTime{track_.status_since},
                       .lag_messages = lag_,
                       .lag = microseconds{age_},
                       .moved_at = WallTime{track_.moved_at}};
    if (track_.rewound_at != 0) verdict.rewound_from = Offset{track_.highest};
    return verdict;
  }

 private:
  [[nodiscard]] std::int64_t OldestUnread() const { return sample_.oldest_unread->micros; }

  /// The group was deleted and made again between two samples: none of what is known is its own.
  [[nodiscard]] bool IsMadeAgain() const {
    const bool has_forgotten = sample_.committed.value < 0 && track_.committed >= 0;
    const bool is_earlier_term =
        sample_.generation.value > 0 && sample_.generation.value < track_.generation;
    return has_forgotten || is_earlier_term || sample_.reset_epoch < track_.reset_epoch;
  }

  void Begin() {
    track_ = LagTrack{.first_seen = now_,
                      .last_at = now_,
                      .committed = sample_.committed.value,
                      .highest = sample_.committed.value,
                      .reset_epoch = sample_.reset_epoch,
                      .generation = sample_.generation.value,
                      .moved_at = now_,
                      .first_end = sample_.end.value};
  }

  void Excuse(std::int64_t until) { track_.excused_until = std::max(track_.excused_until, until); }
  void VoidPoints() { track_.run_begin = track_.point = -1; }

  void FollowClock() {
    const std::int64_t gap = Micros(windows_.gap);
    if (now_ - track_.last_at > gap) {
      // Perhaps the node was down: then nobody could commit, and everything unread got old.
      VoidPoints();
      Excuse(now_ + Micros(windows_.fresh));
    }
    if (now_ >= track_.last_at) return;
    // The clock stepped back, and as much time has passed as before.
    const std::int64_t step = track_.last_at - now_;
    if (step > gap) VoidPoints();
    for (std::int64_t* const time :
         {&track_.first_seen, &track_.status_since, &track_.moved_at, &track_.rose_at,
          &track_.rewound_at, &track_.grown_at, &track_.slow_since, &track_.excused_until,
          &track_.caught_up_at}) {
      if (*time != 0) *time = std::max<std::int64_t>(1, *time - step);
    }
  }

  void FollowOffset() {
    const std::int64_t committed = sample_.committed.value;
    if (committed != track_.committed) {
      if (committed > track_.committed) track_.rose_at = now_;
      track_.moved_at = now_;
      track_.committed = committed;
    }
    if (sample_.generation.value > 0) track_.generation = sample_.generation.value;
    if (sample_.reset_epoch != track_.reset_epoch) {
      // What it lags now was somebody's wish, and it gets the time to catch up.
      track_.reset_epoch = sample_.reset_epoch;
      track_.highest = committed;
      track_.status = LagStatus::kOk;
      track_.status_since = now_;
      VoidPoints();
      Excuse(now_ + patience_);
    }
    if (committed < track_.highest && track_.rewound_at == 0) track_.rewound_at = now_;
    const bool is_forgiven =
        track_.rewound_at != 0 && now_ - track_.rewound_at > Micros(windows_.rewind_for);
    if (committed >= track_.highest || is_forgiven) {
      track_.highest = committed;
      track_.rewound_at = 0;
    }
  }

  void FollowLog() {
    track_.first_end = std::min(track_.first_end, sample_.end.value);
    if (track_.grown_at == 0 && sample_.end.value > track_.first_end) track_.grown_at = now_;
    // Once beyond the end it is lost for good: new rows take the places of those that were read.
    if (sample_.committed > sample_.end) {
      track_.lost_commit = sample_.committed.value;
    } else if (sample_.committed.value != track_.lost_commit) {
      track_.lost_commit = -1;
    }
  }

  void FollowPause() {
    if (track_.is_paused && !sample_.is_paused) Excuse(now_ + patience_);
    if (track_.is_paused || sample_.is_paused) VoidPoints();
    track_.is_paused = sample_.is_paused;
  }

  void FollowLag() {
    if (lag_ <= allowed_) track_.caught_up_at = now_;
    if (age_ <= objective_) {
      track_.slow_since = 0;
    } else if (track_.slow_since == 0) {
      track_.slow_since = now_;
    }
    const std::int64_t point = std::max(track_.point, now_ / Micros(windows_.point));
    if (track_.point >= 0 && point > track_.point) EndPoint(point - track_.point - 1);
    track_.point = point;
    track_.point_lag = lag_;
  }

  /// `skipped`: points without a sample that follow it; one or two, or it were a gap.
  void EndPoint(std::int64_t skipped) {
    if (track_.run_begin < 0 || track_.point_lag < track_.run_lag) {
      track_.run_begin = track_.point;
      track_.run_rises = 0;
    } else {
      track_.run_rises = track_.run_rises << 1 | (track_.point_lag > track_.run_lag ? 1 : 0);
    }
    track_.run_rises = (track_.run_rises << std::min(skipped, kPointsKept)) & kRisesKept;
    track_.run_lag = track_.point_lag;
  }

  [[nodiscard]] bool IsLost(bool unread_allowed) const {
    if (track_.lost_commit >= 0) return true;
    return !unread_allowed && sample_.committed.value > 0 && sample_.committed < sample_.start;
  }

  [[nodiscard]] bool IsNew() const {
    if (now_ - track_.first_seen < Micros(windows_.fresh) && !IsStopped()) return true;
    // Without a commit it may have begun at the end: then what lies before does not concern it.
    return sample_.committed.value < 0 &&
           (track_.grown_at == 0 || now_ - track_.grown_at < patience_);
  }

  [[nodiscard]] bool IsCaughtUp() const {
    if (lag_ <= allowed_) return true;
    return age_ <= objective_ && track_.caught_up_at != 0 &&
           now_ - track_.caught_up_at <= kLagPoints * Micros(windows_.point);
  }

  /// An objective above the longest patience still is one: nothing is late that keeps it.
  [[nodiscard]] bool IsOld() const {
    return lag_ > allowed_ && age_ >= patience_ && age_ > objective_;
  }
  [[nodiscard]] bool IsStopped() const {
    return IsOld() && now_ - sample_.committed_at.micros >= patience_;
  }
  [[nodiscard]] bool IsStalled() const { return IsOld() && now_ - track_.moved_at >= patience_; }
  [[nodiscard]] bool IsSlow() const {
    return track_.slow_since != 0 && now_ - track_.slow_since >= Micros(windows_.slow_for);
  }

  /// What holds may go on, and get better, while the group is excused.
  [[nodiscard]] bool MayBegin(LagStatus status) const {
    return now_ >= track_.excused_until ||
           (track_.status >= status && track_.status <= LagStatus::kStop);
  }

  /// It works, and loses ground all the same; in both halves of the points, or it may be a short
  /// break in good times.
  [[nodiscard]] bool IsFallingBehind() const {
    const std::int64_t first = track_.point - kLagPoints;
    if (track_.run_begin < 0 || track_.run_begin > first) return false;
    const std::int64_t rises = track_.run_rises;
    return (rises & kRisesLate) != 0 && (rises & kRisesEarly) != 0 &&
           track_.rose_at >= (first + 1) * Micros(windows_.point) && age_ > objective_ / 2;
  }

  LagTrack& track_;
  const LagSample& sample_;
  const LagWindows& windows_;
  const std::int64_t now_;
  const std::int64_t lag_;
  const std::int64_t allowed_;
  const std::int64_t objective_;
  const std::int64_t patience_;
  std::int64_t age_ = 0;  ///< Of the oldest unread message; 0: there is none.
};

}  // namespace

milliseconds LagWindows::Patience(const LagObjective& objective) const {
  return std::clamp(objective.objective, shortest, longest);
}

LagVerdict Judge(LagTrack& track, const LagSample& sample, WallTime at,
                 const LagObjective& objective, bool unread_allowed, const LagWindows& windows) {
  Judgement judgement(track, sample, at, objective, windows);
  judgement.TakeIn();
  return judgement.Conclude(judgement.FindStatus(unread_allowed));
}

void Summarise(GroupTopicLag& group) {
  group.status = LagStatus::kOk;
  group.since = {};
  group.lag_messages = group.lost_messages = 0;
  group.lag = {};
  for (const JudgedPartition& partition : group.partitions) {
    const LagVerdict& verdict = partition.verdict;
    const bool is_first = &partition == group.partitions.data();
    if (is_first || verdict.status > group.status) {
      group.status = verdict.status;
      group.since = verdict.since;
    } else if (verdict.status == group.status) {
      group.since = std::min(group.since, verdict.since);
    }
    group.lag_messages += verdict.lag_messages;
    group.lag = std::max(group.lag, verdict.lag);
    group.lost_messages += partition.sample.lost_messages;
  }
}

std::optional<milliseconds> RetentionHeadroom(const LagSample& sample, WallTime at,
                                              std::optional<milliseconds> keep_for) {
  if (!keep_for || !sample.oldest_unread) return std::nullopt;
  const microseconds age{std::max<std::int64_t>(0, at.micros - sample.oldest_unread->micros)};
  return std::max(milliseconds{0}, *keep_for - std::chrono::ceil<milliseconds>(age));
}

}  // namespace lanemq::core
