// Where a message is, as a data node says it, on both database engines.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/store/mysql_message_tracer.h"
#include "tests/conformance/sql_lag_node.h"

namespace lanemq::testing {
namespace {

using core::GroupPlace;
using core::MessagePlace;
using core::Offset;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MessageTracerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    node_ = std::make_unique<SqlLagNode>(*server);
    tracer_ = std::make_unique<sql::MySqlMessageTracer>(node_->nodes(), SqlLagNode::kNode);
    node_->Create(0);
    node_->Create(1);
    std::vector<WallTime> times;
    for (int i = 1; i <= 9; ++i) times.push_back(WallTime{i * 1'000'000});
    node_->Append(0, times);
  }

  Result<core::MessageTrace> Ask(std::int64_t offset, std::int32_t groups_max = 1'000,
                                 int partition = 0) {
    return tracer_->Trace(SqlLagNode::Location(partition), Offset{offset}, groups_max,
                          SqlLagNode::Soon());
  }
  core::MessageTrace Trace(std::int64_t offset, std::int32_t groups_max = 1'000,
                           int partition = 0) {
    auto trace = Ask(offset, groups_max, partition);
    EXPECT_TRUE(trace.ok()) << trace.error().ToString();
    return trace.ok() ? *std::move(trace) : core::MessageTrace{};
  }
  MessagePlace PlaceOf(std::int64_t offset, int partition = 0) {
    return core::PlaceOf(Trace(offset, 1, partition), Offset{offset});
  }
  /// "a:3 ..." is group a at offset 3.
  static std::string Groups(const core::MessageTrace& trace) {
    std::string text;
    for (const core::GroupTrace& group : trace.groups) {
      text += fmt::format("{}{}:{}", text.empty() ? "" : " ", group.group, group.committed.value);
    }
    return text;
  }

  void Retry(const std::string& group, int partition, int offset, const std::string& leased_by) {
    node_->Run(fmt::format(
        "INSERT INTO retry_messages (group_id,topic_id,partition_index,origin_offset,due_at,"
        "attempts,leased_by,first_failed_at,last_failed_at,reason,first_error,last_error,"
        "timestamp_us,producer_id,sequence,codec) VALUES ('{}',1,{},{},'2030-01-01',3,'{}',"
        "'2029-01-01','2029-01-02','timeout','first','last',0,0,0,0)",
        group, partition, offset, leased_by));
  }
  void Bury(const std::string& group, int partition, int offset) {
    node_->Run(fmt::format(
        "INSERT INTO dead_letters (group_id,topic_id,partition_index,origin_offset,dead_at,"
        "attempts,first_failed_at,last_failed_at,reason,first_error,last_error,timestamp_us,"
        "producer_id,sequence,codec) VALUES ('{}',1,{},{},'2029-01-03',7,'2029-01-01',"
        "'2029-01-02','declined','first','no money',0,0,0,0)",
        group, partition, offset));
  }
  void Lose(const std::string& group, int from, int to, const std::string& reason,
            const std::string& at) {
    node_->Run(fmt::format("INSERT INTO retention_losses VALUES ('{}',1,0,{},{},1,'{}','{}')",
                           group, from, to, reason, at));
  }
  void Deed(const std::string& group, const std::string& action, const std::string& detail,
            const std::string& at) {
    node_->Run(fmt::format(
        "INSERT INTO dead_letter_audit (group_id,at,action,letters,detail,requested_by,reason) "
        "VALUES ('{}','{}','{}',1,'{}','ana','why')",
        group, at, action, detail));
  }
  void Redrive(std::int64_t id, const std::string& group, const std::string& target,
               const std::string& filter, int moved, const std::string& at) {
    node_->Run(fmt::format(
        "INSERT INTO redrive_jobs (id,group_id,state,target,filter,moved,requested_by,reason,"
        "created_at) VALUES ({},'{}','done','{}','{}',{},'bob','again','{}')",
        id, group, target, filter, moved, at));
  }
  /// "action" or "action?" when it is not known whether the message was among them.
  std::vector<std::string> DeedsOf(const std::string& group, std::int64_t offset,
                                   WallTime since = WallTime{0}) {
    const std::vector<std::string> groups = {"nobody", group};
    const auto deeds = tracer_->Deeds(SqlLagNode::Location(0).key, Offset{offset}, groups, since,
                                      SqlLagNode::Soon());
    EXPECT_TRUE(deeds.ok()) << deeds.error().ToString();
    std::vector<std::string> out;
    if (!deeds.ok() || deeds->size() != 2) return {"?"};
    EXPECT_THAT(deeds->at(0), IsEmpty());
    for (const core::TracedDeed& deed : deeds->at(1)) {
      out.push_back(deed.action + (deed.is_exact ? "" : "?"));
    }
    return out;
  }

