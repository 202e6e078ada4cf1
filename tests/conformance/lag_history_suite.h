#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/lag/lag_verdict.h"
#include "common/core/store/lag_history.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class LagHistoryUnderTest {
 public:
  virtual ~LagHistoryUnderTest() = default;
  virtual core::LagHistory& store() = 0;
  virtual void Advance(std::chrono::microseconds by) = 0;
  /// What the catalogue has from now on.
  virtual void SetTopics(const std::set<core::TopicId>& topics) = 0;
  /// Somebody changes every topic, and has not committed until the result goes. nullptr: nobody
  /// has to wait for that here.
  virtual std::shared_ptr<void> LockTopics() = 0;
  /// Ends the term of the lease, if there is one, and begins the next.
  virtual core::Fence NewTerm() = 0;
};

struct LagHistoryFactory {
  std::string name;
  std::function<std::unique_ptr<LagHistoryUnderTest>(std::string* why)> make;
};

inline void PrintTo(const LagHistoryFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every LagHistory must do.
class LagHistorySuite : public ::testing::TestWithParam<LagHistoryFactory> {
 protected:
  using Row = core::LagHistoryRow;
  static constexpr std::int64_t kSecond = 1'000'000;
  static constexpr std::int64_t kHour = 3'600 * kSecond;
  static constexpr std::size_t kMany = 100'000;

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    }
    fence_ = under_test_->NewTerm();
    begin_ = Now();
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  }
  core::LagHistory& store() { return under_test_->store(); }
  void Advance(std::chrono::seconds by) { under_test_->Advance(by); }
  WallTime Now() {
    const auto now = store().Now(Soon());
    EXPECT_TRUE(now.ok()) << now.error().ToString();
    return now.ok() ? *now : WallTime{};
  }
  /// Since the test began, which is a full hour.
  WallTime At(std::int64_t after_s) const { return WallTime{begin_.micros + after_s * kSecond}; }
  static WallTime Beginning() { return WallTime{0}; }
  static WallTime End() { return WallTime{4'000'000'000 * kSecond}; }

  Row MakeRow(const std::string& group, std::int64_t topic, std::int64_t after_s) const {
    return {.group = group,
            .topic = core::TopicId{topic},
            .at = At(after_s),
            .lag_messages = 3,
            .lag_messages_max = 30,
            .lag_max = std::chrono::milliseconds{4'000},
            .produced = 5,
            .consumed = 6,
            .members = 7,
            .worst_status = group.empty() ? "" : "OK",
            .partitions = {}};
  }
  void WriteOk(const std::vector<Row>& rows) {
    const Status written = store().Write(rows, fence_, Soon());
    ASSERT_TRUE(written.ok()) << written.error().ToString();
  }
  void RollUpOk(std::int32_t tier) {
    const Status rolled = store().RollUp(tier, Beginning(), End(), fence_, Soon());
    ASSERT_TRUE(rolled.ok()) << rolled.error().ToString();
  }
  std::vector<Row> ReadOk(const std::string& group, std::int64_t topic, std::int32_t tier) {
    const auto rows =
        store().Read(group, core::TopicId{topic}, tier, Beginning(), End(), kMany, Soon());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? *rows : std::vector<Row>{};
  }
  std::vector<Row> NewestOk(std::chrono::seconds age) {
    const auto rows = store().Newest(age, kMany, Soon());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? *rows : std::vector<Row>{};
  }
  void WriteUsesOk(const std::vector<core::LastUse>& uses) {
    const Status written = store().WriteLastUses(uses, fence_, Soon());
    ASSERT_TRUE(written.ok()) << written.error().ToString();
  }
  std::vector<core::LastUse> LastUsesOk() {
    const auto uses = store().LastUses(kMany, Soon());
    EXPECT_TRUE(uses.ok()) << uses.error().ToString();
    return uses.ok() ? *uses : std::vector<core::LastUse>{};
  }
  void ExpectFenced(const Status& status) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kFenced) << status.error().ToString();
  }

  std::unique_ptr<LagHistoryUnderTest> under_test_;
  core::Fence fence_;
  WallTime begin_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LagHistorySuite);

