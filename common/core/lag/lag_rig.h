#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/lag/lag_evaluator.h"

namespace lanemq::core::testing {

using std::chrono::microseconds;

inline std::int64_t ToMicros(microseconds time) { return time.count(); }

/// A partition, a group that reads it, and a clock that only the test moves; for tests of verdicts.
/// Messages have the time at which they were produced, so lag in seconds is what it would be.
class LagRig {
 public:
  static constexpr microseconds kRound = std::chrono::seconds{5};

  void Produce(int count = 1) {
    for (int i = 0; i < count; ++i) produced_.push_back(now_);
  }
  void CommitTo(std::int64_t offset) {
    sample_.committed = Offset{offset};
    sample_.committed_at = WallTime{now_};
  }
  /// Everything that is there, but for the last `left`.
  void CommitAll(std::int64_t left = 0) { CommitTo(End() - left); }
  /// The first `count` unread messages, as far as there are.
  void Consume(std::int64_t count) { CommitTo(std::min(End(), sample_.Position().value + count)); }
  void TrimTo(std::int64_t start) { sample_.start = Offset{start}; }
  /// A failover to a copy that lacks the newest rows.
  void LoseRowsFrom(std::int64_t end) { produced_.resize(static_cast<std::size_t>(end - 1)); }
  void ResetTo(std::int64_t offset) {
    ++sample_.reset_epoch;
    CommitTo(offset);
  }
  void Advance(microseconds by) { now_ += by.count(); }

  [[nodiscard]] std::int64_t End() const { return std::ssize(produced_) + 1; }
  [[nodiscard]] std::int64_t now() const { return now_; }
  LagSample& row() { return sample_; }
  LagObjective& objective() { return objective_; }
  LagTrack& track() { return track_; }

  [[nodiscard]] LagSample Sample() const {
    LagSample sample = sample_;
    sample.end = Offset{End()};
    const std::int64_t position = sample.Position().value;
    if (position < End()) {
      sample.oldest_unread = WallTime{produced_[static_cast<std::size_t>(position - 1)]};
    }
    return sample;
  }
  LagVerdict Look() {
    return Judge(track_, Sample(), WallTime{now_}, objective_, is_unread_allowed_);
  }
  LagStatus Status() { return Look().status; }
  void AllowUnread() { is_unread_allowed_ = true; }

  /// Rounds of 5 s for `time`: the clock moves, `work` is done, a sample is judged. The statuses in
  /// order, without repetitions.
  std::vector<LagStatus> Run(microseconds time, const std::function<void()>& work = {}) {
    std::vector<LagStatus> statuses;
    for (microseconds done{0}; done < time; done += kRound) {
      Advance(kRound);
      if (work) work();
      const LagStatus status = Status();
      if (statuses.empty() || statuses.back() != status) statuses.push_back(status);
    }
    return statuses;
  }
  /// Same, for a group that is known and fine when it begins: the first minutes are over.
  void SettleDown() {
    Produce();
    CommitAll();
    Run(std::chrono::minutes{20});
    ASSERT_EQ(Status(), LagStatus::kOk);
  }

 private:
  std::int64_t now_ = 1'800'000'000'000'000;
  std::vector<std::int64_t> produced_;
  LagSample sample_{.group = "g", .key = {TopicId{1}, 0}, .member_id = "m"};
  LagObjective objective_;
  LagTrack track_;
  bool is_unread_allowed_ = false;
};

/// Does something every `period`, when called each round.
class Every {
 public:
  explicit Every(microseconds period) : period_(period) {}
  bool operator()() {
    passed_ += LagRig::kRound;
    if (passed_ < period_) return false;
    passed_ = {};
    return true;
  }

 private:
  microseconds period_;
  microseconds passed_{0};
};

}  // namespace lanemq::core::testing

namespace lanemq::core {

inline void PrintTo(LagStatus status, std::ostream* out) { *out << ToString(status); }

}  // namespace lanemq::core