  std::unique_ptr<SqlLagNode> node_;
  std::unique_ptr<core::MessageTracer> tracer_;
};

/// Midnight of 2029-01-`day`.
WallTime January(int day) { return {(1'861'920'000 + (day - 1) * 86'400LL) * 1'000'000}; }

TEST_P(MessageTracerTest, AStoredMessageIsTold) {
  const core::MessageTrace trace = Trace(4);
  ASSERT_TRUE(trace.record);
  EXPECT_EQ(trace.record->offset, Offset{4});
  EXPECT_EQ(trace.record->timestamp, WallTime{4'000'000});
  EXPECT_EQ(trace.log_start, Offset{1});
  EXPECT_EQ(trace.log_end, Offset{10});
  EXPECT_GT(trace.at.micros, 0);
  EXPECT_FALSE(trace.next || trace.removal || trace.lost_at || trace.has_more_groups);
  EXPECT_THAT(trace.groups, IsEmpty());
  EXPECT_EQ(core::PlaceOf(trace, Offset{4}), MessagePlace::kStored);
  EXPECT_EQ(PlaceOf(9), MessagePlace::kStored);
  EXPECT_EQ(PlaceOf(10), MessagePlace::kNotYet);
  EXPECT_EQ(PlaceOf(1, 1), MessagePlace::kNotYet);  // An empty log.
  EXPECT_EQ(Trace(1, 1, 1).log_end, Offset{1});
}

TEST_P(MessageTracerTest, AHoleIsToldWithWhatFollows) {
  node_->Run(fmt::format("DELETE FROM {} WHERE `offset` IN (4,5)", node_->Table(0)));
  const core::MessageTrace trace = Trace(4);
  EXPECT_FALSE(trace.record);
  EXPECT_EQ(trace.next, Offset{6});
  EXPECT_EQ(trace.log_end, Offset{10});
  EXPECT_EQ(core::PlaceOf(trace, Offset{4}), MessagePlace::kMissing);
}

TEST_P(MessageTracerTest, WhatWasLostIsToldFromTheRangesThatBrokersNoticed) {
  node_->Run(fmt::format("DELETE FROM {} WHERE `offset`>=7", node_->Table(0)));
  node_->Run("INSERT INTO data_losses VALUES (1,0,7,10,'b1','2029-01-02')");
  EXPECT_EQ(PlaceOf(7), MessagePlace::kLost);
  EXPECT_EQ(PlaceOf(9), MessagePlace::kLost);
  EXPECT_EQ(PlaceOf(10), MessagePlace::kNotYet);
  EXPECT_EQ(PlaceOf(6), MessagePlace::kStored);
  EXPECT_EQ(Trace(8).lost_at, January(2));
}

TEST_P(MessageTracerTest, BelowTheLogStartItIsSaidWhatRemovedIt) {
  node_->SetLogStart(0, Offset{6});
  EXPECT_EQ(PlaceOf(5), MessagePlace::kRemoved);
  EXPECT_EQ(PlaceOf(6), MessagePlace::kStored);
  EXPECT_FALSE(Trace(5).removal);  // Nothing was written down.
  EXPECT_EQ(Trace(5).log_end, Offset{10});
  // Retention took 1 and 2 from a and b, which had not read them; then somebody trimmed.
  node_->Commit("a", 0, Offset{6});
  node_->Commit("b", 0, Offset{9});
  Lose("a", 1, 3, "time", "2029-01-02");
  Lose("b", 2, 3, "time", "2029-01-02");
  node_->Run("INSERT INTO partition_trims VALUES (1,0,6,3,'ana','space','2029-01-05')");
  core::MessageTrace trace = Trace(2);
  ASSERT_TRUE(trace.removal);
  EXPECT_EQ(trace.removal->cause, "time");
  EXPECT_EQ(trace.removal->at, January(2));
  ASSERT_EQ(trace.groups.size(), 2u);
  EXPECT_TRUE(trace.groups[0].removed_unread && trace.groups[1].removed_unread);
  trace = Trace(1);
  EXPECT_EQ(core::PlaceIn(trace.groups[0], Offset{1}, trace.log_start), GroupPlace::kRemovedUnread);
  EXPECT_EQ(core::PlaceIn(trace.groups[1], Offset{1}, trace.log_start), GroupPlace::kPassed);
  trace = Trace(3);
  ASSERT_TRUE(trace.removal);
  EXPECT_EQ(trace.removal->cause, "trim");
  EXPECT_EQ(trace.removal->at, January(5));
  EXPECT_EQ(trace.removal->note.requested_by, "ana");
  EXPECT_FALSE(trace.groups[0].removed_unread || trace.groups[1].removed_unread);
}

