// The Runner against servers in memory: what becomes of records that handlers fail.
#include "lanemq/runner.h"

#include <map>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "client/src/consumer/consumer_group_test_base.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::client {
namespace {

/// On a thread of its own, stopped at the end of the test at the latest.
class Running {
 public:
  explicit Running(Runner& runner)
      : runner_(runner), thread_([this] { status_ = runner_.Run(); }) {}
  ~Running() { (void)Stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  Status Stop() {
    runner_.Stop();
    return Wait();
  }
  Status Wait() {
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  Runner& runner_;
  Status status_;
  std::thread thread_;
};

/// What handlers were called with, in order.
class Calls {
 public:
  struct Call {
    std::int32_t partition;
    std::int64_t offset;
    std::int32_t attempt;
    auto operator<=>(const Call&) const = default;
  };
  void Add(const ConsumedRecord& record) {
    MutexLock lock(mutex_);
    calls_.push_back({record.partition(), record.offset, record.attempt});
  }
  [[nodiscard]] std::vector<Call> All() const {
    MutexLock lock(mutex_);
    return calls_;
  }
  [[nodiscard]] std::vector<std::int32_t> AttemptsAt(std::int64_t offset) const {
    std::vector<std::int32_t> attempts;
    for (const Call& call : All()) {
      if (call.offset == offset) attempts.push_back(call.attempt);
    }
    return attempts;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Call> calls_ LANEMQ_GUARDED_BY(mutex_);
};

/// A door that handlers wait at.
class Door {
 public:
  void Open() {
    MutexLock lock(mutex_);
    is_open_ = true;
    opened_.NotifyAll();
  }
  void Pass() {
    MutexLock lock(mutex_);
    ++waiting_;
    while (!is_open_) opened_.Wait(mutex_);
    ++passed_;
  }
  [[nodiscard]] int waiting() const {
    MutexLock lock(mutex_);
    return waiting_;
  }
  [[nodiscard]] int passed() const {
    MutexLock lock(mutex_);
    return passed_;
  }

 private:
  mutable Mutex mutex_;
  CondVar opened_;
  bool is_open_ LANEMQ_GUARDED_BY(mutex_) = false;
  int waiting_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int passed_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

class RunnerTest : public ConsumerGroupTest {
 protected:
  static constexpr std::int64_t kFirst = 901;
  RunnerTest() { UsePartitions(1); }
  /// Each with the records 901 to 1,000.
  void UsePartitions(std::int32_t count) {
    cluster_.SetTopic("t", count);
    for (std::int32_t p = 0; p < count; ++p) {
      cluster_.Change({"t", p}, [](FakeCluster::Row& row) { row.offset = kFirst; });
    }
  }
  RunnerOptions RunnerOptionsOf() {
    RunnerOptions options;
    options.consumer = Options();
    options.consumer.max_poll_records = 50;
    options.topics = {"t"};
    options.commit_interval = 20ms;
    return options;
  }
  static std::unique_ptr<Runner> MakeRunner(const RunnerOptions& options, Runner::Handler handler) {
    auto runner = Runner::Create(options, std::move(handler));
    EXPECT_TRUE(runner.ok()) << runner.error().ToString();
    return std::move(runner).value();
  }
  /// Everything is committed and nothing is to be tried again.
  [[nodiscard]] bool IsAllDone(std::int32_t partitions = 1) const {
    for (std::int32_t p = 0; p < partitions; ++p) {
      const FakeCluster::Row row = cluster_.Get({"t", p});
      if (row.offset != FakeBroker::kLogEnd || !row.retries.empty()) return false;
    }
    return true;
  }
  [[nodiscard]] FakeCluster::Row Row() const { return cluster_.Get({"t", 0}); }
  static idl::RetryPolicy Policy(std::int32_t max_attempts, std::int64_t delay_ms) {
    idl::RetryPolicy policy;
    policy.__set_max_attempts(max_attempts);
    policy.__set_delays_ms({delay_ms});
    return policy;
  }
};

TEST_F(RunnerTest, WhatFailsStepsAsideAndIsTriedAgainOrDies) {
  Calls calls;
  const auto runner = MakeRunner(RunnerOptionsOf(), [&](const ConsumedRecord& record) -> Outcome {
    calls.Add(record);
    if (record.offset == 910 && !record.is_retry()) return Outcome::Retry("busy");
    if (record.offset == 920) return Outcome::Dead("bad", "no such account");
    if (record.offset == 930 && record.attempt < 3) throw std::runtime_error("boom");
    if (record.offset == 940 && record.attempt < 2) return Error{ErrorCode::kThrottled, "slow"};
    if (record.offset == 950 && record.attempt < 2) return Outcome::Retry(std::string(99, 'r'));
    return Outcome::Ok();
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done"));
  EXPECT_TRUE(running.Stop().ok());
  EXPECT_EQ(Row().dead, (std::map<std::int64_t, std::string>{{920, "bad"}}));
  EXPECT_EQ(calls.AttemptsAt(910), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(calls.AttemptsAt(920), (std::vector<std::int32_t>{1}));
  EXPECT_EQ(calls.AttemptsAt(930), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(calls.AttemptsAt(940), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(calls.All().size(), 100u + 1 + 2 + 1 + 1);
  EXPECT_EQ(runner->Stats().handled, 99);
  EXPECT_EQ(runner->Stats().failed, 6);
}

TEST_F(RunnerTest, AHandlerMayReturnAStatus) {
  const auto runner = MakeRunner(RunnerOptionsOf(), [](const ConsumedRecord& record) -> Status {
    if (record.offset != 910 || record.is_retry()) return {};
    return Error{ErrorCode::kNotFound, "no such account"};
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done"));
  EXPECT_EQ(runner->Stats().failed, 1);
  EXPECT_EQ(Outcome(Error{ErrorCode::kNotFound, "x"}).failure()->reason, "NOT_FOUND");
}

TEST_F(RunnerTest, AHandlerThatHangsIsReplacedAndWhatItReturnsLaterIsIgnored) {
  Door door;
  Calls calls;
  RunnerOptions options = RunnerOptionsOf();
  options.threads = 1;
  options.handler_timeout = 100ms;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    calls.Add(record);
    if (record.offset != 910 || record.is_retry()) return Outcome::Ok();
    door.Pass();
    return Outcome::Dead("late");
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done without it"));
  EXPECT_EQ(runner->Stats().timeouts, 1);
  EXPECT_EQ(calls.AttemptsAt(910), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(door.passed(), 0);
  door.Open();
  ASSERT_TRUE(testing::WaitFor([&] { return door.passed() == 1; }, 5s, "returned"));
  EXPECT_TRUE(running.Stop().ok());
  EXPECT_TRUE(Row().dead.empty());
}

TEST_F(RunnerTest, HeartbeatsTellOfAHandlerThatHangsThoughTheRunnerPolls) {
  Door door;
  RunnerOptions options = RunnerOptionsOf();
  options.threads = 2;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) {
    if (record.offset == 910) door.Pass();
    return Outcome::Ok();
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return door.waiting() == 1; }, 20s, "in the handler"));
  ASSERT_TRUE(
      testing::WaitFor([&] { return coordinator_->poll_age_ms >= 1'000; }, 10s, "told of it"));
  door.Open();
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done"));
  ASSERT_TRUE(testing::WaitFor([&] { return coordinator_->poll_age_ms < 900; }, 10s, "over"));
  EXPECT_TRUE(running.Stop().ok());
}

TEST_F(RunnerTest, TooManyHandlersThatHangStopTheRunnerAndNothingIsSkipped) {
  Door door;
  RunnerOptions options = RunnerOptionsOf();
  options.threads = 2;
  options.order = HandlingOrder::kNone;
  options.handler_timeout = 100ms;
  options.drain_timeout = 1s;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    if (record.offset >= 910) door.Pass();
    return Outcome::Ok();
  });
  Running running(*runner);
  const Status status = running.Wait();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("took longer"), std::string::npos);
  const FakeCluster::Row row = Row();
  // Those that were given up, and no others, were passed.
  EXPECT_LE(row.offset, 910 + static_cast<std::int64_t>(row.retries.size()));
  EXPECT_GE(row.retries.size(), 3u);
  const int hanging = door.waiting();
  door.Open();
  EXPECT_TRUE(testing::WaitFor([&] { return door.passed() == hanging; }, 5s, "let go"));
}

TEST_F(RunnerTest, ABlockedLaneWaitsInPlaceAndGoesOnAtTheLimit) {
  broker_->SetPolicy(Policy(3, 10));
  Calls calls;
  RunnerOptions options = RunnerOptionsOf();
  options.on_failure = OnFailure::kBlock;
  // The policy comes with the first poll of the rows.
  Door door;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    if (record.offset == kFirst) door.Pass();
    calls.Add(record);
    if (record.offset == 910 && record.attempt < 3) return Outcome::Retry("busy");
    if (record.offset == 920) return Outcome::Retry("broken");
    return Outcome::Ok();
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return broker_->row_fetches >= 2; }, 10s, "policy"));
  door.Open();
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done"));
  EXPECT_TRUE(running.Stop().ok());
  std::vector<Calls::Call> expected;
  for (std::int64_t offset = kFirst; offset < FakeBroker::kLogEnd; ++offset) {
    for (int attempt = 1; attempt <= (offset == 910 || offset == 920 ? 3 : 1); ++attempt) {
      expected.push_back({0, offset, attempt});
    }
  }
  EXPECT_EQ(calls.All(), expected);
  EXPECT_EQ(Row().dead, (std::map<std::int64_t, std::string>{{920, "broken"}}));
}

TEST_F(RunnerTest, AChangeOfThePolicyReachesALaneThatWaits) {
  broker_->SetPolicy(Policy(3, 3'600'000));
  std::atomic<bool> is_mended{false};
  std::atomic<int> failures{0};
  RunnerOptions options = RunnerOptionsOf();
  options.on_failure = OnFailure::kBlock;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    if (record.offset != 910 || is_mended) return Outcome::Ok();
    ++failures;
    return Outcome::Retry("busy");
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return failures >= 1 && Row().offset == 910; }, 10s, "waits"));
  is_mended = true;
  broker_->SetPolicy(Policy(30, 1));
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 10s, "goes on"));
  EXPECT_TRUE(running.Stop().ok());
}

TEST_F(RunnerTest, StoppingDoesNotWaitForALaneThatWaits) {
  broker_->SetPolicy(Policy(3, 3'600'000));
  RunnerOptions options = RunnerOptionsOf();
  options.on_failure = OnFailure::kBlock;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    if (record.offset == 910) return Outcome::Retry("busy", 1h);
    return Outcome::Ok();
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return Row().offset == 910; }, 10s, "waits"));
  const MonotonicTime begin = SystemClock::Instance().Now();
  EXPECT_TRUE(running.Stop().ok());
  EXPECT_LT(SystemClock::Instance().Now() - begin, 10s);
  EXPECT_EQ(Row().offset, 910) << "it is delivered again";
}

