#include "broker/append/partition_writer.h"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "broker/testing_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::broker {
namespace {

using lanemq::testing::FakeMessageStore;
using lanemq::testing::StoreCall;
using lanemq::testing::WaitFor;
using std::chrono::seconds;
using testing::Rig;

core::AppendOutcome Append(Rig& rig, core::AppendRequest request) {
  std::promise<core::AppendOutcome> promise;
  rig.writers.Of(rig.location)->Append(std::move(request), [&](core::AppendOutcome outcome) {
    promise.set_value(std::move(outcome));
  });
  return promise.get_future().get();
}

// Holds every insert until it is opened: a database that hangs.
class Gate {
 public:
  explicit Gate(FakeMessageStore& store) {
    store.SetBefore([this](StoreCall call) {
      if (call != StoreCall::kAppend) return;
      MutexLock lock(mutex_);
      ++waiting_;
      while (!is_open_) changed_.Wait(mutex_);
    });
  }
  void Open() {
    MutexLock lock(mutex_);
    is_open_ = true;
    changed_.NotifyAll();
  }
  int waiting() {
    MutexLock lock(mutex_);
    return waiting_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool is_open_ = false;
  int waiting_ = 0;
};

TEST(PartitionWriterTest, StoresAndAnswersAndReadersFindItInMemory) {
  Rig rig;
  const auto outcome = Append(rig, rig.Request(3));
  ASSERT_FALSE(outcome.error);
  EXPECT_EQ(outcome.offsets, (std::vector<core::OffsetRun>{{core::Offset{1}, 3}}));
  EXPECT_EQ(rig.view.Read(rig.location.key, core::Offset{1}, {}).size(), 3u);
  EXPECT_EQ(rig.view.EndsOf(rig.location.key)->end, core::Offset{4});
  EXPECT_EQ(rig.memory.used(), 0u);
}

TEST(PartitionWriterTest, CollectsRequestsWhileAnInsertIsInFlight) {
  Rig rig;
  Append(rig, rig.Request(1));
  Gate gate(*rig.store);
  std::atomic<int> answered{0};
  const auto writer = rig.writers.Of(rig.location);
  for (int i = 0; i < 50; ++i) {
    writer->Append(rig.Request(2), [&](const core::AppendOutcome& outcome) {
      EXPECT_FALSE(outcome.error);
      ++answered;
    });
  }
  EXPECT_TRUE(WaitFor([&] { return gate.waiting() == 1; }, seconds(5), "an insert in flight"));
  gate.Open();
  EXPECT_TRUE(WaitFor([&] { return answered == 50; }, seconds(5), "answers"));
  EXPECT_EQ(rig.store->CallsOf(StoreCall::kAppend), 3) << "the first, the one in flight, the rest";
}

TEST(PartitionWriterTest, OneTeamsManyPartitionsDoNotHoldUpAnothersAtTheDataNode) {
  constexpr int kPartitions = 40;
  Rig rig;
  // One thread: with more, the one that has the other team's turn may be the one that gets no
  // processor.
  NodeWorkers workers{{.append_threads = 1, .read_threads = 1}};
  WriterContext context{*rig.store,    workers,     rig.timer, rig.view, rig.memory,
                        rig.data_loss, rig.metrics, rig.clock, {}};
  context.party_of = [](core::TopicId topic) { return static_cast<std::uint64_t>(topic.value); };
  Writers writers(context);
  const auto at = [](std::int64_t topic, int partition) {
    return core::PartitionLocation{{core::TopicId{topic}, partition}, core::NodeId{1}, 0};
  };
  for (int i = 0; i < kPartitions; ++i) {
    ASSERT_TRUE(rig.store->CreatePartition(at(7, i), "flood", {}).ok());
  }
  ASSERT_TRUE(rig.store->CreatePartition(at(8, 0), "calm", {}).ok());
  Gate gate(*rig.store);
  Mutex mutex;
  std::string order;
  const auto append = [&](const core::PartitionLocation& location, char mark) {
    writers.Of(location)->Append(rig.Request(1), [&, mark](const core::AppendOutcome& outcome) {
      EXPECT_FALSE(outcome.error);
      MutexLock lock(mutex);
      order += mark;
    });
  };
  append(at(7, 0), 'f');
  EXPECT_TRUE(WaitFor([&] { return gate.waiting() == 1; }, seconds(5), "the thread to be held"));
  for (int i = 1; i < kPartitions; ++i) append(at(7, i), 'f');
  append(at(8, 0), 'c');
  gate.Open();
  const auto all_are_stored = [&] {
    MutexLock lock(mutex);
    return order.size() == kPartitions + 1;
  };
  EXPECT_TRUE(WaitFor(all_are_stored, seconds(10), "answers"));
  rig.timer.Stop();  // Nothing runs any more when these writers go.
  workers.Stop();
  MutexLock lock(mutex);
  EXPECT_LT(order.find('c'), 12u) << order;
}

TEST(PartitionWriterTest, MemoryStaysBoundedWhileTheDatabaseHangs) {
  core::AppendMachineOptions append;
  append.queue_bytes_max = 1u << 20;
  constexpr std::size_t kBudget = 3u << 19;  // One and a half of a partition's queue.
  Rig rig(std::make_shared<FakeMessageStore>(), append, kBudget);
  const core::PartitionLocation other{{core::TopicId{1}, 1}, core::NodeId{1}, 0};
  ASSERT_TRUE(rig.store->CreatePartition(other, "t", {}).ok());
  Gate gate(*rig.store);
  std::atomic<int> stored{0};
  std::atomic<int> throttled{0};
  const std::string body(10'000, 'x');
  std::size_t most = 0;
  for (int i = 0; i < 2'000; ++i) {  // 20 MB.
    rig.writers.Of(i % 2 == 0 ? rig.location : other)
        ->Append(rig.Request(1, 0, 0, body), [&](const core::AppendOutcome& outcome) {
          if (!outcome.error) {
            ++stored;
          } else {
            EXPECT_EQ(outcome.error->code, ErrorCode::kThrottled);
            EXPECT_GT(outcome.error->retry_after_ms, 0);
            ++throttled;
          }
        });
    most = std::max(most, rig.memory.used());
  }
  EXPECT_LE(most, kBudget);
  EXPECT_GT(throttled, 1'800);
  const int accepted = 2'000 - throttled;
  EXPECT_GT(accepted, 100);
  gate.Open();
  EXPECT_TRUE(WaitFor([&] { return stored == accepted; }, seconds(10), "the accepted ones"));
  EXPECT_EQ(rig.memory.used(), 0u);
}

TEST(PartitionWriterTest, WhatHasNotBegunIsGivenUpAtItsDeadline) {
  Rig rig;
  Append(rig, rig.Request(1));
  Gate gate(*rig.store);
  const auto writer = rig.writers.Of(rig.location);
  std::atomic<int> first{0};
  writer->Append(rig.Request(1), [&](const core::AppendOutcome&) { ++first; });
  auto late = rig.Request(1);
  late.deadline = rig.clock.Now() + std::chrono::milliseconds(20);
  std::promise<core::AppendOutcome> promise;
  writer->Append(std::move(late), [&](core::AppendOutcome o) { promise.set_value(std::move(o)); });
  const auto outcome = promise.get_future().get();
  EXPECT_EQ(outcome.error->code, ErrorCode::kRequestTimedOut);
  EXPECT_EQ(first, 0) << "the one being written waits for its outcome";
  gate.Open();
  EXPECT_TRUE(WaitFor([&] { return first == 1; }, seconds(5), "the first"));
}

TEST(PartitionWriterTest, ALostReplyIsReadBack) {
  Rig rig;
  Append(rig, rig.Request(1));
  rig.store->FailNext(StoreCall::kAppend, {ErrorCode::kOutcomeUnknown, true});
  const auto outcome = Append(rig, rig.Request(2));
  ASSERT_FALSE(outcome.error) << outcome.error->ToString();
  EXPECT_EQ(outcome.offsets, (std::vector<core::OffsetRun>{{core::Offset{2}, 2}}));
  EXPECT_EQ(rig.store->CallsOf(StoreCall::kAppend), 2) << "it was not written again";
}

TEST(PartitionWriterTest, TwoBrokersOnOnePartitionStayDenseAndCompleteAndSeeEachOthersDuplicates) {
  auto store = std::make_shared<FakeMessageStore>();
  Rig one(store);
  Rig two(store);
  constexpr int kEach = 300;
  auto produce = [](Rig& rig, std::int64_t producer) {
    for (int i = 0; i < kEach; ++i) {
      const auto outcome = Append(rig, rig.Request(2, producer, 2 * i));
      ASSERT_FALSE(outcome.error) << outcome.error->ToString();
    }
  };
  {
    std::jthread a([&] { produce(one, 11); });
    std::jthread b([&] { produce(two, 12); });
  }
  const auto rows = store->Read(one.location, core::kFirstOffset, {10'000, 1u << 30}, {});
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 4u * kEach);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    ASSERT_EQ((*rows)[i]->offset.value, static_cast<std::int64_t>(i) + 1);
  }
  // The last batch of the first producer again, through the other broker.
  const auto again = Append(two, two.Request(2, 11, 2 * (kEach - 1)));
  EXPECT_TRUE(again.is_duplicate);
  EXPECT_FALSE(again.error);
}

TEST(PartitionWriterTest, LosingAcknowledgedRowsRaisesTheAlarm) {
  Rig rig;
  Append(rig, rig.Request(10));
  rig.store->LoseRowsFrom(rig.location, core::Offset{6});
  rig.store->SetServer("fake-server-2");
  const auto outcome = Append(rig, rig.Request(1));
  ASSERT_FALSE(outcome.error) << outcome.error->ToString();
  EXPECT_EQ(outcome.offsets.front().first, core::Offset{6});
  EXPECT_EQ(rig.metrics.data_loss.Value(), 5.0);
  EXPECT_EQ(rig.view.EndsOf(rig.location.key)->end, core::Offset{7});
}

// The same partition on another data node.
core::PartitionLocation NewPlace(const Rig& rig) { return {rig.location.key, core::NodeId{2}, 3}; }

TEST(PartitionWriterTest, APartitionThatMovedGoesOnAtItsNewPlace) {
  Rig rig;
  ASSERT_FALSE(Append(rig, rig.Request(3)).error);
  const auto old = rig.writers.Of(rig.location);
  Gate gate(*rig.store);
  std::promise<core::AppendOutcome> caught;  // By the move, in flight.
  std::promise<core::AppendOutcome> queued;
  old->Append(rig.Request(2), [&](auto outcome) { caught.set_value(std::move(outcome)); });
  ASSERT_TRUE(WaitFor([&] { return gate.waiting() == 1; }, seconds(5), "an insert in flight"));
  old->Append(rig.Request(2), [&](auto outcome) { queued.set_value(std::move(outcome)); });
  rig.store->Seal(rig.location);
  rig.store->Open(rig.location, NewPlace(rig));
  const auto now = rig.writers.Of(NewPlace(rig));
  EXPECT_NE(now, old);
  gate.Open();
  EXPECT_TRUE(caught.get_future().get().error);
  EXPECT_TRUE(queued.get_future().get().error);
  std::promise<core::AppendOutcome> stored;
  now->Append(rig.Request(1), [&](auto outcome) { stored.set_value(std::move(outcome)); });
  EXPECT_EQ(stored.get_future().get().offsets, (std::vector<core::OffsetRun>{{core::Offset{4}, 1}}))
      << "behind what was stored at the old one, and nothing else";
  EXPECT_EQ(rig.view.EndsOf(rig.location.key)->end, core::Offset{5});
  EXPECT_EQ(rig.metrics.data_loss.Value(), 0.0);
  rig.writers.RemoveUnless([&](const auto& location) { return location == NewPlace(rig); });
  EXPECT_EQ(rig.writers.All().size(), 1u);
  EXPECT_EQ(rig.memory.used(), 0u);
}

// It has nothing to do but wait between two tries, when nobody else keeps it.
TEST(PartitionWriterTest, DoubtfulRequestsOfAPlaceThatWasLeftAreAnswered) {
  Rig rig;
  ASSERT_FALSE(Append(rig, rig.Request(1)).error);
  rig.store->FailNext(StoreCall::kAppend, {.code = ErrorCode::kOutcomeUnknown});
  for (int i = 0; i < 1'000; ++i) rig.store->FailNext(StoreCall::kReadTail, {});
  auto request = rig.Request(1);
  request.deadline = rig.clock.Now() + std::chrono::milliseconds(300);
  std::promise<core::AppendOutcome> doubtful;
  rig.writers.Of(rig.location)->Append(std::move(request), [&](auto outcome) {
    doubtful.set_value(std::move(outcome));
  });
  ASSERT_TRUE(WaitFor([&] { return rig.store->CallsOf(StoreCall::kReadTail) > 2; }, seconds(5),
                      "the tail was asked for in vain"));
  (void)rig.writers.Of(NewPlace(rig));
  EXPECT_EQ(rig.writers.retired(), 1u);
  auto outcome = doubtful.get_future();
  ASSERT_EQ(outcome.wait_for(seconds(10)), std::future_status::ready) << "nobody answers";
  EXPECT_EQ(outcome.get().error->code, ErrorCode::kOutcomeUnknown);
  EXPECT_TRUE(WaitFor(
      [&] {
        rig.writers.RemoveUnless([](const auto&) { return true; });
        return rig.writers.retired() == 0;
      },
      seconds(5), "the old writer to go"));
  EXPECT_EQ(rig.memory.used(), 0u);
}

}  // namespace
}  // namespace lanemq::broker
