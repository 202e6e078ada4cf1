#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/message_store.h"

namespace lanemq::testing {

/// A store to be tested, with partitions of its own.
class MessageStoreUnderTest {
 public:
  virtual ~MessageStoreUnderTest() = default;
  virtual core::MessageStore& store() = 0;
  /// Where partition `index` of the test's topic is; every call with one index is the same place.
  virtual core::PartitionLocation Location(int index) = 0;
  /// Moves the log start, as retention does, without removing rows.
  virtual void SetLogStart(const core::PartitionLocation& location, core::Offset log_start) = 0;
};

/// Makes a store; nullptr with the reason in `why` when it cannot be had on this machine.
struct MessageStoreFactory {
  std::string name;
  std::function<std::unique_ptr<MessageStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const MessageStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every MessageStore must do.
///
///   INSTANTIATE_TEST_SUITE_P(Fake, MessageStoreSuite, Values(MessageStoreFactory{...}));
class MessageStoreSuite : public ::testing::TestWithParam<MessageStoreFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    const Status created = store().CreatePartition(At(0), "orders", Soon());
    ASSERT_TRUE(created.ok()) << created.error().ToString();
  }

  core::MessageStore& store() { return under_test_->store(); }
  core::PartitionLocation At(int index) { return under_test_->Location(index); }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }

  /// Records with consecutive offsets from `from`, timestamps of 10 per offset.
  static std::vector<core::RecordPtr> Records(std::int64_t from, int count,
                                              std::string body = "body") {
    std::vector<core::RecordPtr> records;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->offset = core::Offset{from + i};
      record->timestamp = WallTime{(from + i) * 10};
      record->producer = core::ProducerId{5};
      record->sequence = from + i - 1;
      record->key = "key" + std::to_string(from + i);
      record->body = body;
      records.push_back(std::move(record));
    }
    return records;
  }

  Status Append(const std::vector<core::RecordPtr>& records, int partition = 0) {
    const auto tail = store().ReadTail(At(partition), Soon());
    if (!tail.ok()) return tail.error();
    return store().Append(At(partition), records, tail->server, Soon());
  }
  void AppendOk(const std::vector<core::RecordPtr>& records, int partition = 0) {
    const Status status = Append(records, partition);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  std::vector<std::int64_t> Offsets(std::int64_t from = 0) {
    std::vector<std::int64_t> offsets;
    const auto rows = store().ReadIdentities(At(0), core::Offset{from}, 1'000'000, Soon());
    EXPECT_TRUE(rows.ok());
    if (!rows.ok()) return offsets;
    for (const auto& row : *rows) offsets.push_back(row.offset.value);
    return offsets;
  }
  /// Stores `record` as the first of the log and reads it back.
  void ExpectSurvives(core::Record record) {
    record.offset = core::kFirstOffset;
    AppendOk({std::make_shared<core::Record>(record)});
    const auto read = store().Read(At(0), core::kFirstOffset, {}, Soon());
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    ASSERT_EQ(read->size(), 1u);
    EXPECT_TRUE(*read->front() == record);
  }

  std::unique_ptr<MessageStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MessageStoreSuite);

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
        ASSERT_TRUE(status.ok() || status.error().code == ErrorCode::kAlreadyExists ||
                    status.error().code == ErrorCode::kConflict)
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

TEST_P(MessageStoreSuite, ReadsStartAnywhereAndStopAtTheRecordLimit) {
  AppendOk(Records(1, 20));
  const auto read = store().Read(At(0), core::Offset{5}, {.records_max = 3}, Soon());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(*(*read)[static_cast<std::size_t>(i)] == *Records(5 + i, 1).front());
  }
  EXPECT_TRUE(store().Read(At(0), core::Offset{21}, {}, Soon())->empty());
}

TEST_P(MessageStoreSuite, ReadsStopAtTheByteLimitButGiveTheFirstRecordAlways) {
  const std::string body(10'000, 'b');
  AppendOk(Records(1, 50, body));
  const std::size_t one = core::SizeOf(*Records(1, 1, body).front());
  for (int round = 0; round < 3; ++round) {  // The store may learn the size of rows.
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = 1}, Soon())->size(), 1u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 7}, Soon())->size(), 7u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 8 - 1}, Soon())->size(), 7u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 90}, Soon())->size(), 50u);
  }
}

