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

}  // namespace lanemq::testing
