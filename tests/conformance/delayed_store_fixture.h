#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/delayed_store.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/message_store.h"

namespace lanemq::testing {

/// A store to be tested, with the logs and the leases of its data node.
class DelayedStoreUnderTest {
 public:
  virtual ~DelayedStoreUnderTest() = default;
  virtual core::DelayedStore& store() = 0;
  virtual core::MessageStore& messages() = 0;
  virtual core::LeaseStore& leases() = 0;
  /// The partition begins, or does not go on, to move to another data node.
  virtual void SetMoving(const core::PartitionKey& key, bool is_moving) = 0;
  /// Where partition `index` of the test's topic is.
  virtual core::PartitionLocation Location(int index) = 0;
  /// A store of another process, as after a restart.
  virtual std::unique_ptr<core::DelayedStore> Another() = 0;
};

struct DelayedStoreFactory {
  std::string name;
  std::function<std::unique_ptr<DelayedStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const DelayedStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every DelayedStore must do.
class DelayedStoreSuite : public ::testing::TestWithParam<DelayedStoreFactory> {
 protected:
  using Batch = std::vector<core::DelayedMessage>;
  static constexpr core::ProducerId kProducer{77};

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    for (int i = 0; i < 3; ++i) {
      const Status created = under_test_->messages().CreatePartition(At(i), "orders", Soon());
      ASSERT_TRUE(created.ok()) << created.error().ToString();
    }
    fence_ = NewTerm();
  }

  core::DelayedStore& store() { return under_test_->store(); }
  core::PartitionLocation At(int index) { return under_test_->Location(index); }
  core::PartitionKey Key(int index) { return At(index).key; }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  /// Ends the term that runs, and begins the next.
  core::Fence NewTerm() {
    if (term_.token.value > 0) {
      EXPECT_TRUE(under_test_->leases().Release(term_, Soon()).ok());
    }
    auto term = under_test_->leases().Acquire("duties", "test", std::chrono::hours{1}, Soon());
    EXPECT_TRUE(term.ok()) << term.error().ToString();
    if (term.ok()) term_ = *std::move(term);
    return {term_.name, term_.token};
  }
  WallTime Now() {
    const auto fronts = store().ReadFronts(Soon());
    EXPECT_TRUE(fronts.ok()) << fronts.error().ToString();
    return fronts.ok() ? fronts->now : WallTime{};
  }

  static core::DelayedMessage Message(WallTime due, const std::string& body,
                                      std::int64_t sequence = 0,
                                      core::ProducerId producer = core::kNoProducer) {
    auto record = std::make_shared<core::Record>();
    record->producer = producer;
    record->sequence = sequence;
    record->body = body;
    return {due, std::move(record)};
  }
  /// Messages "<sequence>" of kProducer, with sequences [first, first + count).
  static Batch Sequences(WallTime due, std::int64_t first, int count) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      batch.push_back(Message(due, std::to_string(first + i), first + i, kProducer));
    }
    return batch;
  }
  core::DelayedStore::Scheduled ScheduleOk(const Batch& batch, int partition = 0) {
    const auto done = store().Schedule(Key(partition), batch, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    if (!done.ok()) return {};
    EXPECT_EQ(done->ids.size(), batch.size());
    return *done;
  }
  void ExpectScheduleFails(ErrorCode code, const Batch& batch) {
    const auto done = store().Schedule(Key(0), batch, Soon());
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, code) << done.error().ToString();
  }
  core::DelayedMove MoveOk(int partition = 0, int max = 1'000, std::size_t bytes_max = 4u << 20) {
    const auto moved = store().Move(At(partition), WallTime{}, max, bytes_max, fence_, Soon());
    EXPECT_TRUE(moved.ok()) << moved.error().ToString();
    return moved.ok() ? *moved : core::DelayedMove{};
  }
  core::CancelResult Cancel(const core::DelayedId& id) {
    const auto done = store().Cancel(std::span(&id, 1), Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? done->front() : core::CancelResult::kNotFound;
  }
  std::vector<core::RecordPtr> Log(int partition = 0) {
    std::vector<core::RecordPtr> log;
    while (true) {
      const core::Offset from{static_cast<std::int64_t>(log.size()) + 1};
      const auto read = under_test_->messages().Read(At(partition), from, {}, Soon());
      EXPECT_TRUE(read.ok()) << read.error().ToString();
      if (!read.ok() || read->empty()) return log;
      log.insert(log.end(), read->begin(), read->end());
    }
  }
  std::vector<std::string> Bodies(int partition = 0) {
    std::vector<std::string> bodies;
    for (const auto& record : Log(partition)) bodies.push_back(record->body.value_or("(none)"));
    return bodies;
  }
  std::vector<std::string> Waiting(int partition = 0) {
    std::vector<std::string> bodies;
    const core::PartitionKey key = Key(partition);
    const auto listed = store().List(std::span(&key, 1), std::nullopt, 100'000, Soon());
    EXPECT_TRUE(listed.ok());
    if (!listed.ok()) return bodies;
    for (const auto& one : *listed) bodies.push_back(one.record->body.value_or("(none)"));
    return bodies;
  }
  /// Offsets from 1 without a hole, times that never go back.
  void ExpectDense(const std::vector<core::RecordPtr>& log) {
    WallTime last{};
    for (std::size_t i = 0; i < log.size(); ++i) {
      ASSERT_EQ(log[i]->offset.value, static_cast<std::int64_t>(i) + 1);
      ASSERT_GE(log[i]->timestamp, last) << "at offset " << i + 1;
      last = log[i]->timestamp;
    }
  }
  /// The due time that a moved message says of itself; -1: none.
  static std::int64_t DueOf(const core::Record& record) {
    if (record.headers.empty() || record.headers.back().name != "lanemq-due-us") return -1;
    return std::stoll(record.headers.back().value);
  }

  std::unique_ptr<DelayedStoreUnderTest> under_test_;
  core::Lease term_;
  core::Fence fence_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DelayedStoreSuite);

inline WallTime operator+(WallTime time, std::chrono::microseconds by) {
  return {time.micros + by.count()};
}
inline WallTime operator-(WallTime time, std::chrono::microseconds by) {
  return {time.micros - by.count()};
}

}  // namespace lanemq::testing