TEST_F(RunnerTest, ARecordThatKillsItsProcessIsFoundOut) {
  cluster_.Change({"t", 0}, [](FakeCluster::Row& row) {
    row.claims_told = 3;
    row.attempt_offset = kFirst;
    row.attempts = 3;
  });
  broker_->SetPolicy(Policy(3, 10));
  Calls calls;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> most_carefully{0};
  RunnerOptions options = RunnerOptionsOf();
  options.order = HandlingOrder::kNone;
  options.unfinished_max = 10;
  const auto runner = MakeRunner(options, [&](const ConsumedRecord& record) -> Outcome {
    calls.Add(record);
    const int now = ++inside;
    std::atomic<int>& seen = record.offset < kFirst + 20 ? most_carefully : most;
    if (now > seen) seen = now;
    if (record.offset < kFirst + 20) {
      EXPECT_EQ(Row().attempt_offset, record.offset);
    }
    --inside;
    return Outcome::Ok();
  });
  Running running(*runner);
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(); }, 20s, "done"));
  EXPECT_TRUE(running.Stop().ok());
  EXPECT_EQ(Row().dead, (std::map<std::int64_t, std::string>{{kFirst, "lost"}}));
  EXPECT_TRUE(calls.AttemptsAt(kFirst).empty());
  EXPECT_EQ(calls.All().size(), 99u);
  EXPECT_EQ(most_carefully, 1);
  EXPECT_EQ(Row().attempt_offset, kFirst + 19) << "then it goes as usual";
}

