#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/message_store_fixture.h"

namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(MessageStoreSuite, ANewPartitionIsEmptyAndStartsAtOffsetOne) {
  const auto tail = store().ReadTail(At(0), Soon());
  ASSERT_TRUE(tail.ok()) << tail.error().ToString();
  EXPECT_EQ(tail->log_start, core::kFirstOffset);
  EXPECT_FALSE(tail->last.has_value());
  EXPECT_EQ(tail->End(), core::kFirstOffset);
  EXPECT_FALSE(tail->server.empty());
}

TEST_P(MessageStoreSuite, CreatingAndDroppingAgainIsHarmless) {
  AppendOk(Records(1, 3));
  EXPECT_TRUE(store().CreatePartition(At(0), "orders", Soon()).ok());
  EXPECT_THAT(Offsets(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(store().DropPartition(At(0), Soon()).ok());
  EXPECT_TRUE(store().DropPartition(At(0), Soon()).ok());
  EXPECT_EQ(store().ReadTail(At(0), Soon()).error().code, ErrorCode::kUnknownTopicOrPartition);
  ASSERT_TRUE(store().CreatePartition(At(0), "orders", Soon()).ok());
  EXPECT_THAT(Offsets(), IsEmpty());
}

TEST_P(MessageStoreSuite, APartitionThatDoesNotExistIsUnknownToEveryCall) {
  const auto nowhere = At(7);
  const auto unknown = ErrorCode::kUnknownTopicOrPartition;
  const auto server = store().ReadTail(At(0), Soon())->server;
  EXPECT_EQ(store().ReadTail(nowhere, Soon()).error().code, unknown);
  EXPECT_EQ(store().Append(nowhere, Records(1, 1), server, Soon()).error().code, unknown);
  EXPECT_EQ(store().Read(nowhere, core::kFirstOffset, {}, Soon()).error().code, unknown);
  EXPECT_EQ(store().ReadIdentities(nowhere, core::kFirstOffset, 1, Soon()).error().code, unknown);
  EXPECT_EQ(store().FindByTime(nowhere, WallTime{0}, Soon()).error().code, unknown);
}

TEST_P(MessageStoreSuite, TheTailIsTheNewestRow) {
  AppendOk(Records(1, 3));
  AppendOk(Records(4, 2));
  const auto tail = store().ReadTail(At(0), Soon());
  ASSERT_TRUE(tail.ok());
  ASSERT_TRUE(tail->last.has_value());
  EXPECT_EQ(*tail->last,
            (core::RecordIdentity{core::Offset{5}, WallTime{50}, core::ProducerId{5}, 4}));
  EXPECT_EQ(tail->End(), core::Offset{6});
}

TEST_P(MessageStoreSuite, ADuplicateOffsetStoresNothingOfTheBatch) {
  AppendOk(Records(1, 3));
  for (const auto& batch : {Records(3, 4), Records(3, 1), Records(1, 10)}) {
    const Status status = Append(batch);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kAlreadyExists);
    EXPECT_THAT(Offsets(), ElementsAre(1, 2, 3));
  }
  AppendOk(Records(4, 1));
}

TEST_P(MessageStoreSuite, ThreadsThatFightOverOneTailLoseNothingAndLeaveNoHole) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int done = 0; done < kBatches;) {
        const auto tail = store().ReadTail(At(0), Soon());
        ASSERT_TRUE(tail.ok()) << tail.error().ToString();
        const Status status =
            store().Append(At(0), Records(tail->End().value, 3), tail->server, Soon());
        ASSERT_TRUE(status.ok() || status.error().code == ErrorCode::kAlreadyExists)
            << status.error().ToString();
        if (status.ok()) ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::int64_t> expected;
  for (int i = 1; i <= kThreads * kBatches * 3; ++i) expected.push_back(i);
  EXPECT_EQ(Offsets(), expected);
}

TEST_P(MessageStoreSuite, AppendRefusesAnotherServerAndWritesNothing) {
  const Status status = store().Append(At(0), Records(1, 1), "some other server", Soon());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kFenced);
  EXPECT_THAT(Offsets(), IsEmpty());
}

TEST_P(MessageStoreSuite, EveryByteOfKeyBodyAndHeadersSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  ExpectSurvives({.timestamp = WallTime{1'700'000'000'000'001},
                  .producer = core::ProducerId{0x7fffffffffffffff},
                  .sequence = 0x7ffffffffffffffe,
                  .key = "'\\\"" + all + "\\",
                  .body = all + "''\\'\\\\" + std::string("\xc3\x28\xff\0", 4) + all,
                  .headers = {{all, all}, {"", ""}, {"n", "1"}, {"n", "2"}},
                  .codec = 3});
}

TEST_P(MessageStoreSuite, NoKeyAndNoBodyAreNotEmptyOnes) {
  ExpectSurvives({.key = std::nullopt, .body = std::nullopt});
}

TEST_P(MessageStoreSuite, EmptyKeyAndBodyAreNotMissing) { ExpectSurvives({.key = "", .body = ""}); }

TEST_P(MessageStoreSuite, TheLargestMessageSurvivesEvenWhenEveryByteNeedsAnEscape) {
  ExpectSurvives({.key = std::string(1'024, '\''), .body = std::string(4u << 20, '\\')});
}

TEST_P(MessageStoreSuite, ABatchOfAThousandRecordsIsStored) {
  AppendOk(Records(1, 1'000, std::string(100, 'x')));
  EXPECT_EQ(Offsets().size(), 1'000u);
}

}  // namespace lanemq::testing
