// The rules of Burrow's evaluator (core/internal/evaluator/caching.go) as vectors: a window of ten
// commits, of which it judges the newest; and what is said here, sampling the same story every 5 s.
// Where the answers differ, the vector says why.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/lag/lag_rig.h"

namespace lanemq::core {
namespace {

using namespace std::chrono_literals;
using testing::LagRig;
using enum LagStatus;

struct Commit {
  std::chrono::seconds at;  ///< Since the beginning.
  std::int64_t offset;
  std::int64_t end;  ///< Of the log at that time.
};

struct Vector {
  std::string name;
  std::vector<Commit> commits;
  std::chrono::seconds now;
  std::int64_t end;  ///< Of the log now; what comes after the last commit is a second younger.
  LagStatus burrow;
  LagStatus here;
  std::string difference;  ///< Empty: there is none.
  std::chrono::minutes objective{1};
};

std::vector<Commit> Steps(std::chrono::seconds step, std::int64_t offset, std::int64_t by,
                          std::int64_t lag, std::int64_t lag_by) {
  std::vector<Commit> commits;
  for (int i = 0; i < 10; ++i) {
    const std::int64_t at = offset + i * by;
    commits.push_back({(i + 1) * step, at, at + lag + i * lag_by});
  }
  return commits;
}

std::vector<Commit> With(std::vector<Commit> commits, const Commit& last) {
  commits.push_back(last);
  return commits;
}

const std::vector<Vector> kVectors = {
    {"1 nothing unread", Steps(60s, 100, 10, 0, 0), 20min, 190, kOk, kOk, ""},
    {"1 nothing unread although it went silent", Steps(1s, 100, 10, 0, 0), 9h, 190, kOk, kOk, ""},
    {"2 silent for longer than the window of commits was, with lag", Steps(60s, 100, 10, 5, 0),
     21min, 300, kStop, kStop, ""},
    {"2 silent for two minutes after quick commits", Steps(1s, 100, 10, 5, 0), 120s, 300, kStop,
     kNew, "its window is as long as ten commits took: ten seconds are no reason to wake anybody"},
    {"2 silent, and the objective is broken", Steps(40s, 100, 10, 0, 0), 620s, 300, kOk, kSlow,
     "it looks at commits alone"},
    {"2 silent with one message", Steps(60s, 100, 10, 0, 0), 21min, 191, kStop, kStop, ""},
    {"2 silent with one message, after slow commits", Steps(5min, 100, 10, 0, 0), 62min, 191, kOk,
     kStop, "it waits as long as the commits took before: here ten minutes are enough"},
    {"3 went back and has not regained",
     With(With(Steps(60s, 100, 10, 0, 0), {11min, 50, 190}), {22min, 60, 190}), 23min, 190, kRewind,
     kRewind, "", 40min},
    {"3 went back a moment ago", With(Steps(60s, 100, 10, 0, 0), {11min, 50, 190}), 690s, 190,
     kRewind, kOk, "it keeps its objective; that it went back is told beside the verdict", 30min},
    {"3 went back and pages for lag", With(Steps(60s, 100, 10, 0, 0), {11min, 50, 190}), 14min, 190,
     kRewind, kSlow, "a page must not hide behind a ticket"},
    {"4 caught up once in the window", With(Steps(60s, 100, 10, 0, 0), {11min, 200, 230}), 695s,
     230, kOk, kOk, ""},
    {"5 commits do not move", Steps(90s, 100, 0, 50, 0), 15min, 150, kStall, kStall, ""},
    {"5 commits do not move for ten seconds", With(Steps(1s, 100, 0, 50, 0), {8min, 100, 150}),
     8min + 5s, 150, kStall, kSlow, "ten commits within seconds are no stall"},
    {"6 lag never falls and grows", Steps(65s, 100, 10, 500, 20), 11min + 50s, 870, kWarn, kWarn,
     "", 20min},
    {"6 lag never falls, and breaks the objective", Steps(65s, 100, 10, 500, 20), 11min + 50s, 870,
     kWarn, kSlow, "late is late"},
    {"6 lag that stays the same", Steps(65s, 100, 10, 500, 0), 11min + 50s, 690, kWarn, kOk,
     "equal lag is no lost ground", 20min},
    {"7 lag falls", Steps(65s, 100, 100, 500, -10), 11min + 50s, 1'410, kOk, kOk, "", 20min},
};

/// Burrow's own rules, as written: a ring of ten commits, and one of the ten newest heads, asked
/// for every ten seconds.
LagStatus Burrow(const Vector& vector) {
  const std::span all(vector.commits);
  const auto window = all.last(std::min<std::size_t>(all.size(), 10));
  const Commit& last = window.back();
  if (vector.end <= last.offset) return kOk;
  bool was_caught_up = false;
  for (int i = 0; i < 10; ++i) {
    const auto asked = vector.now - i * 10s;
    std::int64_t head = asked > last.at ? vector.end : 0;
    for (const Commit& commit : all) {
      if (commit.at <= asked) head = std::max(head, commit.end);
    }
    was_caught_up |= head <= last.offset;
  }
  if (vector.now - last.at > last.at - window.front().at && !was_caught_up) return kStop;
  for (std::size_t i = 1; i < window.size(); ++i) {
    const std::int64_t before = window[i - 1].offset;
    if (window[i].offset < before && std::ranges::none_of(window.subspan(i), [&](const Commit& c) {
          return c.offset >= before;
        })) {
      return kRewind;
    }
  }
  bool is_equal = true;
  bool never_falls = true;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const std::int64_t lag = window[i].end - window[i].offset;
    if (lag <= 0) return kOk;
    is_equal &= window[i].offset == window[0].offset;
    if (i > 0) never_falls &= lag >= window[i - 1].end - window[i - 1].offset;
  }
  if (is_equal) return kStall;
  return never_falls ? kWarn : kOk;
}

LagStatus Here(const Vector& vector) {
  LagRig rig;
  rig.objective().objective = vector.objective;
  const std::int64_t begin = rig.now();
  const auto fill = [&](std::int64_t end) {
    if (end > rig.End()) rig.Produce(static_cast<int>(end - rig.End()));
  };
  fill(vector.commits.front().end);
  rig.CommitTo(vector.commits.front().offset);
  LagStatus status = rig.Status();
  std::size_t next = 0;
  bool is_filled = false;
  while (rig.now() - begin < testing::ToMicros(vector.now)) {
    rig.Advance(5s);
    const std::chrono::microseconds passed{rig.now() - begin};
    if (next == vector.commits.size() && !is_filled) {
      fill(vector.end);
      is_filled = true;
    }
    for (; next < vector.commits.size() && vector.commits[next].at <= passed; ++next) {
      fill(vector.commits[next].end);
      rig.CommitTo(vector.commits[next].offset);
    }
    status = rig.Status();
  }
  return status;
}

TEST(BurrowRulesTest, EachVectorIsJudgedAsBurrowDoesOrDiffersForAReason) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.name);
    EXPECT_EQ(Burrow(vector), vector.burrow);
    EXPECT_EQ(Here(vector), vector.here);
    EXPECT_EQ(vector.burrow == vector.here, vector.difference.empty());
  }
}

}  // namespace
}  // namespace lanemq::core
