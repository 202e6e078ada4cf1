#include "client/outbox_relay/relay.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/fake_outbox_store.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FakeOutboxStore;
using testing::WaitFor;
using Call = FakeOutboxStore::Call;

// One partition per topic, which stores batches as brokers do, or keeps them waiting.
class FakePublisher final : public BatchPublisher {
 public:
  Result<std::int32_t> PartitionsOf(const std::string&) override { return 1; }
  void SetListener(std::function<void()>) override {}

  void Publish(const core::OutboxGroup& group, const std::vector<core::OutboxMessage>& messages,
               Deadline, Done done) override {
    {
      MutexLock lock(mutex_);
      groups_.push_back(group);
      if (is_stuck_) {
        waiting_.push_back(std::move(done));
        return;
      }
      Store(group, messages);
    }
    done(std::nullopt);
  }

  void Stick() {
    MutexLock lock(mutex_);
    is_stuck_ = true;
  }
  // What waits was not stored.
  void Unstick() {
    std::vector<Done> waiting;
    {
      MutexLock lock(mutex_);
      is_stuck_ = false;
      waiting.swap(waiting_);
    }
    for (const Done& done : waiting) done(Error{ErrorCode::kRequestTimedOut, "stuck"});
  }

  std::vector<std::string> Stored() const {
    MutexLock lock(mutex_);
    return stored_;
  }
  std::vector<core::OutboxGroup> Groups() const {
    MutexLock lock(mutex_);
    return groups_;
  }

 private:
  void Store(const core::OutboxGroup& group, const std::vector<core::OutboxMessage>& messages)
      LANEMQ_REQUIRES(mutex_) {
    std::int64_t& next = next_[{group.topic, group.producer.value}];
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto sequence = group.base_sequence + static_cast<std::int64_t>(i);
      EXPECT_LE(sequence, next) << "a gap";
      if (sequence < next) continue;
      stored_.push_back(messages[i].record->body.value_or(""));
      ++next;
    }
  }

  mutable Mutex mutex_;
  bool is_stuck_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<Done> waiting_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::OutboxGroup> groups_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::string> stored_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> next_ LANEMQ_GUARDED_BY(mutex_);
};

// Leases run by the store's own clock, which stands until a test moves it.
class OutboxRelayTest : public ::testing::Test {
 protected:
  static RelayOptions Options() {
    RelayOptions options;
    options.lease_ttl = seconds(1);
    options.poll_min = milliseconds(2);
    options.poll_max = milliseconds(50);
    options.planner.streams.resend = {milliseconds(5), milliseconds(20), 2.0};
    return options;
  }
  std::unique_ptr<OutboxRelay> Make(RelayOptions options = Options()) {
    auto relay =
        std::make_unique<OutboxRelay>(options, store_, publisher_, SystemClock::Instance());
    relay->Start();
    return relay;
  }
  void Insert(const std::string& body) { (void)store_.Insert("t", "k", body); }

  ::testing::AssertionResult Owns(OutboxRelay& relay, std::int32_t buckets) {
    return WaitFor([&] { return relay.Stats().buckets == buckets; }, seconds(20), "its buckets");
  }
  ::testing::AssertionResult IsEmptied() {
    return WaitFor([&] { return store_.Rows().empty(); }, seconds(20), "an empty outbox");
  }
  ::testing::AssertionResult HasSent(std::size_t batches) {
    return WaitFor([&] { return publisher_.Groups().size() >= batches; }, seconds(20), "batches");
  }
  static ::testing::AssertionResult GoesOn(OutboxRelay& relay, std::int64_t rounds) {
    const std::int64_t before = relay.Stats().rounds;
    return WaitFor([&] { return relay.Stats().rounds >= before + rounds; }, seconds(20), "rounds");
  }
  static Deadline Soon() { return Deadline::After(SystemClock::Instance(), seconds(10)); }
  std::size_t Sessions() { return store_.Peers(Soon())->size(); }

  FakeOutboxStore store_;
  FakePublisher publisher_;
};

