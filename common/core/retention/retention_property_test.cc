// The life of a partition under the planner: appends, commits, trims and expiry at random, steps
// that are lost half way, and old steps that are taken again. The table is a model that refuses
// what the engines refuse.
#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/retention/retention_planner.h"

namespace lanemq::core {
namespace {

using Kind = RetentionStep::Kind;
constexpr std::int64_t kRowBytes = 100;

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    policy_.keep_for = std::chrono::seconds(1 + static_cast<int>(random_.Below(600)));
    if (random_.Below(2) == 0) {
      policy_.keep_bytes = static_cast<std::int64_t>(1'000 + random_.Below(300'000));
    }
    policy_.unread = random_.Below(2) == 0 ? UnreadPolicy::kBlock : UnreadPolicy::kWarn;
    if (random_.Below(2) == 0) bounds_ = {50};
    limits_.grace = std::chrono::seconds(2);
    limits_.segment_rows_min = 50;
    limits_.segment_rows_max = 400;
    limits_.split_rows_max = 200;
    limits_.delete_rows_max = 30;
  }

  void Live() {
    for (int i = 0; i < 1'500; ++i) {
      Happen();
      const RetentionStep step = PlanRetention(Look(), policy_, limits_);
      // Crashed before it, or stopped and taken much later.
      if (random_.Below(10) == 0) late_.push_back(step);
      if (random_.Below(10) != 0) Take(step);
      if (!late_.empty() && random_.Below(20) == 0) {
        Take(late_.front());
        late_.pop_front();
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
    Converge();
  }

 private:
  void Happen() {
    now_ += static_cast<std::int64_t>(random_.Below(3'000'000));
    for (auto n = random_.Below(40); n > 0; --n) rows_[end_++] = now_;
    if (random_.Below(100) == 0) now_ += 300'000'000;  // A quiet time.
    if (committed_ < end_ && random_.Below(3) == 0) {
      committed_ += static_cast<std::int64_t>(
          random_.Below(static_cast<std::uint64_t>(end_ - committed_ + 1)));
    }
    if (random_.Below(200) == 0 && policy_.unread == UnreadPolicy::kWarn) start_ = end_;  // A trim.
  }

  RetentionFacts Look() {
    RetentionFacts facts{.now = WallTime{now_}, .log_start = Offset{start_}, .end = Offset{end_}};
    facts.row_bytes = kRowBytes;
    facts.low_water = Offset{rows_.empty() ? end_ : rows_.begin()->first};
    facts.lowest_commit = Offset{committed_};
    for (const std::int64_t bound : bounds_) {
      facts.segments.push_back({.bound = Offset{bound}, .last_row_at = TimeOf(bound - 1)});
    }
    facts.segments.emplace_back();
    std::int64_t low = 0;
    for (LogSegment& segment : facts.segments) {
      const std::int64_t high = segment.bound ? segment.bound->value : end_;
      segment.bytes = std::max<std::int64_t>(high - low, 0) * kRowBytes;
      low = high;
    }
    facts.oldest_at = TimeOf(start_);
    const std::int64_t keep = std::chrono::microseconds(*policy_.keep_for).count();
    const std::int64_t cutoff = now_ - std::max(keep, limits_.grace.count());
    if (facts.oldest_at && facts.oldest_at->micros <= cutoff - keep / 8) {
      facts.first_young = FirstAfter(cutoff, start_);
    }
    const Offset in_grace = FirstAfter(now_ - limits_.grace.count(), 0);
    if (in_grace < facts.end) facts.first_in_grace = in_grace;
    return facts;
  }

  [[nodiscard]] std::optional<WallTime> TimeOf(std::int64_t offset) const {
    const auto found = rows_.find(offset);
    return found == rows_.end() ? std::nullopt : std::optional(WallTime{found->second});
  }
  [[nodiscard]] Offset FirstAfter(std::int64_t time, std::int64_t from) const {
    for (auto it = rows_.lower_bound(from); it != rows_.end(); ++it) {
      if (it->second > time) return Offset{it->first};
    }
    return Offset{end_};
  }

  /// As the store does it, with its fences.
  void Take(const RetentionStep& step) {
    switch (step.kind) {
      case Kind::kNone:
        break;
      case Kind::kMoveStart: {
        std::int64_t to = std::min(step.offset.value, end_ - 1);
        if (policy_.unread == UnreadPolicy::kBlock) to = std::min(to, committed_);
        start_ = std::max(start_, to);
        break;
      }
      case Kind::kDropSegments:
        for (const Offset bound : step.bounds) {
          const auto found = std::ranges::find(bounds_, bound.value);
          if (found == bounds_.end() || bound.value > start_) continue;
          ASSERT_EQ(found, bounds_.begin()) << "a clean prefix";
          Remove(bound.value, rows_.size());
          bounds_.erase(found);
        }
        break;
      case Kind::kDeleteRows:
        ASSERT_GE(step.rows, 1);
        Remove(std::min(step.offset.value, start_), static_cast<std::size_t>(step.rows));
        break;
      case Kind::kSplitTail:
        Split(step.offset.value);
        break;
    }
    CheckInvariants();
  }

  void Split(std::int64_t bound) {
    const std::int64_t last = bounds_.empty() ? 0 : bounds_.back();
    if (bound <= last) return;  // 1493, 1517
    const auto tail = std::distance(rows_.lower_bound(last), rows_.end());
    if (tail > limits_.split_rows_max) return;
    bounds_.push_back(bound);
    ASSERT_LE(std::ssize(bounds_) + 1, limits_.segments_max + 1) << "one late split at most";
  }

  void Remove(std::int64_t below, std::size_t max) {
    while (max-- > 0 && !rows_.empty() && rows_.begin()->first < below) {
      ASSERT_LT(rows_.begin()->first, start_) << "above the committed log start";
      ASSERT_LT(rows_.begin()->first, end_ - 1) << "the newest row";
      ASSERT_LE(rows_.begin()->second, now_ - limits_.grace.count()) << "within the grace";
      rows_.erase(rows_.begin());
    }
  }

  void CheckInvariants() {
    if (policy_.unread == UnreadPolicy::kBlock) {
      ASSERT_LE(start_, std::max<std::int64_t>(committed_, 1));
    }
    ASSERT_TRUE(std::ranges::is_sorted(bounds_));
    if (rows_.empty()) return;
    ASSERT_EQ(rows_.rbegin()->first, end_ - 1);
    ASSERT_EQ(std::ssize(rows_), end_ - rows_.begin()->first) << "no hole";
    ASSERT_LE(rows_.begin()->first, std::max(start_, end_ - 1));
  }

  /// With nobody writing everything that is to go goes, in a bounded number of steps.
  void Converge() {
    now_ += 1'000'000'000;
    committed_ = end_;
    RetentionStep step;
    for (int i = 0; i < 5'000; ++i) {
      step = PlanRetention(Look(), policy_, limits_);
      if (step.kind == Kind::kNone) break;
      Take(step);
      if (::testing::Test::HasFatalFailure()) return;
    }
    EXPECT_EQ(step.kind, Kind::kNone) << step.why;
    EXPECT_LE(std::ssize(rows_), 1) << "all has expired, the newest row stays";
  }

  Random random_;
  RetentionPolicy policy_;
  RetentionLimits limits_;
  std::map<std::int64_t, std::int64_t> rows_;
  std::vector<std::int64_t> bounds_;
  std::deque<RetentionStep> late_;
  std::int64_t start_ = 1;
  std::int64_t end_ = 1;
  std::int64_t committed_ = 1;
  std::int64_t now_ = 1'000'000'000;
};

TEST(RetentionPropertyTest, ALogIsTrimmedFromItsFrontAndOnlyThere) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).Live();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace lanemq::core
