#include "tests/checker/failure_checker.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lanemq::checker {
namespace {

using Kind = FailureEventKind;

constexpr std::int64_t kDue = 5'000;

StoredCopy CopyOf(std::int64_t number) {
  return {.id = {0, number},
          .key = fmt::format("k{}", number % 2),
          .timestamp_us = 100 + number,
          .content = fmt::format("content {}", number)};
}

/// A run in which everything is well: five records of partition 0 at offsets 1 to 5; 2 is done
/// at the second attempt, 3 is given up, 4 at the limit.
class FailureCheckerTest : public ::testing::Test {
 protected:
  FailureCheckerTest() {
    for (std::int64_t number = 1; number <= 5; ++number) {
      run_.sends.push_back(
          {.id = {0, number}, .is_acked = true, .fingerprint = 7, .acked_at_us = 50});
      run_.tables.log[{0, number}] = CopyOf(number);
    }
    run_.handlers.push_back({"a", {}});
    run_.handlers.push_back({"b", {}});
    run_.tables.committed[0] = 6;
    options_.attempts_max = 2;
    Handle(1'000, 1, 1, Kind::kOk);
    Handle(1'010, 2, 1, Kind::kRetry, "busy");
    Handle(1'020, 3, 1, Kind::kDead, "spoilt");
    Handle(1'030, 4, 1, Kind::kRetry, "busy");
    Handle(1'040, 5, 1, Kind::kOk);
    Handle(1'050, 2, 2, Kind::kOk);
    Handle(1'060, 4, 2, Kind::kRetry, "busy");
    Bury(3, 1, "spoilt");
    Bury(4, 2, "busy");
  }

  void Do(std::int64_t at, std::int64_t number, std::int32_t attempt, Kind kind,
          std::string reason = "", std::size_t process = 0) {
    run_.handlers[process].events.push_back({.at_us = at,
                                             .kind = kind,
                                             .partition = 0,
                                             .offset = number,
                                             .attempt = attempt,
                                             .id = {0, number},
                                             .fingerprint = 7,
                                             .reason = std::move(reason)});
  }
  void Handle(std::int64_t at, std::int64_t number, std::int32_t attempt, Kind outcome,
              std::string reason = "", std::size_t process = 0) {
    Do(at, number, attempt, Kind::kDeliver, "", process);
    Do(at + 5, number, attempt, outcome, std::move(reason), process);
  }
  void Bury(std::int64_t number, std::int32_t attempts, std::string reason) {
    run_.tables.dead[{0, number}] = {
        .record = CopyOf(number), .attempts = attempts, .reason = std::move(reason)};
  }
  /// Takes what was done with the record out of the event files.
  void Forget(std::int64_t number) {
    for (HandlerLog& log : run_.handlers) {
      std::erase_if(log.events, [&](const FailureEvent& e) { return e.offset == number; });
    }
  }
  /// A delayed message at the offset that is its number.
  FailureSend& Delay(std::int64_t number, std::int64_t due_us = kDue) {
    run_.sends.push_back({.id = {0, number},
                          .is_acked = true,
                          .fingerprint = 7,
                          .acked_at_us = 60,
                          .due_us = due_us});
    run_.tables.log[{0, number}] = CopyOf(number);
    run_.tables.log[{0, number}].timestamp_us = due_us + 10;
    run_.tables.committed[0] = number + 1;
    Handle(due_us + 20 + number, number, 1, Kind::kOk);
    return run_.sends.back();
  }
  void ExpectBroken(FailureRule rule) {
    const FailureReport report = CheckFailures(run_, options_);
    EXPECT_TRUE(report.broken.contains(rule)) << NameOf(rule) << ": " << report.ToString();
  }
  void ExpectFine() {
    const FailureReport report = CheckFailures(run_, options_);
    EXPECT_TRUE(report.ok()) << report.ToString();
  }

  FailureCase run_;
  FailureCheckOptions options_;
};

TEST_F(FailureCheckerTest, AcceptsAGoodRunAndCounts) {
  const FailureReport report = CheckFailures(run_, options_);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.sent, 5);
  EXPECT_EQ(report.done, 3);
  EXPECT_EQ(report.dead, 2);
  EXPECT_EQ(report.deliveries, 7);
  EXPECT_EQ(report.attempts_max, 2);
}

TEST_F(FailureCheckerTest, AcceptsRepeatsAfterACrash) {
  Do(900, 1, 1, Kind::kDeliver, "", 1);
  Handle(910, 2, 1, Kind::kRetry, "busy", 1);
  ExpectFine();
  EXPECT_EQ(CheckFailures(run_, options_).redeliveries, 2);
}

TEST_F(FailureCheckerTest, AcceptsAnyInstantOfARun) {
  options_.is_finished = false;
  run_.tables.committed[0] = 3;
  run_.tables.dead.clear();
  run_.tables.retries[{0, 2}] = {.record = CopyOf(2), .attempts = 1, .reason = "busy"};
  ExpectFine();
  run_.tables.retries.clear();
  Forget(2);
  ExpectBroken(FailureRule::kNowhere);
}

TEST_F(FailureCheckerTest, ConvictsLostAndDoubledRecords) {
  const FailureCase good = run_;
  Forget(1);
  ExpectBroken(FailureRule::kNowhere);
  run_ = good;
  run_.tables.dead.erase({0, 3});
  ExpectBroken(FailureRule::kDeadMissing);
  run_ = good;
  run_.tables.log.erase({0, 1});
  ExpectBroken(FailureRule::kNotStored);
  run_ = good;
  run_.tables.log[{0, 5}].id = {0, 1};
  ExpectBroken(FailureRule::kStoredTwice);
  run_ = good;
  run_.tables.log[{0, 6}] = CopyOf(6);
  ExpectBroken(FailureRule::kUnexpected);
}

TEST_F(FailureCheckerTest, ConvictsRecordsInTheWrongPlace) {
  const FailureCase good = run_;
  run_.tables.retries[{0, 3}] = {.record = CopyOf(3), .attempts = 1};
  ExpectBroken(FailureRule::kTwoPlaces);
  ExpectBroken(FailureRule::kNotDone);
  run_ = good;
  run_.tables.committed[0] = 4;
  ExpectBroken(FailureRule::kAhead);
  ExpectBroken(FailureRule::kNotDone);
  run_ = good;
  Bury(5, 1, "spoilt");
  ExpectBroken(FailureRule::kDoneAndDead);
}

TEST_F(FailureCheckerTest, ConvictsAttempts) {
  const FailureCase good = run_;
  Handle(1'100, 4, 3, Kind::kRetry, "busy");
  ExpectBroken(FailureRule::kPastLimit);
  run_ = good;
  run_.tables.dead[{0, 4}].attempts = 3;
  ExpectBroken(FailureRule::kPastLimit);
  run_ = good;
  Handle(1'055, 2, 2, Kind::kOk, "", 1);
  ExpectBroken(FailureRule::kSameAttempt);
  run_ = good;
  options_.retry_wait_min_us = 25;
  ExpectFine();
  options_.retry_wait_min_us = 30;
  ExpectBroken(FailureRule::kRetryEarly);
}

TEST_F(FailureCheckerTest, ConvictsDeadLettersThatDifferFromTheirSource) {
  const FailureCase good = run_;
  run_.tables.dead[{0, 3}].record.content = "else";
  ExpectBroken(FailureRule::kSourceDiffers);
  run_ = good;
  run_.tables.dead[{0, 3}].record.timestamp_us = 1;
  ExpectBroken(FailureRule::kSourceDiffers);
  run_ = good;
  run_.handlers[0].events[0].fingerprint = 8;
  ExpectBroken(FailureRule::kSourceDiffers);
  run_ = good;
  run_.tables.dead[{0, 3}].reason = "bored";
  ExpectBroken(FailureRule::kReasonDiffers);
  run_.tables.dead[{0, 3}].reason = "lost";
  ExpectFine();
}

TEST_F(FailureCheckerTest, JudgesRedrives) {
  run_.redrives.push_back({2'000, {{0, 3}}});
  run_.tables.dead.erase({0, 3});
  ExpectBroken(FailureRule::kRedriveLost);
  Handle(2'010, 3, 1, Kind::kOk);
  ExpectFine();
  Handle(2'020, 3, 1, Kind::kOk);
  ExpectBroken(FailureRule::kRedriveTwice);
  // The second one belongs to a second request.
  run_.redrives.push_back({2'018, {{0, 3}}});
  ExpectFine();
}

TEST_F(FailureCheckerTest, JudgesDueTimes) {
  Delay(6);
  ExpectFine();
  const FailureCase good = run_;
  run_.tables.log[{0, 6}].timestamp_us = kDue - 1;
  ExpectBroken(FailureRule::kEarly);
  run_ = good;
  Do(kDue - 1, 6, 1, Kind::kDeliver);
  ExpectBroken(FailureRule::kEarly);
  run_ = good;
  Delay(7, kDue - 1);  // Behind the one that is due later.
  ExpectBroken(FailureRule::kDueOrder);
  run_.sends.back().acked_at_us = kDue + 5;  // It came too late for that.
  ExpectFine();
  run_ = good;
  Delay(7);
  ExpectFine();
  std::swap(run_.tables.log[{0, 6}], run_.tables.log[{0, 7}]);
  ExpectBroken(FailureRule::kDueOrder);
}

TEST_F(FailureCheckerTest, JudgesCancellations) {
  Delay(6).cancel = CancelAnswer::kCancelled;
  ExpectBroken(FailureRule::kCancelled);
  run_.tables.log.erase({0, 6});
  Forget(6);
  run_.tables.committed[0] = 6;
  ExpectFine();
  run_.sends.back().cancel = CancelAnswer::kDelivered;
  ExpectBroken(FailureRule::kCancelLied);
  run_.sends.back().cancel = CancelAnswer::kNotFound;
  ExpectBroken(FailureRule::kCancelLied);
  options_.may_repeat_cancels = true;
  ExpectFine();
  run_.sends.back().cancel = CancelAnswer::kNone;
  ExpectBroken(FailureRule::kNotStored);
}

TEST_F(FailureCheckerTest, JudgesOrder) {
  options_.order = KeptOrder::kKey;
  ExpectBroken(FailureRule::kKeyOrder);  // 4 began before 2, which has its key, was done.
  Forget(2);
  Handle(1'012, 2, 1, Kind::kRetry, "busy");
  Handle(1'018, 2, 2, Kind::kOk);
  ExpectFine();
  options_.order = KeptOrder::kPartition;
  ExpectBroken(FailureRule::kKeyOrder);  // 3 began before 2 was done.
}

TEST(FailureEventsTest, LinesSurviveAndACutOneIsLeftOut) {
  const FailureEvent event{.at_us = 123,
                           .kind = Kind::kDead,
                           .partition = 3,
                           .offset = 99,
                           .attempt = 2,
                           .id = {4, 5},
                           .fingerprint = 18'000'000'000'000'000'000u,
                           .reason = "spoilt: x y"};
  const auto log = ParseHandlerLog("m", FormatFailureEvent(event) + "124 deliver 3 1");
  ASSERT_TRUE(log.ok()) << log.error().ToString();
  ASSERT_EQ(log->events.size(), 1u);
  EXPECT_EQ(log->events[0].reason, "spoilt: x y");
  EXPECT_EQ(log->events[0].fingerprint, event.fingerprint);
  EXPECT_EQ(log->events[0].id, event.id);
  EXPECT_FALSE(ParseHandlerLog("m", "12 dance 1 1 1 1 1 1 \n").ok());
}

}  // namespace
}  // namespace lanemq::checker
