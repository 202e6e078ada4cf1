// Over random histories, against a second and slower way to say the same: every sample kept.
#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/lag/lag_rig.h"

namespace lanemq::core {
namespace {

using namespace std::chrono_literals;
using testing::LagRig;
using enum LagStatus;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

/// What happens to a group and its log within an hour or three, with moods that last for minutes.
class RandomHistory {
 public:
  explicit RandomHistory(std::uint64_t seed) : random_(seed) {
    constexpr std::chrono::minutes kObjectives[] = {1min, 5min, 15min, 60min};
    rig.objective().objective = kObjectives[random_.Below(4)];
    if (random_.Below(4) == 0) rig.objective().allowed_messages = 20;
    rig.Produce(50);
    if (random_.Below(3) != 0) rig.CommitAll();
  }

  /// Up to the next round.
  void Step() {
    rig.Advance(microseconds{LagRig::kRound.count() + Below(200'000)});
    if (random_.Below(120) == 0) Mood();
    rig.Produce(static_cast<int>(Below(in_ + 1)));
    if (out_ > 0) rig.Consume(Below(out_ + 1));
    if (out_ < 0 && rig.row().committed.value > 0) rig.CommitTo(rig.row().committed.value);
    if (random_.Below(2'000) == 0) Accident();
  }
  [[nodiscard]] bool Skips() { return random_.Below(20) == 0; }

  LagRig rig;

 private:
  using microseconds = std::chrono::microseconds;
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(bound)));
  }
  void Mood() {
    in_ = Below(3) == 0 ? 0 : Below(20);
    out_ = Below(4) == 0 ? -Below(2) : Below(40);  // 0: silent; -1: commits go nowhere.
  }
  void Accident() {
    const std::int64_t end = rig.End();
    switch (random_.Below(8)) {
      case 0:
        return rig.ResetTo(1 + Below(end));
      case 1:
        return rig.CommitTo(1 + Below(end));
      case 2:
        rig.row().is_paused = !rig.row().is_paused;
        return;
      case 3:
        return rig.Advance(microseconds{Below(20 * kMinute)});
      case 4:
        return rig.Advance(microseconds{-Below(20 * kMinute)});
      case 5:
        return rig.TrimTo(rig.row().start.value + Below(end - rig.row().start.value + 1));
      case 6:
        return rig.LoseRowsFrom(end - Below(std::min<std::int64_t>(end, 5)));
      default:
        rig.row().generation = Generation{rig.row().generation.value + 1};
    }
  }

  Random random_;
  std::int64_t in_ = 5;
  std::int64_t out_ = 10;
};

TEST(LagPropertyTest, ARestartAtAnySampleGivesTheSameVerdicts) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomHistory history(seed);
    LagTrack restarted;
    for (int i = 0; i < 1'500; ++i) {
      history.Step();
      const LagVerdict expected = history.rig.Look();
      const auto loaded = LoadTrack(SaveTrack(restarted));
      ASSERT_TRUE(loaded.has_value()) << SaveTrack(restarted);
      ASSERT_EQ(*loaded, restarted);
      restarted = *loaded;
      ASSERT_EQ(Judge(restarted, history.rig.Sample(), WallTime{history.rig.now()},
                      history.rig.objective(), false),
                expected);
    }
  }
}

TEST(LagPropertyTest, ASampleGivenTwiceChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomHistory history(seed);
    for (int i = 0; i < 1'500; ++i) {
      history.Step();
      const LagVerdict verdict = history.rig.Look();
      const LagTrack track = history.rig.track();
      ASSERT_EQ(history.rig.Look(), verdict);
      ASSERT_EQ(history.rig.track(), track);
    }
  }
}

/// Pages need what they claim, whatever happened before.
TEST(LagPropertyTest, NobodyIsPagedWithoutItsReason) {
  int pages = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    RandomHistory history(seed);
    LagRig& rig = history.rig;
    for (int i = 0; i < 1'500; ++i) {
      history.Step();
      const LagVerdict verdict = rig.Look();
      const LagSample sample = rig.Sample();
      const std::int64_t patience = testing::ToMicros(LagWindows{}.Patience(rig.objective()));
      const bool is_late = verdict.lag > rig.objective().objective &&
                           verdict.lag_messages > rig.objective().allowed_messages &&
                           !sample.is_paused;
      if (verdict.status == kStop || verdict.status == kStall) {
        ++pages;
        ASSERT_TRUE(is_late);
        ASSERT_GE(verdict.lag.count(), patience);
        const std::int64_t last =
            verdict.status == kStop ? sample.committed_at.micros : verdict.moved_at.micros;
        ASSERT_GE(rig.now() - last, patience);
      }
      if (verdict.status == kSlow) {
        ++pages;
        ASSERT_TRUE(is_late);
      }
      if (verdict.status == kRewind) {
        ASSERT_TRUE(verdict.rewound_from.has_value());
      }
      if (sample.committed < sample.start && sample.committed.value > 0) {
        ASSERT_EQ(verdict.status, kLost);
      }
    }
  }
  EXPECT_GT(pages, 5'000);  // Else the histories are too tame to tell anything.
}

/// Two evaluators see the same, but one misses rounds (never for longer than a minute).
TEST(LagPropertyTest, MissingRoundsMakeNoVerdictWorse) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    RandomHistory history(seed);
    Random random(seed + 1'000);
    LagTrack sparse;
    std::int64_t last = history.rig.now();
    LagStatus sparse_status = kOk;
    for (int i = 0; i < 1'500; ++i) {
      history.Step();
      LagRig& rig = history.rig;
      const LagStatus full = rig.Status();
      const std::int64_t passed = rig.now() - last;
      if (passed >= 0 && passed < 50 * kSecond && random.Below(3) != 0) continue;
      const LagStatus before = sparse_status;
      sparse_status =
          Judge(sparse, rig.Sample(), WallTime{rig.now()}, rig.objective(), false).status;
      last = rig.now();
      // What pages needs the time since it was *seen*: later at most. What held may go on longer
      // only where the breaks between were not seen.
      if (sparse_status >= kStall && sparse_status != before) {
        ++compared;
        ASSERT_GE(full, sparse_status);
      }
    }
  }
  EXPECT_GT(compared, 50);
}

