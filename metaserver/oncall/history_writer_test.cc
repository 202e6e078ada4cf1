#include "metaserver/oncall/history_writer.h"

#include <atomic>

#include <gtest/gtest.h>

#include "tests/conformance/fake_lag_history.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::LastUse;
using core::TopicId;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::WaitFor;

constexpr char kLease[] = "on-call";
constexpr TopicId kTopic{7};

WallTime At(std::int64_t hour) { return {1'795'219'200'000'000 + hour * 3'600'000'000}; }

/// The system's, and how often it was asked.
class CountingClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override {
    asked.fetch_add(1);
    return SystemClock::Instance().Now();
  }
  [[nodiscard]] WallTime WallNow() const override { return SystemClock::Instance().WallNow(); }
  mutable std::atomic<std::int64_t> asked = 0;
};

class HistoryWriterTest : public ::testing::Test {
 protected:
  HistoryWriterTest() {
    options_.uses_every = milliseconds{0};
    writer_ = std::make_unique<HistoryWriter>(
        options_, history_, [](const auto&...) { return std::string(); }, [](const Error&) {},
        clock_);
  }
  core::Fence Term(std::int64_t token) {
    history_.SetTerm(kLease, core::FencingToken{token});
    return {kLease, core::FencingToken{token}};
  }
  /// As of `kTopic`; `also` is a topic that was not there, to be waited for.
  void Look(const core::Fence& fence, std::int64_t hour, std::int64_t produced, TopicId also) {
    LagPicture picture;
    picture.is_whole = true;
    picture.wall = At(hour);
    picture.evaluated = SystemClock::Instance().Now();
    picture.topics.push_back({.topic = kTopic, .produced = produced, .is_whole = true});
    picture.topics.push_back({.topic = also, .is_whole = true});
    writer_->OnEvaluated(picture, fence);
    ASSERT_TRUE(
        WaitFor([&] { return Find(also).topic == also; }, seconds{10}, "it has been written"));
  }
  LastUse Find(TopicId topic) {
    const auto uses = history_.LastUses(100, Deadline::After(SystemClock::Instance(), seconds{5}));
    for (const LastUse& use : *uses) {
      if (use.topic == topic) return use;
    }
    return {};
  }

  HistoryWriter::Options options_;
  testing::FakeLagHistory history_;
  CountingClock clock_;
  std::unique_ptr<HistoryWriter> writer_;
};

TEST_F(HistoryWriterTest, WhatOthersWroteBetweenTwoTermsCounts) {
  writer_->Start();
  ASSERT_NO_FATAL_FAILURE(Look(Term(1), 0, 5, TopicId{8}));
  EXPECT_EQ(Find(kTopic).produced_at, At(0));
  // Another metaserver, which saw the last use.
  const LastUse theirs{kTopic, At(0), At(2), {}, 9, 0};
  ASSERT_TRUE(history_
                  .WriteLastUses(std::span(&theirs, 1), Term(2),
                                 Deadline::After(SystemClock::Instance(), seconds{5}))
                  .ok());
  ASSERT_NO_FATAL_FAILURE(Look(Term(3), 900, 9, TopicId{10}));
  EXPECT_EQ(Find(kTopic), theirs) << "nobody has used it since";
}

TEST_F(HistoryWriterTest, WhatWaitsForATermKeepsNobodyBusy) {
  writer_->Start();
  // Until the database's clock is known, nothing is kept.
  ASSERT_NO_FATAL_FAILURE(Look(Term(1), 0, 5, TopicId{8}));
  LagPicture picture;
  picture.is_whole = true;
  picture.wall = At(1);
  picture.evaluated = SystemClock::Instance().Now();
  picture.topics.push_back({.topic = kTopic, .produced = 9, .is_whole = true});
  writer_->OnEvaluated(picture, std::nullopt);
  writer_->Flush();
  const std::int64_t before = clock_.asked;
  EXPECT_FALSE(WaitFor([&] { return clock_.asked > before + 1'000; }, seconds{2}, "a busy loop"));
}

}  // namespace
}  // namespace lanemq::metaserver
