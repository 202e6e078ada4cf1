#include "client/src/runner/work_queue.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

const auto kP0 = std::make_shared<const TopicPartition>(TopicPartition{"t", 0});
const auto kP1 = std::make_shared<const TopicPartition>(TopicPartition{"t", 1});

ConsumedRecord RecordOf(const std::shared_ptr<const TopicPartition>& source, std::int64_t offset,
                        std::optional<std::string> key = std::nullopt) {
  ConsumedRecord record;
  record.source = source;
  record.offset = offset;
  record.key = std::move(key);
  return record;
}

std::vector<ConsumedRecord> Range(const std::shared_ptr<const TopicPartition>& source,
                                  std::int64_t from, std::int64_t count, int keys = 0) {
  std::vector<ConsumedRecord> records;
  for (std::int64_t i = 0; i < count; ++i) {
    records.push_back(RecordOf(
        source, from + i,
        keys == 0 ? std::nullopt : std::optional("k" + std::to_string((from + i) % keys))));
  }
  return records;
}

TEST(WorkQueueTest, PartitionOrderHandsOutOneAtATime) {
  WorkQueue queue(HandlingOrder::kPartition);
  queue.Add(Range(kP0, 1, 3));
  queue.Add(Range(kP1, 7, 1));
  const auto a = queue.Take();
  const auto b = queue.Take();
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->record->offset, 1);
  EXPECT_EQ(b->record->offset, 7);
  EXPECT_FALSE(queue.Take()) << "both partitions are busy";
  queue.Finish(*a);
  ASSERT_EQ(queue.Take()->record->offset, 2);
}

TEST(WorkQueueTest, MarkStopsAtTheFirstUnfinishedRecord) {
  WorkQueue queue(HandlingOrder::kNone);
  queue.Add(Range(kP0, 10, 3));
  const auto first = *queue.Take();
  const auto second = *queue.Take();
  const auto third = *queue.Take();
  queue.Finish(third);
  queue.Finish(second);
  EXPECT_TRUE(queue.Uncommitted().empty()) << "10 is not finished";
  queue.Finish(first);
  EXPECT_EQ(queue.Uncommitted(), (Offsets{{*kP0, 13}}));
  queue.MarkCommitted(queue.Uncommitted());
  EXPECT_TRUE(queue.Uncommitted().empty());
  EXPECT_EQ(queue.unfinished(), 0u);
}

TEST(WorkQueueTest, AbandonedRecordHoldsTheMarkForGood) {
  WorkQueue queue(HandlingOrder::kNone);
  queue.Add(Range(kP0, 1, 2));
  const auto first = *queue.Take();
  const auto second = *queue.Take();
  queue.Abandon(first);
  queue.Finish(second);
  EXPECT_TRUE(queue.Uncommitted().empty());
  EXPECT_EQ(queue.running(), 0u);
}

TEST(WorkQueueTest, KeysRunSideBySideAndKeepTheirOrder) {
  WorkQueue queue(HandlingOrder::kKey);
  queue.Add({RecordOf(kP0, 1, "a"), RecordOf(kP0, 2, "a"), RecordOf(kP0, 3, "b")});
  const auto a = *queue.Take();
  const auto b = *queue.Take();
  EXPECT_EQ(a.record->offset, 1);
  EXPECT_EQ(b.record->offset, 3);
  EXPECT_FALSE(queue.Take());
  queue.Finish(b);
  EXPECT_TRUE(queue.Uncommitted().empty());
  queue.Finish(a);
  EXPECT_EQ(queue.Uncommitted(), (Offsets{{*kP0, 2}}));
}

TEST(WorkQueueTest, FinishAfterRemovalChangesNothingOfTheNextAssignment) {
  WorkQueue queue(HandlingOrder::kPartition);
  queue.Add(Range(kP0, 5, 2));
  const auto old = *queue.Take();
  EXPECT_EQ(queue.RunningOf({*kP0}), 1u);
  queue.Remove({*kP0});
  queue.Add(Range(kP0, 5, 2));
  const auto again = queue.Take();
  ASSERT_TRUE(again) << "the old lane is busy, the new one is not";
  queue.Finish(old);
  EXPECT_TRUE(queue.Uncommitted().empty()) << "5 was finished for the old assignment only";
  queue.Finish(*again);
  EXPECT_EQ(queue.Uncommitted(), (Offsets{{*kP0, 6}}));
}

