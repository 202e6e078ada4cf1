// Where a message is, as a broker tells it: what became of it in each group, and who is told what.
#include <gmock/gmock.h>

#include "tests/integration/broker/access_rig.h"
#include "tests/integration/broker/failures_rig.h"

namespace lanemq::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

idl::TraceMessageRequest RequestOf(std::int32_t partition, std::int64_t offset) {
  idl::TraceMessageRequest request;
  request.topic = "orders";
  request.partition = partition;
  request.offset = offset;
  return request;
}

class TraceMessageTest : public FailuresTest {
 protected:
  Result<idl::TraceMessageResponse> Ask(std::int32_t partition, std::int64_t offset) {
    return rig_->client.TraceMessageSync(other_->endpoint(), RequestOf(partition, offset), In());
  }
  idl::TraceMessageResponse Trace(std::int32_t partition, std::int64_t offset) {
    auto reply = Ask(partition, offset);
    EXPECT_TRUE(reply.ok()) << NameOfError(reply);
    return reply.ok() ? *std::move(reply) : idl::TraceMessageResponse{};
  }
  /// The place of the message in group g; empty: the group is not told of.
  std::string PlaceInGroup(std::int32_t partition, std::int64_t offset) {
    const auto trace = Trace(partition, offset);
    return trace.groups.size() == 1 ? trace.groups[0].place : "";
  }
  void CommitTo(std::int32_t partition, std::int64_t offset) {
    idl::SettleRequest request = Settlement(partition, 0, "");
    Commit(request, offset);
    ASSERT_EQ(Outcome(request), "OK");
  }
};
INSTANTIATE_TEST_SUITE_P(On, TraceMessageTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(TraceMessageTest, AMessageNobodyReads) {
  const auto trace = Trace(1, 3);
  EXPECT_EQ(trace.place, "stored");
  EXPECT_EQ(trace.log_start, 1);
  EXPECT_EQ(trace.log_end, 6);
  EXPECT_EQ(trace.data_node, "n1");
  EXPECT_EQ(trace.table_name, rig_->prefix + "_00.msg_1_1");
  EXPECT_GT(trace.timestamp_us, 0);
  EXPECT_GT(trace.at_us, 0);
  EXPECT_FALSE(trace.__isset.producer_id);
  EXPECT_THAT(trace.groups, IsEmpty());
  EXPECT_EQ(trace.groups_hidden, 0);
  EXPECT_FALSE(trace.has_more_groups);
  ASSERT_TRUE(rig_->Produce(*one_, 1, {"x"}, 77, 0).ok());
  EXPECT_EQ(Trace(1, 6).producer_id, 77);
}

TEST_P(TraceMessageTest, AMessageThatIsNotThereIsToldOf) {
  EXPECT_EQ(Trace(0, 6).place, "not_yet");
  idl::TrimRequest trim;
  auto& partition = trim.partitions.emplace_back();
  partition.topic = "orders";
  partition.__set_before_offset(3);
  trim.__set_requested_by("ana");
  trim.__set_reason("space");
  ASSERT_TRUE(rig_->client.TrimSync(one_->endpoint(), trim, In()).ok());
  const auto trace = Trace(0, 2);
  EXPECT_EQ(trace.place, "removed");
  EXPECT_EQ(trace.log_start, 3);
  ASSERT_TRUE(trace.__isset.removal);
  EXPECT_EQ(trace.removal.cause, "trim");
  EXPECT_EQ(trace.removal.requested_by, "ana");
  EXPECT_EQ(trace.removal.reason, "space");
  EXPECT_EQ(Trace(0, 3).place, "stored");
}

TEST_P(TraceMessageTest, BadQuestionsAreRefused) {
  EXPECT_EQ(NameOfError(Ask(0, 0)), "INVALID_REQUEST");
  EXPECT_EQ(NameOfError(Ask(0, -1)), "INVALID_REQUEST");
  EXPECT_EQ(NameOfError(Ask(3, 1)), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(NameOfError(Ask(-1, 1)), "UNKNOWN_TOPIC_OR_PARTITION");
  auto request = RequestOf(0, 1);
  request.topic = "nobody";
  EXPECT_EQ(NameOfError(rig_->client.TraceMessageSync(one_->endpoint(), request, In())),
            "UNKNOWN_TOPIC_OR_PARTITION");
}

TEST_P(TraceMessageTest, AGroupIsBeforeItAtItOrBehindIt) {
  CommitTo(0, 2);
  auto trace = Trace(0, 5);
  ASSERT_EQ(trace.groups.size(), 1u);
  EXPECT_EQ(trace.groups[0].group, "g");
  EXPECT_EQ(trace.groups[0].place, "not_read");
  EXPECT_EQ(trace.groups[0].committed_offset, 2);
  EXPECT_EQ(trace.groups[0].behind, 3);
  EXPECT_GT(trace.groups[0].committed_at_us, 0);
  trace = Trace(0, 2);
  EXPECT_TRUE(trace.groups[0].__isset.behind);
  EXPECT_EQ(trace.groups[0].behind, 0);
  trace = Trace(0, 1);
  EXPECT_EQ(trace.groups[0].place, "passed");
  EXPECT_FALSE(trace.groups[0].__isset.behind);
  EXPECT_FALSE(trace.groups[0].__isset.deeds);
  EXPECT_THAT(Trace(1, 1).groups, IsEmpty());
}

TEST_P(TraceMessageTest, AFailureIsFollowedToItsEnd) {
  idl::RetryPolicy policy = Policy(16);
  policy.__set_first_delay_ms(3'600'000);
  policy.__set_max_delay_ms(3'600'000);
  ASSERT_TRUE(SetPolicy(policy).ok());
  Claim(0, 1, "m");
  EXPECT_EQ(PlaceInGroup(0, 2), "not_read");
  idl::SettleRequest request = Settlement(0);
  request.partitions[0].__set_begins_offset(1);
  ASSERT_EQ(Outcome(request), "OK");
  EXPECT_EQ(PlaceInGroup(0, 1), "handling");
  request = Settlement(0);
  Commit(request, 4);
  Fail(request, 1, "timeout", "no answer");
  Fail(request, 2, "bad").is_fatal = true;
  ASSERT_EQ(Outcome(request), "OK");
  const auto retried = Trace(0, 1);
  ASSERT_EQ(retried.groups.size(), 1u);
  EXPECT_EQ(retried.groups[0].place, "retrying");
  ASSERT_TRUE(retried.groups[0].__isset.retrying);
  EXPECT_EQ(retried.groups[0].retrying.attempts, 1);
  EXPECT_EQ(retried.groups[0].retrying.reason, "timeout");
  EXPECT_EQ(retried.groups[0].retrying.last_error, "no answer");
  EXPECT_FALSE(retried.groups[0].retrying.is_being_handled);
  EXPECT_GT(retried.groups[0].retrying.due_at_us, retried.at_us);
  const auto buried = Trace(0, 2);
  EXPECT_EQ(buried.groups.at(0).place, "dead_letter");
  EXPECT_EQ(buried.groups.at(0).dead_letter.reason, "bad");
  EXPECT_EQ(PlaceInGroup(0, 3), "passed");
}

TEST_P(TraceMessageTest, WhatWasDoneToADeadLetterIsTold) {
  Bury(0, 2, "bad");
  idl::DropDeadLettersRequest drop;
  drop.filter.group = "g";
  idl::DeadLetterId id;
  id.group = "g";
  id.topic = "orders";
  id.partition = 0;
  id.offset = 2;
  drop.filter.__set_ids({id});
  drop.__set_requested_by("ana");
  drop.__set_reason("known bug");
  ASSERT_TRUE(rig_->client.DropDeadLettersSync(one_->endpoint(), drop, In()).ok());
  auto trace = Trace(0, 2);
  ASSERT_EQ(trace.groups.size(), 1u);
  EXPECT_EQ(trace.groups[0].place, "passed");
  ASSERT_EQ(trace.groups[0].deeds.size(), 1u);
  EXPECT_EQ(trace.groups[0].deeds[0].action, "drop");
  EXPECT_TRUE(trace.groups[0].deeds[0].is_exact);
  EXPECT_EQ(trace.groups[0].deeds[0].requested_by, "ana");
  EXPECT_EQ(trace.groups[0].deeds[0].reason, "known bug");
  trace = Trace(0, 1);
  EXPECT_EQ(trace.groups[0].place, "dead_letter");
  EXPECT_THAT(trace.groups[0].deeds, IsEmpty());
}

/// Groups "g" (of shops), "h" and "i" (of nobody in particular), each with a dead letter.
class TraceAccessTest : public AccessTest {
 protected:
  void Bury(const std::string& group) {
    idl::SettleRequest request;
    request.group = group;
    idl::SettlePartition& partition = request.partitions.emplace_back();
    partition.topic = "orders";
    idl::CommitPartition commit;
    commit.topic = "orders";
    commit.offset = 2;
    partition.__set_commit(commit);
    idl::LogFailure failure;
    failure.offset = 1;
    failure.attempts = 1;
    failure.is_fatal = true;
    failure.note.reason = "bad";
    failure.note.__set_error("could not parse SECRET");
    partition.__set_failures({failure});
    ASSERT_FALSE(CodeOf(As("admin").SettleSync(at(), request, In())));
  }
  idl::TraceMessageResponse TraceAs(const std::string& service) {
    auto reply = As(service).TraceMessageSync(at(), RequestOf(0, 1), In());
    EXPECT_TRUE(reply.ok()) << (reply.ok() ? "" : reply.error().ToString());
    return reply.ok() ? *std::move(reply) : idl::TraceMessageResponse{};
  }
};
INSTANTIATE_TEST_SUITE_P(On, TraceAccessTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(TraceAccessTest, ACallerIsToldOfGroupsThatHeMayDescribe) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  for (const char* group : {"g", "h", "i"}) Bury(group);
  const auto all = TraceAs("admin");
  EXPECT_EQ(all.groups.size(), 3u);
  EXPECT_EQ(all.groups_hidden, 0);
  Change([&](core::AccessRecords& records) {
    records.grants = {
        GrantTo("guest", core::ResourceKind::kTopic, "orders", {core::Action::kDescribe}),
        GrantTo("guest", core::ResourceKind::kGroup, "h", {core::Action::kDescribe})};
    records.grants[0].id = 1;
    records.grants[1].id = 2;
  });
  const auto some = TraceAs("guest");
  ASSERT_EQ(some.groups.size(), 1u);
  EXPECT_EQ(some.groups[0].group, "h");
  EXPECT_EQ(some.groups_hidden, 2);
}

TEST_P(TraceAccessTest, ErrorsOfHandlersAreForThoseWhoMayReadWhatTheyQuote) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  Bury("g");
  using core::Action;
  const auto error_with = [&](std::vector<Action> on_topic, std::vector<Action> on_group) {
    Change([&](core::AccessRecords& records) {
      records.grants = {GrantTo("guest", core::ResourceKind::kTopic, "orders", std::move(on_topic)),
                        GrantTo("guest", core::ResourceKind::kGroup, "g", std::move(on_group))};
      records.grants[0].id = 1;
      records.grants[1].id = 2;
    });
    const auto trace = TraceAs("guest");
    if (trace.groups.size() != 1) return std::string("no group");
    EXPECT_EQ(trace.groups[0].dead_letter.reason, "bad");
    return trace.groups[0].dead_letter.last_error;
  };
  const std::vector<Action> describe = {Action::kDescribe};
  EXPECT_THAT(error_with(describe, describe), HasSubstr("left out"));
  EXPECT_THAT(error_with({Action::kDescribe, Action::kPeek}, describe), HasSubstr("left out"));
  EXPECT_THAT(error_with(describe, {Action::kDescribe, Action::kConsume}), HasSubstr("left out"));
  EXPECT_THAT(error_with({Action::kDescribe, Action::kPeek}, {Action::kDescribe, Action::kConsume}),
              HasSubstr("SECRET"));
}

}  // namespace
}  // namespace lanemq::testing
