#include "client/src/consumer/partition_reader.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class PartitionReaderTest : public ::testing::Test {
 protected:
  std::vector<ConsumedRecord> Chunk(std::int64_t first, int count) {
    std::vector<ConsumedRecord> chunk;
    for (int i = 0; i < count; ++i) {
      ConsumedRecord& record = chunk.emplace_back();
      record.source = id;
      record.offset = first + i;
    }
    return chunk;
  }
  void Fetch(std::vector<std::vector<ConsumedRecord>> chunks, std::size_t bytes = 100) {
    const auto token = reader.BeginRequest();
    ASSERT_TRUE(reader.IsCurrent(token));
    reader.EndRequest();
    reader.Add(std::move(chunks), bytes);
  }
  std::shared_ptr<const TopicPartition> id =
      std::make_shared<TopicPartition>(TopicPartition{"t", 3});
  PartitionReader reader{id, StartAt::kCommitted};
  MonotonicTime now{10s};
  std::vector<ConsumedRecord> out;
};

TEST_F(PartitionReaderTest, FindsOutWhereToStartBeforeItFetches) {
  EXPECT_TRUE(reader.WantsStart(now));
  EXPECT_FALSE(reader.WantsFetch(now, 1));
  EXPECT_EQ(reader.position(), std::nullopt);
  reader.Seek(7);
  EXPECT_FALSE(reader.WantsStart(now));
  EXPECT_TRUE(reader.WantsFetch(now, 1));
  EXPECT_EQ(reader.position(), 7);
}

TEST_F(PartitionReaderTest, RecordsLeaveInOrderInAnyPortions) {
  reader.Seek(5);
  std::vector<std::vector<ConsumedRecord>> chunks;
  chunks.push_back(Chunk(5, 4));
  chunks.push_back(Chunk(9, 3));
  Fetch(std::move(chunks));
  reader.Take(2, out);
  EXPECT_EQ(reader.position(), 7);
  reader.Take(100, out);
  ASSERT_EQ(out.size(), 7u);
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i].offset, 5 + static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(reader.position(), 12);
  EXPECT_EQ(reader.fetch_offset(), 12);
  EXPECT_FALSE(reader.HasRecords());
}

TEST_F(PartitionReaderTest, AHoleIsAFailureAfterTheRecordsBeforeIt) {
  reader.Seek(1);
  auto chunk = Chunk(1, 2);
  for (auto& record : Chunk(4, 1)) chunk.push_back(record);
  std::vector<std::vector<ConsumedRecord>> chunks;
  chunks.push_back(std::move(chunk));
  Fetch(std::move(chunks));
  EXPECT_EQ(reader.failure(), nullptr) << "the records before it come first";
  reader.Take(10, out);
  EXPECT_EQ(out.size(), 2u);
  ASSERT_NE(reader.failure(), nullptr);
  EXPECT_EQ(reader.failure()->code, ErrorCode::kDataLossDetected);
  EXPECT_NE(reader.failure()->message.find("t/3: the broker sent offset 4 where 3 comes next"),
            std::string::npos);
  EXPECT_FALSE(reader.WantsFetch(now + 1h, 1000)) << "never skipped silently";
  reader.Seek(4);
  EXPECT_EQ(reader.failure(), nullptr);
  EXPECT_TRUE(reader.WantsFetch(now, 1000));
}

TEST_F(PartitionReaderTest, AReplyThatBeginsElsewhereIsAFailure) {
  reader.Seek(5);
  std::vector<std::vector<ConsumedRecord>> chunks;
  chunks.push_back(Chunk(4, 3));
  Fetch(std::move(chunks));
  EXPECT_FALSE(reader.HasRecords());
  ASSERT_NE(reader.failure(), nullptr);
}

TEST_F(PartitionReaderTest, ASeekMakesTheReplyUnderWayStale) {
  reader.Seek(5);
  const auto token = reader.BeginRequest();
  EXPECT_FALSE(reader.WantsFetch(now, 1)) << "one at a time";
  reader.Seek(50);
  EXPECT_FALSE(reader.IsCurrent(token));
  EXPECT_NE(reader.BeginRequest(), token);
}