TEST_P(LagHistorySuite, RowsAreReadBackByTimeWithoutWhatEvaluatorsRemember) {
  Row second = MakeRow("billing", 7, 30);
  second.lag_messages = 9'000'000'000;
  second.worst_status = "STOP";
  second.partitions = "0 'one'\n\\";
  WriteOk({second, MakeRow("billing", 7, 0), MakeRow("billing", 8, 0), MakeRow("", 7, 0),
           MakeRow("Billing", 7, 0)});
  second.partitions.clear();
  EXPECT_EQ(ReadOk("billing", 7, 0), (std::vector<Row>{MakeRow("billing", 7, 0), second}));
  EXPECT_EQ(ReadOk("", 7, 0), (std::vector<Row>{MakeRow("", 7, 0)}));
  EXPECT_TRUE(ReadOk("billing", 7, 1).empty());
  EXPECT_TRUE(ReadOk("billin", 7, 0).empty());

  const auto until = store().Read("billing", core::TopicId{7}, 0, At(0), At(30), kMany, Soon());
  ASSERT_TRUE(until.ok());
  EXPECT_EQ(until->size(), 1U);
  const auto from = store().Read("billing", core::TopicId{7}, 0, At(1), At(31), kMany, Soon());
  ASSERT_TRUE(from.ok());
  EXPECT_EQ(*from, (std::vector<Row>{second}));
  const auto one = store().Read("billing", core::TopicId{7}, 0, At(0), At(60), 1, Soon());
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(*one, (std::vector<Row>{MakeRow("billing", 7, 0)}));
}

TEST_P(LagHistorySuite, ARowWrittenAgainTakesThePlaceOfTheOldOne) {
  Row row = MakeRow("g", 1, 0);
  row.partitions = "old";
  WriteOk({row});
  row = {.group = "g", .topic = core::TopicId{1}, .at = At(0), .worst_status = "NEW"};
  WriteOk({row});
  EXPECT_EQ(ReadOk("g", 1, 0), (std::vector<Row>{row}));
  EXPECT_EQ(NewestOk(std::chrono::hours{1}), (std::vector<Row>{row}));
}

