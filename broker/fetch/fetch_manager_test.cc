#include "broker/fetch/fetch_manager.h"

#include <atomic>
#include <functional>
#include <future>

#include <gtest/gtest.h>

#include "broker/testing_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::broker {
namespace {

using core::Offset;
using lanemq::testing::FakeMessageStore;
using lanemq::testing::StoreCall;
using lanemq::testing::WaitFor;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Rig;

class FetchManagerTest : public ::testing::Test {
 protected:
  struct Fetched {
    std::vector<core::RecordPtr> records;
    std::optional<Error> error;
  };
  std::unique_ptr<FetchCall> Call(Offset from, std::promise<Fetched>& promise,
                                  std::chrono::nanoseconds wait = seconds(20)) {
    auto call = std::make_unique<FetchCall>();
    call->slots.resize(1);
    call->slots[0].location = rig_.location;
    call->slots[0].offset = from;
    call->slots[0].bytes_max = 8u << 20;
    call->deadline = rig_.clock.Now() + wait;
    call->done = [&promise](FetchCall& done) {
      promise.set_value({std::move(done.slots[0].records), std::move(done.slots[0].error)});
    };
    return call;
  }
  Fetched Fetch(Offset from, std::chrono::nanoseconds wait = seconds(20)) {
    std::promise<Fetched> promise;
    rig_.fetches->Start(rig_.fetches->NewId(), Call(from, promise, wait));
    return promise.get_future().get();
  }
  void Append(Rig& rig, int count, const std::string& body = "m") {
    std::promise<core::AppendOutcome> promise;
    rig.writers.Of(rig.location)
        ->Append(rig.Request(count, 0, 0, body),
                 [&](core::AppendOutcome outcome) { promise.set_value(std::move(outcome)); });
    ASSERT_FALSE(promise.get_future().get().error);
  }
  void WaitUntilParked(std::size_t count) {
    ASSERT_TRUE(
        WaitFor([&] { return rig_.fetches->parked() == count; }, seconds(10), "parked fetches"));
  }

  Rig rig_;
};

TEST_F(FetchManagerTest, TheTailIsServedWithoutSql) {
  Append(rig_, 5);
  const int reads = rig_.store->CallsOf(StoreCall::kRead);
  const auto fetched = Fetch(Offset{3});
  ASSERT_EQ(fetched.records.size(), 3u);
  EXPECT_EQ(fetched.records[0]->offset, Offset{3});
  EXPECT_EQ(rig_.store->CallsOf(StoreCall::kRead), reads);
}

TEST_F(FetchManagerTest, TheBacklogComesFromTheDatabase) {
  Append(rig_, 5);
  rig_.view.Reset(rig_.location.key, Offset{6}, rig_.clock.Now());
  EXPECT_EQ(Fetch(Offset{1}).records.size(), 5u);
  EXPECT_GT(rig_.store->CallsOf(StoreCall::kRead), 0);
}

TEST_F(FetchManagerTest, AFetchAtTheEndWaitsForALocalAppend) {
  Append(rig_, 1);
  std::promise<Fetched> promise;
  rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{2}, promise));
  WaitUntilParked(1);
  Append(rig_, 1);
  EXPECT_EQ(promise.get_future().get().records.size(), 1u);
  EXPECT_EQ(rig_.fetches->parked(), 0u);
}

TEST_F(FetchManagerTest, AFetchAtTheEndLearnsWhatAnotherBrokerWrote) {
  Rig other(rig_.store);
  std::promise<Fetched> promise;
  rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, promise));
  WaitUntilParked(1);
  Append(other, 3);
  EXPECT_EQ(promise.get_future().get().records.size(), 3u);
  EXPECT_GT(rig_.store->CallsOf(StoreCall::kReadEnds), 0);
}

TEST_F(FetchManagerTest, AtTheDeadlineThereIsAnEmptyAnswer) {
  const auto fetched = Fetch(Offset{1}, milliseconds(30));
  EXPECT_TRUE(fetched.records.empty());
  EXPECT_FALSE(fetched.error);
}

TEST_F(FetchManagerTest, MinBytesWaitsForMoreThanTheFirstMessage) {
  std::promise<Fetched> promise;
  auto call = Call(Offset{1}, promise);
  call->bytes_min = 3 * 48 + 3;
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(call));
  WaitUntilParked(1);
  Append(rig_, 1);
  WaitUntilParked(1);
  Append(rig_, 1);
  WaitUntilParked(1);
  Append(rig_, 1);
  EXPECT_EQ(promise.get_future().get().records.size(), 3u);
}