TEST_P(MessageTracerTest, GroupsAreThoseWithAnOffsetByName) {
  node_->Commit("c", 0, Offset{1});
  node_->Commit("a", 0, Offset{5});
  node_->Commit("b", 0, Offset{4});
  node_->Commit("d", 1, Offset{1});  // Of another partition.
  const core::PartitionKey key = SqlLagNode::Location(0).key;
  ASSERT_TRUE(node_->offsets()
                  .Claim("new", {core::Generation{3}, "m"}, std::span(&key, 1), SqlLagNode::Soon())
                  .ok());
  EXPECT_EQ(Groups(Trace(4)), "a:5 b:4 c:1 new:0");
  EXPECT_GT(Trace(4).groups[0].committed_at.micros, 0);
  EXPECT_FALSE(Trace(4, 4).has_more_groups);
  const core::MessageTrace few = Trace(4, 2);
  EXPECT_EQ(Groups(few), "a:5 b:4");
  EXPECT_TRUE(few.has_more_groups);
}

TEST_P(MessageTracerTest, AHandlerThatWasCalledWithItIsTold) {
  node_->Commit("g", 0, Offset{4});
  node_->Run("UPDATE group_offsets SET attempt_offset=4,attempts=2 WHERE group_id='g'");
  EXPECT_EQ(Trace(4).groups.at(0).attempts, 2);
  EXPECT_EQ(Trace(5).groups.at(0).attempts, 0);
}

TEST_P(MessageTracerTest, RetriesAndDeadLettersAreOfTheMessageAndItsGroup) {
  for (const char* group : {"a", "b", "c"}) {
    node_->Commit(group, 0, Offset{9});
    node_->Commit(group, 1, Offset{9});
  }
  Retry("a", 0, 4, "m");
  Retry("a", 0, 5, "");
  Retry("b", 1, 4, "");  // Of another partition.
  Bury("c", 0, 4);
  Bury("b", 0, 3);
  Bury("gone", 0, 4);  // It has no offset.
  const core::MessageTrace trace = Trace(4);
  EXPECT_EQ(Groups(trace), "a:9 b:9 c:9");
  ASSERT_TRUE(trace.groups[0].retry);
  const core::TracedRetry& retry = *trace.groups[0].retry;
  EXPECT_EQ(retry.history.attempts, 3);
  EXPECT_TRUE(retry.is_leased);
  EXPECT_EQ(retry.history.first_at, January(1));
  EXPECT_EQ(retry.history.last_at, January(2));
  EXPECT_EQ(retry.history.last.reason, "timeout");
  EXPECT_EQ(retry.history.last.error, "last");
  EXPECT_EQ(retry.due, January(366));
  EXPECT_FALSE(trace.groups[0].letter);
  EXPECT_FALSE(trace.groups[1].retry || trace.groups[1].letter);
  ASSERT_TRUE(trace.groups[2].letter);
  const core::TracedLetter& letter = *trace.groups[2].letter;
  EXPECT_EQ(letter.history.attempts, 7);
  EXPECT_EQ(letter.dead_at, January(3));
  EXPECT_EQ(letter.history.last.reason, "declined");
  EXPECT_EQ(letter.history.last.error, "no money");
  EXPECT_FALSE(trace.groups[2].retry);
  EXPECT_FALSE(Trace(5).groups[0].retry->is_leased);
}