TEST_P(MessageStoreSuite, ReadsKeepTheirLimitsWhenSmallRowsAreFollowedByBigOnes) {
  AppendOk(Records(1, 300, "tiny"));
  for (int i = 0; i < 5; ++i) AppendOk(Records(301 + i * 4, 4, std::string(300'000, 'x')));
  AppendOk(Records(321, 300, "tiny"));
  std::int64_t next = 1;
  while (next < 621) {
    const auto read = store().Read(At(0), core::Offset{next}, {.records_max = 500}, Soon());
    ASSERT_TRUE(read.ok());
    ASSERT_FALSE(read->empty());
    std::size_t bytes = 0;
    for (const auto& record : *read) {
      ASSERT_EQ(record->offset.value, next++);
      bytes += core::SizeOf(*record);
    }
    EXPECT_LE(bytes, core::ReadLimits{}.bytes_max);
  }
}

TEST_P(MessageStoreSuite, TheFirstRowAtOrAfterATimeIsFound) {
  const auto find = [&](std::int64_t time) -> std::int64_t {
    const auto found = store().FindByTime(At(0), WallTime{time}, Soon());
    EXPECT_TRUE(found.ok());
    return found.ok() && *found ? (*found)->offset.value : 0;
  };
  EXPECT_EQ(find(0), 0);
  AppendOk(Records(1, 37));  // Timestamps 10, 20, ... 370.
  EXPECT_EQ(find(-5), 1);
  EXPECT_EQ(find(10), 1);
  for (std::int64_t offset = 2; offset <= 37; ++offset) {
    EXPECT_EQ(find(offset * 10), offset);
    EXPECT_EQ(find(offset * 10 - 1), offset);
  }
  EXPECT_EQ(find(371), 0);
}

TEST_P(MessageStoreSuite, OfEqualTimesTheFirstRowIsFound) {
  std::vector<core::RecordPtr> records;
  for (int i = 0; i < 30; ++i) {
    auto record = std::make_shared<core::Record>(*Records(i + 1, 1).front());
    record->timestamp = WallTime{i < 10 ? 1 : 2};
    records.push_back(record);
  }
  AppendOk(records);
  const auto found = store().FindByTime(At(0), WallTime{2}, Soon());
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->offset.value, 11);
}

TEST_P(MessageStoreSuite, ByTimeToleratesHolesLeftByAnAccident) {
  AppendOk(Records(1, 3));
  AppendOk(Records(100, 3));
  const auto found = store().FindByTime(At(0), WallTime{500}, Soon());
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->offset.value, 100);
}

TEST_P(MessageStoreSuite, EndsOfManyPartitionsComeTogether) {
  ASSERT_TRUE(store().CreatePartition(At(1), "orders", Soon()).ok());
  ASSERT_TRUE(store().CreatePartition(At(2), "orders", Soon()).ok());
  AppendOk(Records(1, 4));
  AppendOk(Records(1, 9), 2);
  const std::vector<core::PartitionLocation> all = {At(0), At(1), At(7), At(2)};
  const auto ends = store().ReadEnds(all, Soon());
  ASSERT_TRUE(ends.ok()) << ends.error().ToString();
  std::map<int, std::int64_t> by_index;
  for (const auto& end : *ends) by_index[end.key.partition] = end.end.value;
  EXPECT_THAT(by_index,
              ElementsAre(std::pair(At(0).key.partition, 5), std::pair(At(1).key.partition, 1),
                          std::pair(At(2).key.partition, 10)));
  EXPECT_TRUE(store().ReadEnds({}, Soon())->empty());
}

TEST_P(MessageStoreSuite, TheLogStartIsTheEndOfALogWithoutRows) {
  AppendOk(Records(1, 4));
  under_test_->SetLogStart(At(0), core::Offset{5});
  const auto tail = store().ReadTail(At(0), Soon());
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->log_start, core::Offset{5});
  EXPECT_EQ(tail->End(), core::Offset{5});
  const std::vector<core::PartitionLocation> all = {At(0)};
  EXPECT_EQ(store().ReadEnds(all, Soon())->front().end, core::Offset{5});
}

TEST_P(MessageStoreSuite, ASnapshotIsReplacedByANewerOneOnly) {
  EXPECT_FALSE(store().LoadProducerSnapshot(At(0), Soon())->has_value());
  const std::string bytes("\0\xff'\\", 4);
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{10}, bytes}, Soon()).ok());
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{9}, "older"}, Soon()).ok());
  auto loaded = store().LoadProducerSnapshot(At(0), Soon());
  ASSERT_TRUE(loaded.ok() && *loaded);
  EXPECT_EQ((*loaded)->through, core::Offset{10});
  EXPECT_EQ((*loaded)->state, bytes);
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{11}, "newer"}, Soon()).ok());
  loaded = store().LoadProducerSnapshot(At(0), Soon());
  EXPECT_EQ((*loaded)->state, "newer");
  ASSERT_TRUE(store().DropPartition(At(0), Soon()).ok());
  ASSERT_TRUE(store().CreatePartition(At(0), "orders", Soon()).ok());
  EXPECT_FALSE(store().LoadProducerSnapshot(At(0), Soon())->has_value());
}

}  // namespace lanemq::testing
