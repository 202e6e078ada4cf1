#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/message_store.h"
#include "common/core/store/retry_store.h"

namespace lanemq::testing {

/// A store to be tested, with the stores beside it on the same data node.
class RetryStoreUnderTest {
 public:
  virtual ~RetryStoreUnderTest() = default;
  virtual core::RetryStore& store() = 0;
  virtual core::OffsetStore& offsets() = 0;
  virtual core::MessageStore& messages() = 0;
  virtual core::PartitionLocation Location(int index) = 0;
  /// The partition begins, or does not go on, to move to another data node.
  virtual void SetMoving(const core::PartitionKey& key, bool is_moving) = 0;
  /// What SQL on the node's schema answers, a row a line; `log` is the message table of index 0.
  virtual std::string Run(const std::string& sql) = 0;
};

struct RetryStoreFactory {
  std::string name;
  std::function<std::unique_ptr<RetryStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const RetryStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every RetryStore must do. Nothing waits: what is due now has a wait of 0, what is not an
/// hour.
class RetryStoreSuite : public ::testing::TestWithParam<RetryStoreFactory> {
 protected:
  static constexpr std::chrono::milliseconds kHour{3'600'000};
  static constexpr std::chrono::seconds kSecond{1};
  using Offsets = std::vector<std::int64_t>;

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    for (int index = 0; index < 2; ++index) {
      const Status created = messages().CreatePartition(At(index), "orders", Soon());
      ASSERT_TRUE(created.ok()) << created.error().ToString();
    }
  }

  core::RetryStore& store() { return under_test_->store(); }
  core::OffsetStore& offsets() { return under_test_->offsets(); }
  core::MessageStore& messages() { return under_test_->messages(); }
  core::PartitionLocation At(int index) { return under_test_->Location(index); }
  core::PartitionKey Key(int index = 0) { return At(index).key; }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  static core::OffsetOwner Owner(int generation, const std::string& member = "m") {
    return {core::Generation{generation}, generation == 0 ? "" : member};
  }
  /// The same, who says which of his settlements it is.
  static core::OffsetOwner Numbered(int generation, std::int64_t sequence) {
    return {core::Generation{generation}, "m", sequence};
  }

  /// Puts `count` records after those that are there: odd in every way a record can be.
  void Append(int count, int index = 0) {
    const auto tail = messages().ReadTail(At(index), Soon());
    ASSERT_TRUE(tail.ok()) << tail.error().ToString();
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    std::vector<core::RecordPtr> records;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->offset = core::Offset{tail->End().value + i};
      const std::int64_t n = record->offset.value;
      record->timestamp = WallTime{n * 10};
      record->producer = core::ProducerId{n % 2 == 0 ? 0 : 77};
      record->sequence = n - 1;
      record->codec = static_cast<std::int16_t>(n % 3);
      if (n % 4 == 1) record->key = "";
      if (n % 4 == 2) record->key = "key" + bytes;
      if (n % 3 == 0) record->body = bytes + std::to_string(n);
      if (n % 3 == 1) record->body = "";
      if (n % 5 == 0) record->headers = {{"a", bytes}, {"", ""}, {"a", "again"}};
      records.push_back(std::move(record));
    }
    const Status appended = messages().Append(At(index), records, tail->server, Soon());
    ASSERT_TRUE(appended.ok()) << appended.error().ToString();
  }

  static core::FailureFate In(std::chrono::microseconds due_in) { return {false, due_in}; }
  static core::FailureFate Dead() { return {true, {}}; }
  static core::FailureFate KeptFor(std::chrono::microseconds lease,
                                   std::chrono::microseconds due_in = {}) {
    return {false, due_in, lease};
  }
  static core::LogFailure Failed(std::int64_t offset, core::FailureFate fate = In({}),
                                 const core::FailureNote& note = {"why", "text"}) {
    return {core::Offset{offset}, 1, fate, note};
  }
  static core::RetryOutcome Ok(std::int64_t offset, int attempt) {
    return {core::Offset{offset}, attempt, true, {}, {}};
  }
  static core::RetryOutcome FailedAgain(std::int64_t offset, int attempt, core::FailureFate fate,
                                        const core::FailureNote& note = {"again", "more"}) {
    return {core::Offset{offset}, attempt, false, fate, note};
  }
  /// Commits `offset`, unless it is 0, with failures and outcomes.
  core::PartitionSettlement To(std::int64_t offset, std::vector<core::LogFailure> failures = {},
                               std::vector<core::RetryOutcome> retries = {}, int index = 0) {
    core::PartitionSettlement out{.location = At(index)};
    if (offset != 0) {
      out.commit = core::OffsetCommit{Key(index), core::Offset{offset}, "note", std::nullopt};
    }
    out.failures = std::move(failures);
    out.retries = std::move(retries);
    return out;
  }
  core::PartitionSettled Settle(const core::PartitionSettlement& partition,
                                const core::OffsetOwner& owner = {{}, ""}) {
    const auto answers = store().Settle("g", owner, std::span(&partition, 1), Soon());
    EXPECT_TRUE(answers.ok()) << answers.error().ToString();
    return answers.ok() && answers->size() == 1 ? answers->front() : core::PartitionSettled{};
  }
  core::PartitionSettled SettleOk(const core::PartitionSettlement& partition,
                                  const core::OffsetOwner& owner = {{}, ""}) {
    const core::PartitionSettled settled = Settle(partition, owner);
    EXPECT_TRUE(settled.status.ok()) << settled.status.error().ToString();
    return settled;
  }
  void ExpectRefused(ErrorCode code, const core::PartitionSettled& settled) {
    ASSERT_FALSE(settled.status.ok());
    EXPECT_EQ(settled.status.error().code, code) << settled.status.error().ToString();
    EXPECT_EQ(settled.retried + settled.dead, 0);
  }