TEST(WorkQueueTest, DropWaitingKeepsWhatWasFinished) {
  WorkQueue queue(HandlingOrder::kPartition);
  queue.Add(Range(kP0, 1, 10));
  queue.Finish(*queue.Take());
  const auto running = *queue.Take();
  queue.DropWaiting({*kP0});
  EXPECT_EQ(queue.unfinished(), 1u);
  queue.Finish(running);
  EXPECT_EQ(queue.UncommittedOf({*kP0}), (Offsets{{*kP0, 3}}));
  EXPECT_TRUE(queue.UncommittedOf({*kP1}).empty());
}

TEST(WorkQueueTest, RetriesRunInTheirKeysLanesAndNoMarkDependsOnThem) {
  WorkQueue queue(HandlingOrder::kKey);
  ConsumedRecord retry = RecordOf(kP0, 2, "a");
  retry.is_from_retries = true;
  queue.Add({retry});
  EXPECT_TRUE(queue.Uncommitted().empty());
  queue.Add({RecordOf(kP0, 7, "a"), RecordOf(kP0, 8, "b")});
  const auto first = *queue.Take();
  EXPECT_TRUE(first.record->is_retry());
  const auto other = *queue.Take();
  EXPECT_EQ(other.record->offset, 8);
  EXPECT_FALSE(queue.Take()) << "the retry is in the lane of its key";
  queue.Finish(other);
  queue.Add({retry});
  queue.Finish(first);
  const auto seventh = *queue.Take();
  EXPECT_EQ(seventh.record->offset, 7);
  EXPECT_TRUE(queue.Uncommitted().empty());
  queue.Finish(seventh);
  EXPECT_EQ(queue.Uncommitted(), (Offsets{{*kP0, 9}})) << "a retry waits all the same";
  EXPECT_TRUE(queue.IsCurrent(*queue.Take()));
}

TEST(WorkQueueTest, MovedPositionBeginsAnew) {
  WorkQueue queue(HandlingOrder::kPartition);
  queue.Add(Range(kP0, 50, 3));
  const auto old = *queue.Take();
  queue.Add(Range(kP0, 10, 1));
  queue.Finish(old);
  EXPECT_TRUE(queue.Uncommitted().empty()) << "51 would undo the reset";
  const auto reset = queue.Take();
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->record->offset, 10);
  queue.Finish(*reset);
  queue.MarkCommitted({{*kP0, 51}});
  EXPECT_EQ(queue.Uncommitted(), (Offsets{{*kP0, 11}})) << "51 was committed before the reset";
  EXPECT_EQ(queue.unfinished(), 0u);
}

// Whatever finishes when: no mark ever passes an unfinished record, no key is handled twice at
// once or out of order, and in the end everything is committed.
TEST(WorkQueueTest, RandomInterleavings) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto order = static_cast<HandlingOrder>(random() % 3);
    WorkQueue queue(order);
    std::vector<WorkItem> running;
    std::map<std::string, std::int64_t> newest;
    std::set<std::int64_t> unfinished;
    std::int64_t added = 1;
    while (added <= 300 || queue.unfinished() > 0) {
      const auto choice = random() % 3;
      if (choice == 0 && added <= 300) {
        const auto count = static_cast<std::int64_t>(random() % 10 + 1);
        for (std::int64_t i = 0; i < count; ++i) unfinished.insert(added + i);
        queue.Add(Range(kP0, added, count, 5));
        added += count;
      } else if (choice == 1) {
        if (auto item = queue.Take()) {
          if (order != HandlingOrder::kNone) {
            auto& last = newest[order == HandlingOrder::kKey ? *item->record->key : "all"];
            ASSERT_GT(item->record->offset, last) << "seed " << seed;
            last = item->record->offset;
          }
          running.push_back(*item);
        }
      } else if (!running.empty()) {
        const std::size_t at = random() % running.size();
        queue.Finish(running[at]);
        unfinished.erase(running[at].record->offset);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
      }
      const Offsets marks = queue.Uncommitted();
      if (!marks.empty() && !unfinished.empty()) {
        ASSERT_LE(marks.begin()->second, *unfinished.begin()) << "seed " << seed;
      }
    }
    ASSERT_EQ(queue.Uncommitted(), (Offsets{{*kP0, added}})) << "seed " << seed;
  }
}

}  // namespace
}  // namespace lanemq::client