TEST_P(LagHistorySuite, ManyRowsAtOnce) {
  std::vector<Row> rows;
  for (int i = 0; i < 1'201; ++i) {
    rows.push_back(MakeRow("g" + std::to_string(10'000 + i), 1, 0));
    if (i % 100 == 0) rows.back().partitions.assign(300'000, 'x');
  }
  WriteOk(rows);
  EXPECT_EQ(NewestOk(std::chrono::hours{1}), rows);
  const auto some = store().Newest(std::chrono::hours{1}, 10, Soon());
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(*some, std::vector<Row>(rows.begin(), rows.begin() + 10));
  WriteOk({});
}

TEST_P(LagHistorySuite, TheNewestOfEachGroupAndTopicIsFoundWhenItIsNotTooOld) {
  Row remembered = MakeRow("g", 1, 60);
  remembered.partitions = "0 1 2 3";
  WriteOk({MakeRow("g", 1, 0), remembered, MakeRow("g", 2, 30), MakeRow("", 1, 60),
           MakeRow("old", 1, 0)});
  Advance(std::chrono::seconds{90});
  EXPECT_EQ(NewestOk(std::chrono::seconds{60}),
            (std::vector<Row>{MakeRow("", 1, 60), remembered, MakeRow("g", 2, 30)}));
  EXPECT_EQ(NewestOk(std::chrono::seconds{30}), (std::vector<Row>{MakeRow("", 1, 60), remembered}));
  Advance(std::chrono::seconds{500});
  RollUpOk(0);  // Coarser rows are not asked.
  EXPECT_TRUE(NewestOk(std::chrono::seconds{60}).empty());
}

TEST_P(LagHistorySuite, BucketsThatHaveEndedAreRolledUp) {
  Row first = MakeRow("g", 1, 0);
  first.lag_messages_max = 500;
  first.worst_status = "SLOW";
  first.members = 9;
  first.partitions = "0 1";
  Row last = MakeRow("g", 1, 270);
  last.lag_messages = 12;
  last.lag_max = std::chrono::milliseconds{90'000};
  last.worst_status = "PAUSED";
  last.members = 2;
  WriteOk({first, last, MakeRow("g", 1, 300), MakeRow("", 1, 0)});
  Advance(std::chrono::seconds{299});
  RollUpOk(0);
  EXPECT_TRUE(ReadOk("g", 1, 1).empty());
  Advance(std::chrono::seconds{2});
  RollUpOk(0);
  Row expected = MakeRow("g", 1, 0);
  expected.lag_messages = 12;
  expected.lag_messages_max = 500;
  expected.lag_max = std::chrono::milliseconds{90'000};
  expected.produced = 10;
  expected.consumed = 12;
  expected.members = 2;
  expected.worst_status = "SLOW";
  EXPECT_EQ(ReadOk("g", 1, 1), (std::vector<Row>{expected}));
  EXPECT_EQ(ReadOk("", 1, 1), (std::vector<Row>{MakeRow("", 1, 0)}));
  RollUpOk(0);
  EXPECT_EQ(ReadOk("g", 1, 1), (std::vector<Row>{expected}));

  Advance(std::chrono::seconds{299});
  WriteOk({MakeRow("g", 1, 30)});  // Late: the next one takes it in.
  const Status outside = store().RollUp(0, At(1), At(300), fence_, Soon());
  ASSERT_TRUE(outside.ok());
  EXPECT_EQ(ReadOk("g", 1, 1), (std::vector<Row>{expected}));
  RollUpOk(0);
  expected.produced = 15;
  expected.consumed = 18;
  EXPECT_EQ(ReadOk("g", 1, 1), (std::vector<Row>{expected, MakeRow("g", 1, 300)}));
}

TEST_P(LagHistorySuite, EveryStatusHasItsPlaceInARollUp) {
  std::vector<Row> rows;
  for (int i = 0; i < core::kLagStatuses; ++i) {
    for (int worst = 0; worst < core::kLagStatuses; ++worst) {
      Row row = MakeRow("g" + std::to_string(worst), i + 1, 30);
      row.worst_status = core::ToString(static_cast<core::LagStatus>(worst));
      rows.push_back(row);
      row.at = At(60);
      row.worst_status = core::ToString(static_cast<core::LagStatus>(i));
      rows.push_back(row);
    }
  }
  WriteOk(rows);
  Advance(std::chrono::seconds{300});
  RollUpOk(0);
  for (int i = 0; i < core::kLagStatuses; ++i) {
    for (int worst = 0; worst < core::kLagStatuses; ++worst) {
      const auto found = ReadOk("g" + std::to_string(worst), i + 1, 1);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].worst_status,
                core::ToString(static_cast<core::LagStatus>(std::max(i, worst))));
    }
  }
}

TEST_P(LagHistorySuite, RollUpsEqualARecomputation) {
  Random random(42);
  std::vector<Row> rows;
  for (int at = 0; at < 3 * 3'600; at += 30) {
    for (const char* group : {"", "a", "b"}) {
      if (random.Below(5) == 0) continue;
      Row row = MakeRow(group, 1 + static_cast<std::int64_t>(random.Below(2)), at);
      row.lag_messages = static_cast<std::int64_t>(random.Below(1'000));
      row.lag_messages_max = row.lag_messages + static_cast<std::int64_t>(random.Below(100));
      row.lag_max = std::chrono::milliseconds{random.Below(10'000)};
      row.produced = static_cast<std::int64_t>(random.Below(1'000));
      row.consumed = static_cast<std::int64_t>(random.Below(1'000));
      row.members = static_cast<std::int32_t>(random.Below(5));
      if (*group != '\0') {
        row.worst_status = core::ToString(static_cast<core::LagStatus>(random.Below(9)));
      }
      rows.push_back(row);
    }
  }
  // As it goes on: each half hour what is new is written and rolled up, twice.
  std::size_t written = 0;
  for (int half = 1; half <= 6; ++half) {
    Advance(std::chrono::minutes{30});
    std::size_t end = written;
    while (end < rows.size() && rows[end].at < At(half * 1'800)) ++end;
    WriteOk({rows.begin() + static_cast<std::ptrdiff_t>(written),
             rows.begin() + static_cast<std::ptrdiff_t>(end)});
    written = end;
    for (const std::int32_t tier : {0, 1, 1, 0}) RollUpOk(tier);
    RollUpOk(1);
    ASSERT_TRUE(store().Expire(10'000, fence_, Soon()).ok());
  }
  for (const std::int32_t tier : {1, 2}) {
    const std::int64_t width = std::chrono::microseconds{core::kLagTiers[tier].bucket}.count();
    std::map<std::tuple<std::string, std::int64_t, std::int64_t>, Row> sums;
    for (const Row& row : rows) {
      const std::int64_t bucket = row.at.micros / width * width;
      Row& sum = sums[{row.group, row.topic.value, bucket}];
      const auto worst = core::LagStatusFromString(sum.worst_status);
      const auto status = core::LagStatusFromString(row.worst_status);
      if (!worst || (status && *status > *worst)) sum.worst_status = row.worst_status;
      sum.group = row.group;
      sum.topic = row.topic;
      sum.at = WallTime{bucket};
      sum.lag_messages = row.lag_messages;
      sum.lag_messages_max = std::max(sum.lag_messages_max, row.lag_messages_max);
      sum.lag_max = std::max(sum.lag_max, row.lag_max);
      sum.produced += row.produced;
      sum.consumed += row.consumed;
      sum.members = row.members;
    }
    std::vector<Row> expected;
    for (const auto& [key, sum] : sums) expected.push_back(sum);
    std::vector<Row> found;
    for (const char* group : {"", "a", "b"}) {
      for (const std::int64_t topic : {1, 2}) {
        const auto some = ReadOk(group, topic, tier);
        found.insert(found.end(), some.begin(), some.end());
      }
    }
    EXPECT_EQ(found, expected) << tier;
  }
}

TEST_P(LagHistorySuite, ABucketThatLostRowsIsNotRolledUpAgain) {
  WriteOk({MakeRow("g", 1, 0), MakeRow("g", 1, 270)});
  Advance(std::chrono::seconds{300});
  RollUpOk(0);
  const auto whole = ReadOk("g", 1, 1);
  ASSERT_EQ(whole.size(), 1U);
  Advance(std::chrono::seconds{3'600 - 300 + 60});
  const auto expired = store().Expire(100, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 1);
  RollUpOk(0);
  EXPECT_EQ(ReadOk("g", 1, 1), whole);
}

TEST_P(LagHistorySuite, RowsExpireAsTheirTierSaysTheOldestFirst) {
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(MakeRow("g", 1, i * 30));
  WriteOk(rows);
  Advance(std::chrono::seconds{600});
  RollUpOk(0);
  Advance(std::chrono::seconds{3'600 - 300});  // 300 s are older than an hour.
  auto expired = store().Expire(3, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 3);
  EXPECT_EQ(ReadOk("g", 1, 0).front().at, At(90));
  expired = store().Expire(0, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 0);
  expired = store().Expire(1'000, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 7);
  EXPECT_EQ(ReadOk("g", 1, 0).size(), 10U);
  EXPECT_EQ(ReadOk("g", 1, 1).size(), 2U);
  RollUpOk(1);
  EXPECT_EQ(ReadOk("g", 1, 2).size(), 1U);

  Advance(std::chrono::hours{26});
  expired = store().Expire(1'000, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 12);
  EXPECT_EQ(ReadOk("g", 1, 2).size(), 1U);
  Advance(std::chrono::hours{840 - 26});
  expired = store().Expire(1'000, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 1);
}

TEST_P(LagHistorySuite, ManyRowsExpireInOneCall) {
  std::vector<Row> rows;
  for (int i = 0; i < 2'500; ++i) rows.push_back(MakeRow("g" + std::to_string(i), 1, 0));
  WriteOk(rows);
  Advance(std::chrono::seconds{3'601});
  auto expired = store().Expire(2'400, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 2'400);
  expired = store().Expire(2'400, fence_, Soon());
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(*expired, 100);
}

TEST_P(LagHistorySuite, ProductionOfTheLastFullDayIsFoundByHour) {
  for (int hour = 0; hour < 26; ++hour) {
    Row topic = MakeRow("", 7, hour * 3'600);
    topic.produced = hour;
    Row other = MakeRow("", 3, hour * 3'600 + 60);
    WriteOk({topic, other, MakeRow("g", 7, hour * 3'600)});
    Advance(std::chrono::hours{1});
    RollUpOk(0);
    RollUpOk(1);
  }
  Advance(std::chrono::minutes{59});
  const auto rows = store().ProducedHourly(kMany, Soon());
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  ASSERT_EQ(rows->size(), 48U);
  for (std::size_t i = 0; i < 48; ++i) {
    const Row& row = (*rows)[i];
    EXPECT_EQ(row.group, "");
    EXPECT_EQ(row.topic.value, i % 2 == 0 ? 3 : 7);
    EXPECT_EQ(row.at, At(static_cast<std::int64_t>(i / 2 + 2) * 3'600));
    EXPECT_EQ(row.produced, i % 2 == 0 ? 5 : static_cast<std::int64_t>(i / 2 + 2));
  }
  const auto some = store().ProducedHourly(5, Soon());
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(*some, std::vector<Row>(rows->begin(), rows->begin() + 5));
}

TEST_P(LagHistorySuite, AnOldTermWritesNothing) {
  WriteOk({MakeRow("g", 1, 0)});
  Advance(std::chrono::seconds{300});
  const core::Fence old = fence_;
  fence_ = under_test_->NewTerm();
  ExpectFenced(store().Write(std::vector<Row>{MakeRow("g", 1, 30)}, old, Soon()));
  ExpectFenced(store().RollUp(0, Beginning(), End(), old, Soon()));
  EXPECT_TRUE(ReadOk("g", 1, 1).empty());
  EXPECT_EQ(ReadOk("g", 1, 0).size(), 1U);
  Advance(std::chrono::hours{2});
  const auto expired = store().Expire(100, old, Soon());
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code, ErrorCode::kFenced);
  EXPECT_EQ(ReadOk("g", 1, 0).size(), 1U);
  const std::vector<core::LastUse> uses{{core::TopicId{1}, At(0), {}, {}, 0, 0}};
  ExpectFenced(store().WriteLastUses(uses, old, Soon()));
  EXPECT_TRUE(LastUsesOk().empty());
  WriteUsesOk(uses);
  under_test_->SetTopics({});
  const auto forgotten = store().ForgetLastUses(1, old, Soon());
  ASSERT_FALSE(forgotten.ok());
  EXPECT_EQ(forgotten.error().code, ErrorCode::kFenced);
  EXPECT_EQ(LastUsesOk(), uses);
  ExpectFenced(
      store().Write(std::vector<Row>{MakeRow("g", 1, 30)}, {"never", fence_.token}, Soon()));
  const Status last = store().RollUp(2, Beginning(), End(), fence_, Soon());
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, ErrorCode::kInvalidRequest);
}

}  // namespace lanemq::testing

// IWYU pragma: begin_exports
#include "tests/conformance/lag_history_use_cases.h"
// IWYU pragma: end_exports
