// The parts of the handlers that decide without I/O.
#include <chrono>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "broker/handlers/failures/decide.h"
#include "broker/handlers/failures/page_token.h"
#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/failures/settle_checks.h"

namespace lanemq::broker {
namespace {

using std::chrono::milliseconds;

/// A commit at 10 that passes 4 and 7; retries 2 done and 3 failed again; 10 begins.
idl::SettlePartition Settlement() {
  idl::SettlePartition out;
  out.topic = "t";
  out.partition = 3;
  idl::CommitPartition commit;
  commit.topic = "t";
  commit.partition = 3;
  commit.offset = 10;
  commit.__set_reset_epoch(6);
  out.__set_commit(commit);
  for (const std::int64_t offset : {4, 7}) {
    idl::LogFailure failure;
    failure.offset = offset;
    failure.attempts = 1;
    failure.is_fatal = false;
    failure.note.reason = "timeout";
    out.failures.push_back(failure);
  }
  out.__isset.failures = true;
  for (const std::int64_t offset : {2, 3}) {
    idl::RetryOutcome outcome;
    outcome.offset = offset;
    outcome.attempt = 2;
    outcome.is_ok = offset == 2;
    idl::FailureNote note;
    note.reason = "timeout";
    if (!outcome.is_ok) outcome.__set_note(note);
    out.retries.push_back(outcome);
  }
  out.__isset.retries = true;
  out.__set_begins_offset(10);
  return out;
}

struct Case {
  const char* name;
  std::function<void(idl::SettlePartition&)> change;
  std::optional<ErrorCode> error;
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    idl::SettlePartition partition = Settlement();
    c.change(partition);
    const Status checked = CheckSettlement(partition, core::Limits{});
    if (c.error) {
      ASSERT_FALSE(checked.ok());
      EXPECT_EQ(checked.error().code, *c.error) << checked.error().message;
    } else {
      EXPECT_TRUE(checked.ok()) << checked.error().message;
    }
  }
}

TEST(CheckSettlementTest, CommitsAndFailures) {
  const auto invalid = ErrorCode::kInvalidRequest;
  const core::Limits limits;
  Expect({
      {"as it is", [](auto&) {}, std::nullopt},
      {"nothing", [](auto& p) { p = idl::SettlePartition(); }, std::nullopt},
      {"another topic's commit", [](auto& p) { p.commit.topic = "u"; }, invalid},
      {"another partition's commit", [](auto& p) { p.commit.partition = 4; }, invalid},
      {"metadata at the limit",
       [&](auto& p) { p.commit.metadata.resize(limits.commit_metadata_bytes_max); }, std::nullopt},
      {"metadata over it",
       [&](auto& p) { p.commit.metadata.resize(limits.commit_metadata_bytes_max + 1); },
       ErrorCode::kOffsetMetadataTooLarge},
      {"offset 0",
       [](auto& p) {
         p.failures.clear();
         p.commit.offset = 0;
       },
       ErrorCode::kOffsetOutOfRange},
      {"failures without a commit", [](auto& p) { p.__isset.commit = false; }, invalid},
      {"a failure at the commit", [](auto& p) { p.failures[1].offset = 10; }, invalid},
      {"a failure just below it", [](auto& p) { p.failures[1].offset = 9; }, std::nullopt},
      {"offsets that descend", [](auto& p) { p.failures[1].offset = 3; }, invalid},
      {"one twice", [](auto& p) { p.failures[1].offset = 4; }, invalid},
      {"a failure at 0", [](auto& p) { p.failures[0].offset = 0; }, invalid},
      {"no attempts", [](auto& p) { p.failures[0].attempts = 0; }, invalid},
      {"no reason", [](auto& p) { p.failures[0].note.reason = ""; }, invalid},
      {"a reason of 64", [](auto& p) { p.failures[0].note.reason.assign(64, 'r'); }, std::nullopt},
      {"a reason of 65", [](auto& p) { p.failures[0].note.reason.assign(65, 'r'); }, invalid},
      {"a delay below 0", [](auto& p) { p.failures[0].__set_delay_ms(-1); }, invalid},
      {"the longest delay", [](auto& p) { p.failures[0].__set_delay_ms(kFailureDelayMsMax); },
       std::nullopt},
      {"a longer one", [](auto& p) { p.failures[0].__set_delay_ms(kFailureDelayMsMax + 1); },
       invalid},
  });
}

TEST(CheckSettlementTest, OutcomesAndTheRest) {
  const auto invalid = ErrorCode::kInvalidRequest;
  const auto with_retries = [](idl::SettlePartition& p, std::size_t count) {
    idl::RetryOutcome one = p.retries[0];
    p.retries.clear();
    for (std::size_t i = 0; i < count; ++i) {
      one.offset = static_cast<std::int64_t>(i) + 1;
      p.retries.push_back(one);
    }
  };
  Expect({
      {"as many as allowed", [&](auto& p) { with_retries(p, 998); }, std::nullopt},
      {"one more", [&](auto& p) { with_retries(p, 999); }, invalid},
      {"a retry at 0", [](auto& p) { p.retries[0].offset = 0; }, invalid},
      {"no attempt", [](auto& p) { p.retries[0].attempt = 0; }, invalid},
      {"a failure without a note", [](auto& p) { p.retries[1].__isset.note = false; }, invalid},
      {"without a reason", [](auto& p) { p.retries[1].note.reason = ""; }, invalid},
      {"a delay below 0", [](auto& p) { p.retries[1].__set_delay_ms(-1); }, invalid},
      {"one that ends twice", [](auto& p) { p.retries[0].offset = 3; }, invalid},
      {"begins below the commit", [](auto& p) { p.begins_offset = 9; }, invalid},
      {"begins without a commit",
       [](auto& p) {
         p.__isset.commit = false;
         p.failures.clear();
         p.begins_offset = 1;
       },
       std::nullopt},
  });
}

TEST(NoteTest, ErrorsAreCutAtACharacter) {
  idl::FailureNote note;
  note.reason = "r";
  note.error = std::string(core::kFailureErrorBytesMax - 1, 'x') + "é";
  const core::FailureNote kept = NoteFromWire(std::move(note));
  EXPECT_EQ(kept.reason, "r");
  EXPECT_EQ(kept.error, std::string(core::kFailureErrorBytesMax - 1, 'x'));
}

TEST(DecideTest, FatalIsDeadAndADelayReplacesTheWaitAlone) {
  Random random(7);
  const core::RetryPolicy policy{
      .max_attempts = 3, .first_delay = milliseconds(50), .jitter = 0, .fatal_reasons = {"bad"}};
  const auto wait = DecideFate(policy, {1, false, std::nullopt}, "timeout", random);
  EXPECT_FALSE(wait.is_dead);
  EXPECT_EQ(wait.due_in, milliseconds(50));
  const auto asked = DecideFate(policy, {2, false, 1'234}, "timeout", random);
  EXPECT_FALSE(asked.is_dead);
  EXPECT_EQ(asked.due_in, milliseconds(1'234));
  EXPECT_TRUE(DecideFate(policy, {1, true, 10}, "timeout", random).is_dead);
  EXPECT_TRUE(DecideFate(policy, {3, false, 10}, "timeout", random).is_dead);
  EXPECT_TRUE(DecideFate(policy, {1, false, 10}, "bad", random).is_dead);
}

TEST(DecideTest, WhatIsDueSoonIsKeptButNotForTheLastAttempt) {
  Random random(7);
  const core::RetryPolicy policy{
      .max_attempts = 3, .first_delay = milliseconds(50), .jitter = 0, .fatal_reasons = {"bad"}};
  const auto decide = [&](std::int32_t attempts, std::optional<std::int64_t> delay_ms,
                          std::string_view reason = "timeout") {
    return DecideFate(policy, {attempts, false, delay_ms, milliseconds(700)}, reason, random)
        .kept_for;
  };
  EXPECT_EQ(decide(1, std::nullopt), milliseconds(700));
  EXPECT_EQ(decide(1, 10'000), milliseconds(700));
  EXPECT_EQ(decide(1, 10'001), std::nullopt) << "it would be held too long";
  EXPECT_EQ(decide(2, std::nullopt), std::nullopt) << "who dies with it has had the last attempt";
  EXPECT_EQ(decide(1, std::nullopt, "bad"), std::nullopt);
  EXPECT_EQ(DecideFate(policy, {1, false, std::nullopt}, "timeout", random).kept_for, std::nullopt)
      << "it is not at hand";
}

TEST(DecideTest, OnlyWhatIsAtHandIsKeptAndWhatIsKeptNeedNotBeAskedFor) {
  Random random(7);
  const core::RetryPolicy policy{.max_attempts = 9, .first_delay = milliseconds(80), .jitter = 0};
  idl::SettlePartition wire = Settlement();
  wire.failures[1].__set_keep(true);
  wire.retries[1].__set_keep(true);
  const core::PartitionSettlement made =
      MakeSettlement({}, std::move(wire), policy, milliseconds(700), random);
  EXPECT_EQ(made.failures[0].fate.kept_for, std::nullopt);
  EXPECT_EQ(made.failures[1].fate.kept_for, milliseconds(700));
  EXPECT_EQ(made.retries[1].fate.kept_for, milliseconds(700));
  core::PartitionSettled settled;
  for (const core::LogFailure& failure : made.failures) {
    settled.kept.push_back({failure.offset, 2, std::chrono::microseconds(1'001), WallTime{5}});
  }
  settled.stale = {made.retries[1].offset};
  const idl::SettlePartitionResult result = ResultOf(made, settled);
  EXPECT_FALSE(result.__isset.next_due_ms);
  ASSERT_EQ(result.kept.size(), 2u);
  EXPECT_EQ(result.kept[0].offset, made.failures[0].offset.value);
  EXPECT_EQ(result.kept[0].attempt, 2);
  EXPECT_EQ(result.kept[0].due_in_ms, 2) << "never early";
  EXPECT_EQ(result.kept[0].first_failed_at_us, 5);
}

TEST(DecideTest, ASettlementIsWhatWasAskedFor) {
  Random random(7);
  const core::PartitionLocation location{{core::TopicId{5}, 3}, core::NodeId{1}, 2};
  core::RetryPolicy policy{.max_attempts = 2, .first_delay = milliseconds(80), .jitter = 0};
  idl::SettlePartition wire = Settlement();
  wire.failures[0].__set_delay_ms(30);
  EXPECT_TRUE(NeedsPolicy(wire));
  const core::PartitionSettlement made =
      MakeSettlement(location, std::move(wire), policy, std::nullopt, random);
  EXPECT_EQ(made.location, location);
  ASSERT_TRUE(made.commit);
  EXPECT_EQ(made.commit->key, location.key);
  EXPECT_EQ(made.commit->offset, core::Offset{10});
  EXPECT_EQ(made.commit->reset_epoch, 6);
  ASSERT_EQ(made.failures.size(), 2u);
  EXPECT_EQ(made.failures[0].fate.due_in, milliseconds(30));
  EXPECT_EQ(made.failures[1].fate.due_in, milliseconds(80));
  EXPECT_EQ(made.failures[1].note.reason, "timeout");
  ASSERT_EQ(made.retries.size(), 2u);
  EXPECT_TRUE(made.retries[0].is_ok);
  EXPECT_TRUE(made.retries[1].fate.is_dead) << "the second of two attempts";
  EXPECT_EQ(made.begins, core::Offset{10});

  core::PartitionSettled settled;
  settled.retried = 2;
  settled.dead = 1;
  settled.attempts = 4;
  idl::SettlePartitionResult result = ResultOf(made, settled);
  EXPECT_EQ(result.next_due_ms, 30);
  EXPECT_EQ(result.attempts, 4);
  EXPECT_FALSE(result.__isset.stale);
  settled.status = Error{ErrorCode::kIllegalGeneration, "another"};
  result = ResultOf(made, settled);
  EXPECT_TRUE(result.__isset.error);
  EXPECT_FALSE(result.__isset.next_due_ms);
}

TEST(DecideTest, StaleOutcomesMakeNoRetry) {
  Random random(7);
  idl::SettlePartition wire = Settlement();
  wire.failures.clear();
  const core::PartitionSettlement made =
      MakeSettlement({}, std::move(wire), core::RetryPolicy{}, std::nullopt, random);
  core::PartitionSettled settled;
  EXPECT_TRUE(ResultOf(made, settled).__isset.next_due_ms);
  settled.stale = {core::Offset{3}};
  const idl::SettlePartitionResult result = ResultOf(made, settled);
  EXPECT_FALSE(result.__isset.next_due_ms);
  EXPECT_EQ(result.stale, std::vector<std::int64_t>{3});
}

TEST(DecideTest, OnlyFailuresThatAreNotFatalNeedThePolicy) {
  idl::SettlePartition partition = Settlement();
  for (auto& failure : partition.failures) failure.is_fatal = true;
  EXPECT_TRUE(NeedsPolicy(partition)) << "a retry failed again";
  partition.retries[1].__set_is_fatal(true);
  EXPECT_FALSE(NeedsPolicy(partition));
}

TEST(PageTokenTest, SurvivesTheRoundTrip) {
  const PageToken start{core::NodeId{7}, std::nullopt};
  EXPECT_EQ(*PageTokenFromText(ToText(start)), start);
  const PageToken within{core::NodeId{7},
                         PageToken::Place{{core::TopicId{1LL << 40}, 12}, core::Offset{1LL << 50}}};
  EXPECT_EQ(*PageTokenFromText(ToText(within)), within);
}

TEST(PageTokenTest, WhatWeDidNotWriteIsRefused) {
  for (const std::string text :
       {"", ":", "1", "1:", "2:7", "1:-7", "1:7:1", "1:7:1:2", "1:7:1:2:3:4", "1:7:1:2:", "1: 7",
        "1:07", "01:7", "1:+7", "1:7:1:2:x", "1:7:1:2147483648:3", "1:99999999999999999999",
        "1:7'; DROP TABLE dead_letters; --"}) {
    SCOPED_TRACE(text);
    const auto token = PageTokenFromText(text);
    ASSERT_FALSE(token.ok());
    EXPECT_EQ(token.error().code, ErrorCode::kInvalidRequest);
  }
  EXPECT_FALSE(PageTokenFromText("1:" + std::string(1'000'000, '7')).ok());
  EXPECT_FALSE(PageTokenFromText(std::string("1:7\0", 4)).ok());
}

class ManualClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {}; }
  MonotonicTime now;
};

struct PolicyCacheTest : ::testing::Test {
  /// How many attempts the group's policy allows, as the cache has it.
  std::int32_t Get(const std::string& group, std::int64_t node = 1) {
    const auto set = cache.Get(group, core::NodeId{node}, [&] {
      ++reads;
      if (during_read) during_read();
      core::RetryPolicy policy;
      policy.max_attempts = stored;
      return Result(std::vector<core::StoredRetryPolicy>{{std::nullopt, policy, {}, ""}});
    });
    return (*set)->For(core::TopicId{1}).max_attempts;
  }
  ManualClock clock;
  PolicyCache cache{clock};
  std::int32_t stored = 5;
  int reads = 0;
  std::function<void()> during_read;
};

TEST_F(PolicyCacheTest, IsReadOnceASecondPerGroupAndNode) {
  EXPECT_EQ(Get("g"), 5);
  stored = 6;
  clock.now = clock.now + milliseconds(999);
  EXPECT_EQ(Get("g"), 5);
  EXPECT_EQ(Get("h"), 6);
  EXPECT_EQ(Get("g", 2), 6);
  EXPECT_EQ(reads, 3);
  clock.now = clock.now + milliseconds(1);
  EXPECT_EQ(Get("g"), 6);
}

TEST_F(PolicyCacheTest, AChangeHoldsAtOnceAlsoDuringARead) {
  EXPECT_EQ(Get("g"), 5);
  stored = 6;
  cache.Forget("other");
  EXPECT_EQ(Get("g"), 5);
  cache.Forget("g");
  during_read = [this] { cache.Forget("g"); };
  EXPECT_EQ(Get("g"), 6);
  stored = 7;
  EXPECT_EQ(Get("g"), 7) << "the read before may have missed the change: it was not kept";
}

TEST_F(PolicyCacheTest, IsBounded) {
  for (std::size_t i = 0; i < PolicyCache::kEntriesMax; ++i) Get(std::to_string(i));
  const int before = reads;
  EXPECT_EQ(Get("0"), 5);
  EXPECT_EQ(reads, before);
  Get("one more");
  Get("0");
  EXPECT_EQ(reads, before + 2) << "room was made";
}

TEST_F(PolicyCacheTest, ErrorsAreNotKept) {
  const auto failed = cache.Get("g", core::NodeId{1}, [] {
    return Result<std::vector<core::StoredRetryPolicy>>(Error{ErrorCode::kDataNodeUnavailable, ""});
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(Get("g"), 5);
}

TEST(GroupPolicySetTest, TheTopicsOwnCountsFirstThenTheGroups) {
  EXPECT_EQ(GroupPolicySet({}).For(core::TopicId{1}), core::RetryPolicy{});
  core::RetryPolicy of_topic;
  of_topic.max_attempts = 2;
  core::RetryPolicy of_group;
  of_group.max_attempts = 3;
  const GroupPolicySet set(
      {{core::TopicId{1}, of_topic, {}, ""}, {std::nullopt, of_group, {}, ""}});
  EXPECT_EQ(set.For(core::TopicId{1}).max_attempts, 2);
  EXPECT_EQ(set.For(core::TopicId{2}).max_attempts, 3);
}

}  // namespace
}  // namespace lanemq::broker