TEST_F(FetchManagerTest, ACancelledFetchIsForgotten) {
  std::promise<Fetched> promise;
  const FetchId id = rig_.fetches->NewId();
  rig_.fetches->Start(id, Call(Offset{1}, promise));
  WaitUntilParked(1);
  rig_.fetches->Cancel(id);
  EXPECT_EQ(rig_.fetches->parked(), 0u);
  Append(rig_, 1);
  EXPECT_EQ(promise.get_future().wait_for(seconds(0)), std::future_status::timeout);
}

/// The right to read of one caller.
struct Right {
  std::atomic<bool> is_there{true};
  [[nodiscard]] std::function<bool(FetchCall&)> Check() {
    return [this](FetchCall& call) {
      if (is_there) return true;
      for (FetchSlot& slot : call.slots) {
        slot.error = Error{ErrorCode::kTopicAuthorizationFailed, "not any more"};
      }
      return false;
    };
  }
};

TEST_F(FetchManagerTest, WhoeverMayNotReadAnyMoreIsToldWhileParked) {
  Right lost;
  Right kept;
  std::promise<Fetched> forbidden;
  std::promise<Fetched> allowed;
  std::promise<Fetched> unguarded;
  auto one = Call(Offset{1}, forbidden);
  one->is_allowed = lost.Check();
  auto two = Call(Offset{1}, allowed);
  two->is_allowed = kept.Check();
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(one));
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(two));
  rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, unguarded));
  WaitUntilParked(3);
  rig_.fetches->OnRightsChanged();
  EXPECT_EQ(rig_.fetches->parked(), 3u) << "nobody has lost anything";
  lost.is_there = false;
  rig_.fetches->OnRightsChanged();
  EXPECT_EQ(forbidden.get_future().get().error->code, ErrorCode::kTopicAuthorizationFailed);
  EXPECT_EQ(rig_.fetches->parked(), 2u);
  Append(rig_, 1);
  EXPECT_EQ(allowed.get_future().get().records.size(), 1u);
  EXPECT_EQ(unguarded.get_future().get().records.size(), 1u);
}

TEST_F(FetchManagerTest, ARightThatWentAwayBeforeTheParkingIsNoticed) {
  Right right;
  right.is_there = false;  // Between its check by the handler and now.
  std::promise<Fetched> promise;
  auto call = Call(Offset{1}, promise);
  call->is_allowed = right.Check();
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(call));
  EXPECT_EQ(promise.get_future().get().error->code, ErrorCode::kTopicAuthorizationFailed);
  EXPECT_EQ(rig_.fetches->parked(), 0u);
}

TEST_F(FetchManagerTest, WhoWaitsAtAPlaceThatIsLeftIsSentToLookAgain) {
  std::atomic<bool> has_moved{false};
  const core::PartitionLocation other{{core::TopicId{1}, 1}, core::NodeId{1}, 0};
  ASSERT_TRUE(rig_.store->CreatePartition(other, "t", {}).ok());
  rig_.fetches->SetPlaceCheck([&](const core::PartitionLocation& location) {
    return !has_moved || location.key.partition != 0;
  });
  std::promise<Fetched> moved;
  std::promise<Fetched> both;
  std::promise<Fetched> stays;
  auto one = Call(Offset{1}, both);
  one->slots.resize(2);
  one->slots[0].location = other;
  one->slots[1].location = rig_.location;
  one->slots[1].offset = one->slots[0].offset = Offset{1};
  auto two = Call(Offset{1}, stays);
  two->slots[0].location = other;
  rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, moved));
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(one));
  rig_.fetches->Start(rig_.fetches->NewId(), std::move(two));
  WaitUntilParked(3);
  rig_.fetches->OnPlacesChanged();
  EXPECT_EQ(rig_.fetches->parked(), 3u) << "nothing has moved";
  has_moved = true;
  rig_.fetches->OnPlacesChanged();
  for (std::promise<Fetched>* const woken : {&moved, &both}) {
    const Fetched fetched = woken->get_future().get();
    EXPECT_FALSE(fetched.error);
    EXPECT_TRUE(fetched.records.empty());
  }
  EXPECT_EQ(rig_.fetches->parked(), 1u);
  std::promise<Fetched> late;
  rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, late, seconds(60)));
  auto answered = late.get_future();
  EXPECT_EQ(answered.wait_for(seconds(10)), std::future_status::ready)
      << "whoever comes late does not wait there either";
  rig_.fetches->Drain();
  EXPECT_TRUE(answered.get().records.empty());
  EXPECT_TRUE(stays.get_future().get().records.empty());
}