// Whatever fails, is lost on the way or moves: what is committed was handled, or is dead or
// to be tried again.
TEST_F(RunnerTest, NothingIsLostWhenPartitionsMoveAndRepliesAreLost) {
  UsePartitions(4);
  Mutex mutex;
  std::map<std::pair<std::int32_t, std::int64_t>, int> handled;
  const auto handler = [&](const ConsumedRecord& record) -> Outcome {
    if (record.offset % 11 == 0) return Outcome::Dead("bad");
    if (record.offset % 3 == 0 && record.attempt < 3) return Outcome::Retry("busy");
    MutexLock lock(mutex);
    ++handled[{record.partition(), record.offset}];
    return Outcome::Ok();
  };
  RunnerOptions options = RunnerOptionsOf();
  options.order = HandlingOrder::kNone;
  options.consumer.max_poll_records = 10;
  const auto first = MakeRunner(options, handler);
  const auto second = MakeRunner(options, handler);
  broker_->settle_replies_lost = 5;
  Running one(*first);
  ASSERT_TRUE(testing::WaitFor([&] { return first->Stats().failed > 5; }, 20s, "the first"));
  {
    Running two(*second);
    (void)testing::WaitFor([&] { return second->Stats().failed > 5 || IsAllDone(4); }, 20s, "both");
    broker_->settle_replies_lost = 3;
    EXPECT_TRUE(two.Stop().ok());
  }
  ASSERT_TRUE(testing::WaitFor([&] { return IsAllDone(4); }, 30s, "done"));
  EXPECT_TRUE(one.Stop().ok());
  MutexLock lock(mutex);
  for (std::int32_t p = 0; p < 4; ++p) {
    const FakeCluster::Row row = cluster_.Get({"t", p});
    for (std::int64_t offset = kFirst; offset < FakeBroker::kLogEnd; ++offset) {
      EXPECT_EQ(row.dead.contains(offset), offset % 11 == 0) << p << " " << offset;
      EXPECT_EQ(handled.contains({p, offset}), offset % 11 != 0) << p << " " << offset;
    }
  }
}

}  // namespace
}  // namespace lanemq::client