TEST_P(MessageTracerTest, APartitionThatMovesOrIsNotHereIsNotTold) {
  node_->Run("UPDATE partition_state SET state='moving' WHERE partition_index=0");
  EXPECT_EQ(Ask(4).error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(Ask(4, 1, 2).error().code, ErrorCode::kDataNodeUnavailable);
}

TEST_P(MessageTracerTest, DeedsAreThoseThatMayHaveHadTheMessage) {
  Deed("g", "edit", "1-0@4", "2029-01-01");
  Deed("g", "edit", "1-0@5", "2029-01-01");
  Deed("g", "drop", R"({"group":"g","topic":1})", "2029-01-02");
  Deed("g", "drop", R"({"group":"g","topic":2})", "2029-01-02");
  Deed("g", "drop", R"({"group":"g","partition":[1,1]})", "2029-01-02");
  Deed("g", "redrive", "job 8 is done", "2029-01-02");
  Deed("g", "cancel", "job 8", "2029-01-02");
  Deed("other", "drop", R"({"group":"other"})", "2029-01-02");
  Redrive(7, "g", "group", R"({"group":"g","ids":[[1,0,3],[1,0,4]]})", 2, "2029-01-03");
  Redrive(8, "g", "topic", R"({"group":"g","reason":"timeout"})", 1, "2029-01-04");
  Redrive(9, "g", "topic", R"({"group":"g"})", 0, "2029-01-04");  // It moved nothing.
  Redrive(10, "g", "group", R"({"group":"g","ids":[[1,1,4]]})", 1, "2029-01-04");
  EXPECT_THAT(DeedsOf("g", 4),
              ElementsAre("redrive_to_topic?", "redrive_to_group", "drop?", "edit"));
  EXPECT_THAT(DeedsOf("g", 4, January(3)), ElementsAre("redrive_to_topic?", "redrive_to_group"));
  EXPECT_THAT(DeedsOf("g", 6), ElementsAre("redrive_to_topic?", "drop?"));
}

TEST_P(MessageTracerTest, WhoDidItAndWhyIsTold) {
  Redrive(7, "g", "group", R"({"group":"g"})", 2, "2029-01-03");
  const std::vector<std::string> groups = {"g"};
  const auto deeds = tracer_->Deeds(SqlLagNode::Location(0).key, Offset{4}, groups, WallTime{0},
                                    SqlLagNode::Soon());
  ASSERT_TRUE(deeds.ok() && deeds->size() == 1 && deeds->at(0).size() == 1);
  const core::TracedDeed& deed = deeds->at(0).at(0);
  EXPECT_EQ(deed.at, January(3));
  EXPECT_EQ(deed.redrive, 7);
  EXPECT_EQ(deed.state, core::RedriveState::kDone);
  EXPECT_EQ(deed.note.requested_by, "bob");
  EXPECT_EQ(deed.note.reason, "again");
}

TEST_P(MessageTracerTest, ADropWhoseIdsWereCutMayHaveHadIt) {
  Deed("g", "drop", R"({"group":"g","ids":[[1,0,1],[1,0,2]],"ids_total":12})", "2029-01-02");
  Deed("g", "drop", R"({"group":"g","topic":2,"ids":[[1,0,1]],"ids_total":12})", "2029-01-02");
  Deed("g", "drop", R"({"group":"g","ids":[[1,0,1],[1,0,2]]})", "2029-01-02");
  Deed("g", "drop", R"({"group":"g","key":"cut off)", "2029-01-02");
  EXPECT_THAT(DeedsOf("g", 4), ElementsAre("drop?", "drop?"));
  EXPECT_THAT(DeedsOf("g", 2), ElementsAre("drop?", "drop", "drop"));
}

TEST_P(MessageTracerTest, AnExpiryCountsForWhatWasOldEnough) {
  Deed("g", "expire", "older than 86400 s", "2029-01-05");
  EXPECT_THAT(DeedsOf("g", 4, January(3)), ElementsAre("expire?"));
  EXPECT_THAT(DeedsOf("g", 4, January(4)), ElementsAre("expire?"));
  EXPECT_THAT(DeedsOf("g", 4, WallTime{January(4).micros + 1}), IsEmpty());
}

TEST_P(MessageTracerTest, DeedsAreBounded) {
  for (int i = 0; i < 12; ++i) Deed("g", "drop", R"({"group":"g"})", "2029-01-05");
  EXPECT_EQ(DeedsOf("g", 4).size(), 10u);
  const std::vector<std::string> many(core::kTracedDeedGroupsMax + 1, "g");
  EXPECT_EQ(
      tracer_->Deeds(SqlLagNode::Location(0).key, Offset{4}, many, WallTime{0}, SqlLagNode::Soon())
          .error()
          .code,
      ErrorCode::kInvalidRequest);
}

INSTANTIATE_TEST_SUITE_P(On, MessageTracerTest, ::testing::ValuesIn(Engines()),
                         [](const auto& param) { return NameOf(param.param); });

}  // namespace
}  // namespace lanemq::testing