  core::LeasedRetries Lease(const core::OffsetOwner& owner = {{}, ""},
                            std::chrono::milliseconds lease = kHour, bool take_over = false,
                            int max_attempts = 16, core::RetryLimits limits = {}) {
    const std::vector<core::RetryWish> wishes = {{Key(0), max_attempts}, {Key(1), max_attempts}};
    const auto leased = store().Lease("g", owner, wishes, limits, lease, take_over, Soon());
    EXPECT_TRUE(leased.ok()) << leased.error().ToString();
    return leased.ok() ? *leased : core::LeasedRetries{};
  }
  static Offsets OffsetsOf(const core::LeasedRetries& leased) {
    Offsets offsets;
    for (const auto& due : leased.due) offsets.push_back(due.record->offset.value);
    return offsets;
  }
  void Claim(const core::OffsetOwner& owner) {
    const std::vector<core::PartitionKey> keys = {Key(0), Key(1)};
    const auto claims = offsets().Claim("g", owner, keys, Soon());
    ASSERT_TRUE(claims.ok()) << claims.error().ToString();
    for (const auto& claim : *claims) ASSERT_TRUE(claim.status.ok());
  }
  std::int64_t Committed(int index = 0) {
    const std::vector<core::PartitionKey> keys = {Key(index)};
    const auto rows = offsets().Fetch("g", keys, Soon());
    EXPECT_TRUE(rows.ok());
    return rows.ok() && rows->size() == 1 ? rows->front().offset.value : 0;
  }

  std::string Run(const std::string& sql) { return under_test_->Run(sql); }
  /// "10 11 12": of the group's rows of a table, in all partitions.
  std::string Rows(const std::string& table) {
    const std::string rows =
        Run("SELECT origin_offset FROM " + table + " WHERE group_id='g' ORDER BY 1");
    std::string line;
    for (const char c : rows) line.push_back(c == '\n' ? ' ' : c);
    if (!line.empty()) line.pop_back();
    return line;
  }
  std::string Retries() { return Rows("retry_messages"); }
  std::string DeadLetters() { return Rows("dead_letters"); }
  /// Everything that may change.
  std::string Everything() {
    return Run("SELECT * FROM group_offsets") + "|" +
           Run("SELECT origin_offset,due_at,attempts,leased_by,reason,first_error,last_error FROM "
               "retry_messages ORDER BY 1") +
           "|" + Run("SELECT origin_offset,dead_at,attempts,reason FROM dead_letters ORDER BY 1");
  }
  /// Rows of `table` that are in the log, byte for byte.
  std::string CountTrueCopies(const std::string& table) {
    return Run("SELECT COUNT(*) FROM " + table +
               " t JOIN log m ON m.`offset`=t.origin_offset AND m.timestamp_us=t.timestamp_us AND "
               "m.producer_id=t.producer_id AND m.sequence=t.sequence AND m.codec=t.codec AND "
               "m.`key`<=>t.`key` AND m.headers<=>t.headers AND m.body<=>t.body");
  }

  std::unique_ptr<RetryStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RetryStoreSuite);

}  // namespace lanemq::testing

#include "tests/conformance/retry_store_kept_cases.h"      // IWYU pragma: keep
#include "tests/conformance/retry_store_lease_cases.h"     // IWYU pragma: keep
#include "tests/conformance/retry_store_moving_cases.h"    // IWYU pragma: keep
#include "tests/conformance/retry_store_other_cases.h"     // IWYU pragma: keep
#include "tests/conformance/retry_store_sequence_cases.h"  // IWYU pragma: keep
#include "tests/conformance/retry_store_settle_cases.h"    // IWYU pragma: keep