TEST_F(FetchManagerTest, DrainingAnswersEverybody) {
  std::vector<std::promise<Fetched>> promises(20);
  for (auto& promise : promises) {
    rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, promise));
  }
  WaitUntilParked(20);
  rig_.fetches->Drain();
  for (auto& promise : promises) EXPECT_TRUE(promise.get_future().get().records.empty());
  EXPECT_TRUE(Fetch(Offset{1}).records.empty()) << "and nobody is parked any more";
}

TEST_F(FetchManagerTest, OutsideTheLogIsAnErrorAfterLookingAgain) {
  Append(rig_, 5);
  EXPECT_EQ(Fetch(Offset{7}).error->code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(Fetch(Offset{0}).error->code, ErrorCode::kOffsetOutOfRange);
  Rig other(rig_.store);
  Append(other, 5);
  EXPECT_EQ(Fetch(Offset{9}).records.size(), 2u) << "another broker had written it";
  rig_.view.Reset(rig_.location.key, Offset{11}, rig_.clock.Now());
  rig_.store->SetLogStart(rig_.location, Offset{4});
  EXPECT_EQ(Fetch(Offset{2}).error->code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(rig_.metrics.data_loss.Value(), 0.0);
}

TEST_F(FetchManagerTest, AHoleIsReportedAndNeverSkipped) {
  Append(rig_, 3);
  auto stray = std::make_shared<core::Record>();
  stray->offset = Offset{6};
  const std::vector<core::RecordPtr> rows = {stray};
  ASSERT_TRUE(rig_.store->Append(rig_.location, rows, rig_.store->server(), {}).ok());
  rig_.view.Reset(rig_.location.key, Offset{4}, rig_.clock.Now());
  EXPECT_EQ(Fetch(Offset{2}).records.size(), 2u) << "up to the hole";
  EXPECT_EQ(Fetch(Offset{4}).error->code, ErrorCode::kDataLossDetected);
  EXPECT_EQ(Fetch(Offset{4}).error->code, ErrorCode::kDataLossDetected);
  EXPECT_EQ(rig_.metrics.data_loss.Value(), 2.0) << "counted once";
}

TEST_F(FetchManagerTest, AnUnreachableDatabaseFailsOnlyThoseWhoNeedIt) {
  Append(rig_, 5);
  rig_.store->FailNext(StoreCall::kReadTail, {});
  EXPECT_EQ(Fetch(Offset{9}).error->code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(Fetch(Offset{5}).records.size(), 1u);
}

TEST_F(FetchManagerTest, TheBacklogIsReadAheadOnce) {
  for (int i = 0; i < 10; ++i) Append(rig_, 500);
  rig_.view.Reset(rig_.location.key, Offset{5'001}, rig_.clock.Now());
  std::int64_t next = 1;
  while (next <= 5'000) {
    std::promise<Fetched> promise;
    auto call = Call(Offset{next}, promise);
    call->records_max = 500;
    rig_.fetches->Start(rig_.fetches->NewId(), std::move(call));
    const auto fetched = promise.get_future().get();
    ASSERT_EQ(fetched.records.size(), 500u);
    EXPECT_EQ(fetched.records.front()->offset, Offset{next});
    next += 500;
  }
  EXPECT_EQ(rig_.store->CallsOf(StoreCall::kRead), 10) << "nothing was read twice";
}

TEST_F(FetchManagerTest, ManyWaitersOnOnePartitionAreAllWoken) {
  std::vector<std::promise<Fetched>> promises(2'000);
  for (auto& promise : promises) {
    rig_.fetches->Start(rig_.fetches->NewId(), Call(Offset{1}, promise));
  }
  WaitUntilParked(2'000);
  Append(rig_, 1);
  for (auto& promise : promises) EXPECT_EQ(promise.get_future().get().records.size(), 1u);
}

}  // namespace
}  // namespace lanemq::broker