/// The 20 points as a list, judged by what the design says of them.
class NaivePoints {
 public:
  void Add(std::int64_t now, std::int64_t lag, std::int64_t committed) {
    if (!samples_.empty() && now - samples_.back().at > kMinute) samples_.clear();
    samples_.push_back({now, lag, committed});
    while (samples_.front().at < now - 20 * kMinute) samples_.pop_front();
  }
  [[nodiscard]] bool IsFallingBehind() const {
    const std::int64_t first = samples_.back().at / (30 * kSecond) - kLagPoints;
    std::vector<std::int64_t> last(kLagPoints, -1);  // Of each point, or of the one before it.
    std::int64_t first_commit = -1;
    for (const Sample& sample : samples_) {
      const std::int64_t index = std::max<std::int64_t>(sample.at / (30 * kSecond) - first, 0);
      if (index < kLagPoints) std::fill(last.begin() + index, last.end(), sample.lag);
      if (index == 0) first_commit = sample.committed;
    }
    constexpr int kMiddle = kLagPoints / 2 - 1;
    return last.front() >= 0 && std::is_sorted(last.begin(), last.end()) &&
           last[kMiddle] > last.front() && last.back() > last[kMiddle] &&
           samples_.back().committed > first_commit;
  }

 private:
  struct Sample {
    std::int64_t at, lag, committed;
  };
  std::deque<Sample> samples_;
};

TEST(LagPropertyTest, WarningsAreThoseOfTheTwentyPoints) {
  int warnings = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    LagRig rig;
    rig.objective().objective = 6h;
    rig.SettleDown();
    rig.Produce(2'000);
    rig.Run(200min);
    rig.CommitTo(5);
    NaivePoints points;
    std::uint64_t mood = 0;
    for (int i = 0; i < 800; ++i) {
      if (random.Below(50) == 0) mood = random.Below(4);
      const std::uint64_t delay = random.Below(300);
      rig.Advance(delay == 0 ? 70s : delay < 10 ? 45s : 5s);
      if (mood != 0) rig.Produce(3);  // 0: neither; 1: it loses ground; 2, 3: it keeps up, or not.
      if (mood != 0) rig.Consume(static_cast<std::int64_t>(random.Below(mood == 1 ? 3 : 8)));
      const LagVerdict verdict = rig.Look();
      if (i == 0) rig.track().run_begin = -1;  // Both begin here.
      points.Add(rig.now(), verdict.lag_messages, rig.row().committed.value);
      if (i <= 30) continue;
      const bool is_expected = points.IsFallingBehind() && verdict.lag > 3h;
      warnings += is_expected ? 1 : 0;
      ASSERT_EQ(verdict.status == kWarn, is_expected) << i << ToString(verdict.status);
    }
  }
  EXPECT_GT(warnings, 1'000);
}

TEST(LagTrackTest, TextIsReadStrictly) {
  LagRig rig;
  rig.SettleDown();
  const std::string text = SaveTrack(rig.track());
  EXPECT_EQ(LoadTrack(text), rig.track());
  EXPECT_LT(text.size(), 200U);
  for (const std::string& damaged :
       {std::string(), text + " ", text + " 1", text.substr(0, text.rfind(' ')),
        "2" + text.substr(1), " " + text, text + "x", text + "\n"}) {
    EXPECT_EQ(LoadTrack(damaged), std::nullopt) << damaged;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(LoadTrack(std::string(text).replace(i, 1, "?")), std::nullopt);
  }
  EXPECT_EQ(LoadTrack("1 -9223372036854775808 OK 0" + text.substr(text.find(" 0 ") + 2)),
            std::nullopt);
}

TEST(LagTrackTest, PartitionsAreReadBackWithoutTheDamagedOnes) {
  LagRig rig;
  rig.SettleDown();
  const PartitionTracks tracks = {{0, rig.track()}, {3, LagTrack{}}, {17, rig.track()}};
  std::string text = SaveTracks(tracks);
  EXPECT_EQ(LoadTracks(text), tracks);
  text.insert(0, "x 1\n-1 1\n5\n\n4 1 2 3\n");
  EXPECT_EQ(LoadTracks(text), tracks);
  EXPECT_TRUE(LoadTracks("").empty());
  EXPECT_TRUE(LoadTracks("[[0,5,9,1]]").empty());
}

}  // namespace
}  // namespace lanemq::core