TEST_F(OutboxRelayTest, TakesAllBucketsPublishesInOrderAndLeavesNothingBehind) {
  Insert("1");
  const auto relay = Make();
  ASSERT_TRUE(Owns(*relay, 256));
  Insert("2");
  Insert("3");
  ASSERT_TRUE(IsEmptied());
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(Sessions(), 1u);
  relay->Stop();
  EXPECT_EQ(Sessions(), 0u);
  EXPECT_EQ(relay->Stats().counts.published, 3);
}

TEST_F(OutboxRelayTest, TwoRelaysShareTheBuckets) {
  const auto one = Make();
  ASSERT_TRUE(Owns(*one, 256));
  auto two = Make();
  ASSERT_TRUE(Owns(*two, 128));
  ASSERT_TRUE(Owns(*one, 128));
  for (int i = 0; i < 50; ++i) (void)store_.Insert("t", "k" + std::to_string(i), "x");
  ASSERT_TRUE(IsEmptied());
  EXPECT_EQ(publisher_.Stored().size(), 50u);
  two->Stop();
  ASSERT_TRUE(Owns(*one, 256));
}

TEST_F(OutboxRelayTest, AFencedRelayOpensANewSessionAndSendsNothingOfTheOldOne) {
  publisher_.Stick();
  Insert("1");
  const auto relay = Make();
  ASSERT_TRUE(HasSent(1));
  std::optional<core::OutboxAdoption> adoption;
  ASSERT_TRUE(WaitFor(
      [&] {  // Between two of its renewals.
        store_.AdvanceTime(seconds(2));
        auto taken = store_.Adopt(1, minutes(10), Soon());
        if (taken.ok() && *taken) adoption = **taken;
        return adoption.has_value();
      },
      seconds(20), "adoption"));
  EXPECT_EQ(adoption->plan.groups.at(0), publisher_.Groups().at(0));
  ASSERT_TRUE(WaitFor([&] { return relay->Stats().session > 1; }, seconds(20), "new session"));
  EXPECT_EQ(relay->Stats().fenced, 1);
  publisher_.Unstick();
  ASSERT_TRUE(GoesOn(*relay, 5));
  EXPECT_EQ(publisher_.Groups().size(), 1u);
  ASSERT_TRUE(store_.Close(adoption->session, Soon()).ok());  // It is known to be stored nowhere.
  ASSERT_TRUE(IsEmptied());
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1"}));
  EXPECT_NE(publisher_.Groups().back().producer, publisher_.Groups().front().producer);
}

TEST_F(OutboxRelayTest, ACommitIsRepeatedUntilItsOutcomeIsKnown) {
  const auto relay = Make();
  ASSERT_TRUE(Owns(*relay, 256));
  for (int i = 0; i < 3; ++i) {
    store_.FailNext(Call::kCommit, {ErrorCode::kDataNodeUnavailable, "before"});
    store_.FailNext(Call::kCommit, {ErrorCode::kOutcomeUnknown, "before"});
    store_.FailNext(Call::kCommit, {ErrorCode::kOutcomeUnknown, "after"}, true);
    Insert(std::to_string(i));
    ASSERT_TRUE(IsEmptied());
  }
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(relay->Stats().fenced, 0);
}

TEST_F(OutboxRelayTest, BucketsWhoseTakingOrHoldsFailedAreReadAllTheSame) {
  store_.FailNext(Call::kTake, {ErrorCode::kOutcomeUnknown, "after"}, true);
  store_.FailNext(Call::kReadHolds, {ErrorCode::kDataNodeUnavailable, "before"});
  Insert("1");
  const auto relay = Make();
  ASSERT_TRUE(IsEmptied());
  EXPECT_TRUE(Owns(*relay, 256));
}