TEST_F(PartitionReaderTest, FetchesNoFurtherAheadThanAllowedNorWhilePaused) {
  reader.Seek(1);
  std::vector<std::vector<ConsumedRecord>> chunks;
  chunks.push_back(Chunk(1, 10));
  Fetch(std::move(chunks), 1'000);
  EXPECT_FALSE(reader.WantsFetch(now, 1'000));
  reader.Take(5, out);
  EXPECT_TRUE(reader.WantsFetch(now, 1'000));
  reader.is_paused = true;
  EXPECT_FALSE(reader.WantsFetch(now, 1'000));
  EXPECT_FALSE(reader.HasRecords());
}

TEST_F(PartitionReaderTest, ATopicThatStaysUnknownIsAFailure) {
  reader.Seek(1);
  const Error unknown{ErrorCode::kUnknownTopicOrPartition, "x"};
  reader.Retry(unknown, now, 50ms, 5s);
  EXPECT_FALSE(reader.WantsFetch(now + 49ms, 1));
  EXPECT_TRUE(reader.WantsFetch(now + 50ms, 1));
  reader.Retry({ErrorCode::kThrottled, "x"}, now + 4s, 50ms, 5s);
  reader.Retry(unknown, now + 5s, 50ms, 5s);
  EXPECT_EQ(reader.failure(), nullptr) << "it answered otherwise in between";
  reader.Retry(unknown, now + 10s, 50ms, 5s);
  ASSERT_NE(reader.failure(), nullptr);
}

// Whatever the sequence of fetches, takes and seeks, records come densely from the position on.
TEST(PartitionReaderPropertyTest, WhatIsTakenIsDenseFromTheLastSeek) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const auto id = std::make_shared<TopicPartition>(TopicPartition{"t", 0});
    PartitionReader reader(id, StartAt::kLogStart);
    reader.Seek(1);
    std::int64_t expected = 1;
    for (int step = 0; step < 300; ++step) {
      const auto action = random.Below(10);
      if (action == 0) {
        expected = static_cast<std::int64_t>(random.Below(1'000));
        reader.Seek(expected);
      } else if (action < 5) {
        std::vector<std::vector<ConsumedRecord>> chunks;
        std::int64_t next = reader.fetch_offset();
        for (std::uint64_t c = random.Below(4); c > 0; --c) {
          auto& chunk = chunks.emplace_back();
          for (std::uint64_t n = random.Below(6); n > 0; --n) chunk.emplace_back().offset = next++;
        }
        reader.Add(std::move(chunks), random.Below(1'000));
      } else {
        std::vector<ConsumedRecord> out;
        const auto max = static_cast<std::size_t>(random.Below(8));
        reader.Take(max, out);
        ASSERT_LE(out.size(), max);
        for (const ConsumedRecord& record : out) ASSERT_EQ(record.offset, expected++);
        ASSERT_EQ(reader.position(), expected);
      }
    }
  }
}

TEST_F(PartitionReaderTest, ANewOwnerClaimsBeforeItAsksForAnythingElse) {
  reader.RequireClaim();
  EXPECT_TRUE(reader.WantsClaim(now));
  EXPECT_FALSE(reader.WantsStart(now));
  EXPECT_TRUE(reader.OnClaimed(42, 3));
  EXPECT_EQ(reader.position(), 42);
  EXPECT_EQ(reader.EpochFor(42), 3);
  EXPECT_FALSE(reader.WantsClaim(now));
  EXPECT_TRUE(reader.WantsFetch(now, 1));
}

TEST_F(PartitionReaderTest, AClaimWithoutACommitLeavesTheStartToThePolicy) {
  reader.RequireClaim();
  EXPECT_FALSE(reader.OnClaimed(std::nullopt, 0));
  EXPECT_EQ(reader.start(), StartAt::kCommitted);
  EXPECT_FALSE(reader.WantsClaim(now));
}

TEST_F(PartitionReaderTest, ASeekDuringTheClaimStandsAndThePartitionIsClaimedAllTheSame) {
  reader.RequireClaim();
  const auto token = reader.BeginRequest();
  reader.Seek(7);
  EXPECT_FALSE(reader.IsCurrent(token));
  EXPECT_TRUE(reader.WantsClaim(now));
  EXPECT_FALSE(reader.WantsFetch(now, 1));
  EXPECT_TRUE(reader.OnClaimed(42, 3));
  EXPECT_EQ(reader.position(), 7);
  EXPECT_TRUE(reader.WantsFetch(now, 1));
}

TEST_F(PartitionReaderTest, AGrownResetEpochMovesThePositionAndDropsWhatWasFetched) {
  reader.RequireClaim();
  (void)reader.OnClaimed(10, 1);
  Fetch({Chunk(10, 5)});
  reader.Take(2, out);
  EXPECT_FALSE(reader.OnRow(10, 1)) << "its own commits are no reset";
  EXPECT_TRUE(reader.HasRecords());
  EXPECT_TRUE(reader.OnRow(3, 2));
  EXPECT_FALSE(reader.HasRecords());
  EXPECT_EQ(reader.position(), 3);
  EXPECT_FALSE(reader.OnRow(3, 2)) << "once";
}

TEST_F(PartitionReaderTest, WhatWasReadBeforeAResetCannotUndoIt) {
  reader.RequireClaim();
  (void)reader.OnClaimed(10, 1);
  Fetch({Chunk(10, 5)});
  reader.Take(5, out);
  ASSERT_TRUE(reader.OnRow(3, 2));
  EXPECT_EQ(reader.EpochFor(15), 1) << "refused by the row";
  EXPECT_EQ(reader.EpochFor(3), 2) << "the position itself";
  Fetch({Chunk(3, 2)});
  reader.Take(1, out);
  EXPECT_EQ(reader.EpochFor(4), 2);
}

TEST_F(PartitionReaderTest, AnOperatorsPauseHoldsRecordsBackBesideTheApplications) {
  reader.Seek(10);
  Fetch({Chunk(10, 5)});
  reader.is_paused_by_operator = true;
  EXPECT_FALSE(reader.HasRecords());
  EXPECT_FALSE(reader.WantsFetch(now, 1'000));
  reader.is_paused_by_operator = false;
  EXPECT_TRUE(reader.HasRecords());
}

TEST_F(PartitionReaderTest, RepliesToAnEarlierReaderOfThePartitionAreStale) {
  const auto old = reader.BeginRequest();
  PartitionReader again(id, StartAt::kCommitted, 1u << 20);
  (void)again.BeginRequest();
  EXPECT_FALSE(again.IsCurrent(old));
}

}  // namespace
}  // namespace lanemq::client
