// A guarded broker and those who operate it: who stops a redrive, and who is kept as having done
// what.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/broker/access_rig.h"

namespace lanemq::testing {
namespace {

using core::Action;
using core::ResourceKind;

class BrokerOperatorsTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    if (IsSkipped()) return;
    // Redrives stay as they are: somebody else has the node's duties.
    Run("INSERT INTO " + Table("leases") +
        " VALUES ('duties', 'another', 7, UTC_TIMESTAMP(6) + INTERVAL 1 HOUR)");
    StartBroker();
  }
  /// Of the data node.
  [[nodiscard]] std::string Table(const std::string& name) const {
    return fmt::format("`{}_node`.{}", rig_->prefix, name);
  }
  std::string Run(const std::string& sql) {
    const auto answer = rig_->server.Query(sql);
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    return answer.ok() ? *answer : "";
  }
  /// An old redrive of group "g", and more newer ones than a list has. All run: of those that have
  /// ended the oldest are removed.
  void PutOldRedrive(std::int64_t id) {
    const auto row = [](std::int64_t of, const char* group, int year) {
      return fmt::format("({}, '{}', 'group', JSON_OBJECT('group', '{}'), '{}-01-01')", of, group,
                         group, year);
    };
    std::string rows = row(id, "g", 2020);
    for (int newer = 1; newer <= 1'001; ++newer) rows += "," + row(10'000 + newer, "x", 2021);
    Run("INSERT INTO " + Table("redrive_jobs") +
        " (id, group_id, target, filter, created_at) VALUES " + rows);
  }
  std::string StateOf(std::int64_t id) {
    return Run(fmt::format("SELECT state FROM {} WHERE id = {}", Table("redrive_jobs"), id));
  }
  /// Records 1 to `last` of "orders" are dead for group "g".
  void Bury(std::int64_t last) {
    for (std::int64_t i = 0; i < last; ++i) ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
    idl::SettleRequest request;
    request.group = "g";
    request.__set_generation(0);
    request.__set_member_id("");
    idl::SettlePartition& partition = request.partitions.emplace_back();
    partition.topic = "orders";
    idl::CommitPartition commit;
    commit.topic = "orders";
    commit.offset = last + 1;
    partition.__set_commit(commit);
    partition.__isset.failures = true;
    for (std::int64_t offset = 1; offset <= last; ++offset) {
      idl::LogFailure& failure = partition.failures.emplace_back();
      failure.offset = offset;
      failure.attempts = 1;
      failure.is_fatal = true;
      failure.note.reason = "bad";
    }
    const auto settled = As("shop").SettleSync(at(), request, In());
    ASSERT_FALSE(CodeOf(settled));
    ASSERT_EQ(settled->partitions.at(0).dead, last);
  }
  /// What a request says of who asks for it; it is not true.
  template <typename Request>
  static Request Claiming() {
    Request request;
    request.__set_requested_by("person:ceo");
    return request;
  }
};
INSTANTIATE_TEST_SUITE_P(On, BrokerOperatorsTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(BrokerOperatorsTest, ARedriveTooOldToBeListedIsCancelledByWhoManagesItsGroupAlone) {
  PutOldRedrive(42);
  idl::ListRedrivesRequest list;
  const auto listed = As("operator").ListRedrivesSync(at(), list, In());
  ASSERT_TRUE(listed.ok()) << listed.error().ToString();
  for (const idl::Redrive& job : listed->jobs) ASSERT_NE(job.id, 42);
  list.__set_id(42);
  const auto found = As("operator").ListRedrivesSync(at(), list, In());
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  EXPECT_EQ(found->jobs.size(), 1u);
  list.__set_group("x");
  EXPECT_TRUE(As("operator").ListRedrivesSync(at(), list, In())->jobs.empty()) << "it is g's";

  Change([](core::AccessRecords& records) {
    records.grants = {GrantTo("guest", ResourceKind::kGroup, "x", {Action::kManage}),
                      GrantTo("shop", ResourceKind::kGroup, "g", {Action::kManage})};
  });
  idl::CancelRedriveRequest cancel;
  cancel.id = 42;
  for (const char* other : {"stranger", "guest"}) {
    EXPECT_EQ(CodeOf(As(other).CancelRedriveSync(at(), cancel, In())),
              ErrorCode::kGroupAuthorizationFailed)
        << other;
    EXPECT_EQ(StateOf(42), "running\n") << other;
  }
  const auto cancelled = As("shop").CancelRedriveSync(at(), cancel, In());
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().ToString();
  ASSERT_EQ(cancelled->jobs.size(), 1u);
  EXPECT_EQ(cancelled->jobs[0].state, "cancelled");
  EXPECT_EQ(StateOf(42), "cancelled\n");
  cancel.id = 43;
  EXPECT_EQ(CodeOf(As("shop").CancelRedriveSync(at(), cancel, In())), ErrorCode::kNotFound);
}

TEST_P(BrokerOperatorsTest, WhoDidItIsWhoTheConnectionIsNotWhatTheRequestSays) {
  Bury(3);
  rpc::DataPlaneClient& us = As("operator");
  auto policy = Claiming<idl::SetGroupPolicyRequest>();
  policy.group = "g";
  policy.__set_policy(idl::RetryPolicy());
  EXPECT_FALSE(CodeOf(us.SetGroupPolicySync(at(), policy, In())));
  auto reset = Claiming<idl::ResetOffsetsRequest>();
  reset.group = "g";
  reset.partitions.emplace_back().topic = "orders";
  reset.partitions[0].offset = 2;
  EXPECT_FALSE(CodeOf(us.ResetOffsetsSync(at(), reset, In())));
  auto pause = Claiming<idl::PauseGroupRequest>();
  pause.group = "g";
  pause.is_paused = true;
  EXPECT_FALSE(CodeOf(us.PauseGroupSync(at(), pause, In())));
  auto redrive = Claiming<idl::RedriveRequest>();
  redrive.id = 7;
  redrive.filter.group = "g";
  EXPECT_FALSE(CodeOf(us.RedriveSync(at(), redrive, In())));
  auto cancel = Claiming<idl::CancelRedriveRequest>();
  cancel.id = 7;
  EXPECT_FALSE(CodeOf(us.CancelRedriveSync(at(), cancel, In())));
  auto edit = Claiming<idl::RedriveEditedRequest>();
  edit.id.group = "g";
  edit.id.topic = "orders";
  edit.id.offset = 1;
  EXPECT_FALSE(CodeOf(us.RedriveEditedSync(at(), edit, In())));
  auto drop = Claiming<idl::DropDeadLettersRequest>();
  drop.filter.group = "g";
  EXPECT_FALSE(CodeOf(us.DropDeadLettersSync(at(), drop, In())));
  auto trim = Claiming<idl::TrimRequest>();
  trim.partitions.emplace_back().topic = "orders";
  trim.partitions[0].__set_before_offset(2);
  trim.__set_lose_unread(true);
  EXPECT_FALSE(CodeOf(us.TrimSync(at(), trim, In())));

  const std::string by = "service:operator\n";
  for (const char* table :
       {"group_policies", "group_resets", "group_pauses", "redrive_jobs", "partition_trims"}) {
    EXPECT_EQ(Run("SELECT requested_by FROM " + Table(table)), by) << table;
  }
  EXPECT_EQ(Run("SELECT CONCAT(action, ' ', requested_by) FROM " + Table("dead_letter_audit") +
                " ORDER BY id"),
            "redrive " + by + "cancel " + by + "edit " + by + "drop " + by);
}

TEST_P(BrokerOperatorsTest, WhatIsDoneToADataNodeIsInItsAuditLog) {
  Bury(3);
  rpc::DataPlaneClient& us = As("operator");
  idl::SetGroupPolicyRequest policy;
  policy.group = "g";
  policy.__set_policy(idl::RetryPolicy());
  EXPECT_FALSE(CodeOf(us.SetGroupPolicySync(at(), policy, In())));
  idl::ResetOffsetsRequest reset;
  reset.group = "g";
  reset.partitions.emplace_back().topic = "orders";
  reset.partitions[0].offset = 2;
  reset.__set_reason("once more, please");
  EXPECT_FALSE(CodeOf(us.ResetOffsetsSync(at(), reset, In())));
  idl::PauseGroupRequest pause;
  pause.group = "g";
  for (const bool is_paused : {true, false, false}) {
    pause.is_paused = is_paused;
    EXPECT_FALSE(CodeOf(us.PauseGroupSync(at(), pause, In())));
  }
  idl::RedriveEditedRequest edit;
  edit.id.group = "g";
  edit.id.topic = "orders";
  edit.id.offset = 1;
  EXPECT_FALSE(CodeOf(us.RedriveEditedSync(at(), edit, In())));
  idl::DropDeadLettersRequest drop;
  drop.filter.group = "g";
  EXPECT_FALSE(CodeOf(us.DropDeadLettersSync(at(), drop, In())));
  EXPECT_FALSE(CodeOf(us.DropDeadLettersSync(at(), drop, In())));
  idl::TrimRequest trim;
  trim.partitions.emplace_back().topic = "orders";
  trim.partitions[0].__set_before_offset(2);
  trim.__set_lose_unread(true);
  trim.__set_dry_run(true);
  EXPECT_FALSE(CodeOf(us.TrimSync(at(), trim, In())));
  trim.__set_dry_run(false);
  EXPECT_FALSE(CodeOf(us.TrimSync(at(), trim, In())));
  idl::DeleteOffsetsRequest remove;
  remove.group = "g";
  EXPECT_FALSE(CodeOf(us.DeleteOffsetsSync(at(), remove, In())));

  EXPECT_EQ(Run("SELECT CONCAT_WS(' ', action, object_kind, object_name) FROM " +
                Table("audit_events") + " ORDER BY id"),
            "setGroupPolicy group g\n"
            "resetOffsets group g\n"
            "pauseGroup group g\n"
            "pauseGroup group g\n"
            "redriveEdited group g\n"
            "dropDeadLetters group g\n"
            "trim topic orders\n"
            "deleteOffsets group g\n")
      << "what changed nothing has no row";
  EXPECT_EQ(Run("SELECT DISTINCT CONCAT_WS(' ', actor, SUBSTRING_INDEX(source, ':', 1), request_id "
                "<> '', result) FROM " +
                Table("audit_events")),
            "service:operator 127.0.0.1 1 ok\n");
  EXPECT_EQ(Run("SELECT CONCAT(reason, ' ', after_json) FROM " + Table("audit_events") +
                " WHERE action = 'resetOffsets'"),
            "once more, please "
            "{\"partitions\":[{\"from\":4,\"partition\":0,\"to\":2,\"topic_id\":1}]}\n");
}

TEST_P(BrokerOperatorsTest, ADataNodeWithoutAnAuditLogSaysWhatToRepeat) {
  idl::SetGroupPolicyRequest policy;
  policy.group = "g";
  policy.__set_policy(idl::RetryPolicy());
  Run("RENAME TABLE " + Table("audit_events") + " TO " + Table("taken_away"));
  const auto refused = As("operator").SetGroupPolicySync(at(), policy, In());
  Run("RENAME TABLE " + Table("taken_away") + " TO " + Table("audit_events"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition) << refused.error().ToString();
  EXPECT_THAT(refused.error().message,
              ::testing::ContainsRegex("data node .+ has an older schema: repeat lanemq node add"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM " + Table("group_policies")), "0\n");
  EXPECT_FALSE(CodeOf(As("operator").SetGroupPolicySync(at(), policy, In())));
}

TEST_P(BrokerOperatorsTest, DeadLettersOfATopicThatTheCallerMayNotReadComeEmpty) {
  Bury(2);
  Change([](core::AccessRecords& records) {
    records.grants = {GrantTo("guest", ResourceKind::kGroup, "g", {Action::kConsume}),
                      GrantTo("late", ResourceKind::kGroup, "g", {Action::kConsume}),
                      GrantTo("late", ResourceKind::kTopic, "orders", {Action::kPeek})};
  });
  idl::ListDeadLettersRequest list;
  list.filter.group = "g";
  list.__set_with_bodies(true);
  for (const char* reader : {"shop", "late", "operator"}) {
    const auto letters = As(reader).ListDeadLettersSync(at(), list, In());
    ASSERT_TRUE(letters.ok()) << letters.error().ToString();
    ASSERT_EQ(letters->letters.size(), 2u) << reader;
    EXPECT_EQ(letters->letters[0].message.body, "from shop") << reader;
  }
  const auto hidden = As("guest").ListDeadLettersSync(at(), list, In());
  ASSERT_TRUE(hidden.ok()) << hidden.error().ToString();
  ASSERT_EQ(hidden->letters.size(), 2u);
  for (const idl::DeadLetter& letter : hidden->letters) {
    EXPECT_FALSE(letter.message.__isset.body);
    EXPECT_TRUE(letter.message.body.empty());
    EXPECT_FALSE(letter.message.__isset.key);
    EXPECT_FALSE(letter.message.__isset.headers);
    EXPECT_FALSE(letter.__isset.first_error);
    EXPECT_EQ(letter.reason, "bad");
    EXPECT_THAT(letter.last_error, ::testing::StartsWith("left out: service:guest may not"));
  }
}

}  // namespace
}  // namespace lanemq::testing