TEST_F(OutboxRelayTest, ABucketThatWasToBeGivenBackIsKeptWhenItsHeirIsGone) {
  publisher_.Stick();
  const std::int32_t bucket = FakeOutboxStore::BucketOf("k", "1");
  Insert("1");
  const auto relay = Make();
  ASSERT_TRUE(HasSent(1));
  std::vector<core::OutboxSession> heirs;
  for (int i = 0; i < 255; ++i) heirs.push_back(*store_.Open("heir", "", minutes(10), Soon()));
  // All but what is on its way.
  ASSERT_TRUE(WaitFor(
      [&] { return store_.Renew(heirs[0], minutes(10), Soon())->free_buckets.size() >= 254; },
      seconds(20), "release"));
  ASSERT_TRUE(Owns(*relay, 1));  // It has said so: 256 below is not from before.
  for (const core::OutboxSession& heir : heirs) ASSERT_TRUE(store_.Close(heir, Soon()).ok());
  ASSERT_TRUE(Owns(*relay, 256));
  publisher_.Unstick();
  ASSERT_TRUE(IsEmptied());
  ASSERT_TRUE(GoesOn(*relay, 5));
  const auto view = store_.Renew({1, core::FencingToken{1}}, seconds(1), Soon());
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(std::count(view->free_buckets.begin(), view->free_buckets.end(), bucket), 0);
  Insert("2");
  ASSERT_TRUE(IsEmptied());
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(OutboxRelayTest, StopFinishesWhatIsOnItsWay) {
  publisher_.Stick();
  Insert("1");
  const auto relay = Make();
  ASSERT_TRUE(HasSent(1));
  std::jthread stop([&] { relay->Stop(seconds(20)); });
  publisher_.Unstick();
  stop.join();
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1"}));
  EXPECT_TRUE(store_.Rows().empty());
  EXPECT_EQ(Sessions(), 0u);
}

TEST_F(OutboxRelayTest, StopWithAStuckBrokerLeavesThePlanWhichTheNextRelayFinishes) {
  publisher_.Stick();
  Insert("1");
  Insert("2");
  const auto first = Make();
  ASSERT_TRUE(HasSent(1));
  first->Stop(milliseconds(30));
  EXPECT_EQ(Sessions(), 1u);
  EXPECT_EQ(store_.Rows().size(), 2u);
  publisher_.Unstick();
  const std::size_t sent = publisher_.Groups().size();
  store_.AdvanceTime(minutes(1));
  const auto second = Make();
  ASSERT_TRUE(IsEmptied());
  ASSERT_TRUE(Owns(*second, 256));
  EXPECT_EQ(second->Stats().adopted, 1);
  EXPECT_EQ(publisher_.Groups().at(sent), publisher_.Groups().front());
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(OutboxRelayTest, WhatWasPublishedIsNotPublishedAgainAfterAStopInTroubleWithTheDatabase) {
  publisher_.Stick();
  Insert("1");
  auto first = Make();
  ASSERT_TRUE(HasSent(1));
  publisher_.Unstick();
  // Its repetition is stored; the commit that says so fails for a while.
  const std::int64_t commits = store_.Calls(Call::kCommit);
  for (int i = 0; i < 4; ++i) {
    store_.FailNext(Call::kCommit, {ErrorCode::kDataNodeUnavailable, "test"});
  }
  ASSERT_TRUE(
      WaitFor([&] { return store_.Calls(Call::kCommit) > commits; }, seconds(20), "commit"));
  first->Stop(seconds(5));
  first.reset();
  store_.AdvanceTime(minutes(1));
  const auto second = Make();
  ASSERT_TRUE(IsEmptied());
  ASSERT_TRUE(Owns(*second, 256));
  EXPECT_EQ(publisher_.Stored(), (std::vector<std::string>{"1"}));
}

TEST_F(OutboxRelayTest, AWakeUpMakesARoundAtOnce) {
  RelayOptions options = Options();
  options.lease_ttl = minutes(10);
  options.poll_min = minutes(10);
  options.poll_max = minutes(10);
  const auto relay = Make(options);
  ASSERT_TRUE(Owns(*relay, 256));
  for (const char* body : {"1", "2"}) {
    Insert(body);
    relay->Wake();
    ASSERT_TRUE(
        WaitFor([&] { return !publisher_.Stored().empty() && publisher_.Stored().back() == body; },
                seconds(20), body));
  }
}

TEST_F(OutboxRelayTest, AnIdleRelayKeepsItsLease) {
  RelayOptions options = Options();
  options.poll_min = minutes(10);
  options.poll_max = minutes(10);
  const auto relay = Make(options);
  ASSERT_TRUE(Owns(*relay, 256));
  const std::int64_t renewals = store_.Calls(Call::kRenew);
  EXPECT_TRUE(
      WaitFor([&] { return store_.Calls(Call::kRenew) >= renewals + 2; }, seconds(20), "renewals"));
}

}  // namespace
}  // namespace lanemq::client
