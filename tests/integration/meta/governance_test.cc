// Who decides, on a metaserver that asks who is there: people of two teams, a policy, requests.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/meta/access_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
}

/// Deleting topics and more than 4 partitions need a yes; names have two segments.
constexpr std::string_view kPolicy = R"({"environment": "test",
    "topic_names": {"segments_min": 2, "begins_with_owner": true},
    "partitions": {"max": 16},
    "approvals": {"create_topic": {"partitions_max": 4},
                  "delete_topic": {"is_automatic": false}}})";

class GovernanceTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    if (HasFatalFailure() || IsSkipped()) return;
    idl::AddDataNodeRequest node;
    node.name = "one";
    node.host = server_->host();
    node.port = server_->port();
    node.__set_schema_prefix(prefix_ + "_n");
    Do(&idl::ControlPlaneIf::addDataNode, node);
    MakeTeamOf("payments", {{"ann", "lead"}, {"bob", "member"}, {"gail", "lead"}});
    MakeTeamOf("billing", {{"carl", "lead"}});
    for (const char* person : {"ann", "bob", "gail", "carl"}) MakePerson(person, "viewer");
    MakePerson("olga", "operator");
    idl::PutPolicyRequest policy;
    policy.policy_json = kPolicy;
    Do(&idl::ControlPlaneIf::putPolicy, policy);
  }

  void MakeTeamOf(const std::string& name,
                  const std::vector<std::pair<std::string, std::string>>& members) {
    idl::PutTeamRequest request;
    request.team.name = name;
    std::vector<idl::TeamMember> all;
    for (const auto& [person, role] : members) {
      idl::TeamMember member;
      member.person = person;
      member.__set_role(role);
      all.push_back(member);
    }
    request.team.__set_members(all);
    Do(&idl::ControlPlaneIf::putTeam, request);
  }
  static std::string Topic(const std::string& name, int partitions = 2) {
    return fmt::format(
        R"({{"kind": "create_topic", "name": "{}", "owner": "payments", "tier": "page",
            "partitions": {}}})",
        name, partitions);
  }
  static std::string Bundle(const std::string& changes) {
    return "{\"changes\": [" + changes + "]}";
  }
  Result<idl::ChangeRequestResponse> Propose(const std::string& who, const std::string& changes,
                                             bool is_dry_run = false) {
    idl::ProposeChangeRequest request;
    request.bundle_json = Bundle(changes);
    request.__set_title("Because");
    request.__set_wait_ms(20'000);
    if (is_dry_run) request.__set_dry_run(true);
    return StockClient(meta_->endpoint(), tokens_[who])
        .Call(&idl::ControlPlaneIf::proposeChange, request);
  }
  Result<idl::ChangeRequestResponse> Act(const std::string& who, std::int64_t id,
                                         const std::string& deed, const std::string& reason = "") {
    idl::ActOnChangeRequest request;
    request.id = id;
    request.deed = deed;
    if (!reason.empty()) request.__set_reason(reason);
    request.__set_wait_ms(20'000);
    idl::DescribeChangeRequest look;
    look.id = id;
    const auto seen = StockClient(meta_->endpoint(), tokens_[who])
                          .Call(&idl::ControlPlaneIf::describeChange, look);
    if (!seen.ok()) return seen.error();
    request.__set_if_version(seen->request.version);
    return StockClient(meta_->endpoint(), tokens_[who])
        .Call(&idl::ControlPlaneIf::actOnChange, request);
  }
  bool HasTopic(const std::string& name) {
    idl::DescribeTopicRequest request;
    request.name = name;
    return setup_->Call(&idl::ControlPlaneIf::describeTopic, request).ok();
  }
  std::string OwnerOf(const std::string& name) {
    for (const idl::Owner& owner :
         Do(&idl::ControlPlaneIf::listOwners, idl::ListOwnersRequest{}).owners) {
      if (owner.name == name) return owner.team;
    }
    return "";
  }
};

INSTANTIATE_TEST_SUITE_P(On, GovernanceTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GovernanceTest, WhatThePolicyLetsThroughIsThereWhenTheCallReturns) {
  const auto done = Propose("bob", Topic("payments.refunds") + "," + Topic("payments.returns"));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->decision.kind, "apply");
  EXPECT_EQ(done->request.state, "applied") << done->request.last_error;
  EXPECT_TRUE(HasTopic("payments.refunds"));
  EXPECT_TRUE(HasTopic("payments.returns"));
  EXPECT_EQ(OwnerOf("payments.refunds"), "payments");
  idl::SearchAuditRequest search;
  search.__set_object_kind("topic");
  search.__set_object_name("payments.refunds");
  const auto events = Audit(search);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().actor, "person:bob");
  EXPECT_EQ(events.back().reason, "Because");
}

TEST_P(GovernanceTest, WhoMaySeeATopicSeesItsHistory) {
  ASSERT_EQ(Propose("bob", Topic("payments.refunds"))->request.state, "applied");
  ASSERT_EQ(Propose("bob", Topic("payments.returns"))->request.state, "applied");
  StockClient carl(meta_->endpoint(), tokens_["carl"]);
  idl::AlterTopicRequest alter;
  alter.name = "payments.refunds";
  alter.__set_description("mine");
  ASSERT_FALSE(carl.Call(&idl::ControlPlaneIf::alterTopic, alter).ok());
  idl::SearchAuditRequest denied;
  denied.__set_result("denied");
  denied.__set_action("alterTopic");
  ASSERT_TRUE(WaitFor([&] { return Audit(denied).size() == 1; }, seconds{20}, "it is kept"));
  EXPECT_EQ(CodeOf(carl.Call(&idl::ControlPlaneIf::searchAudit, denied)),
            ErrorCode::kClusterAuthorizationFailed);

  alter.__set_description("of customers");
  Do(&idl::ControlPlaneIf::alterTopic, alter);
  idl::TopicHistoryRequest request;
  request.name = "payments.refunds";
  const auto all = carl.Call(&idl::ControlPlaneIf::topicHistory, request);
  ASSERT_TRUE(all.ok()) << all.error().ToString();
  ASSERT_GE(all->events.size(), 2u);
  EXPECT_FALSE(all->has_more);
  EXPECT_EQ(all->events.front().action, "alterTopic");
  EXPECT_EQ(all->events.back().actor, "person:bob");
  for (const idl::AuditEvent& event : all->events) {
    EXPECT_THAT(event.object_name, Not(HasSubstr("payments.returns")));
    EXPECT_EQ(event.result, "ok") << "what was refused is not his to know";
    EXPECT_EQ(event.source, "");
  }
  request.__set_max(1);
  const auto first = carl.Call(&idl::ControlPlaneIf::topicHistory, request);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  ASSERT_THAT(first->events, SizeIs(1));
  ASSERT_TRUE(first->__isset.next_page);
  request.__set_cursor(first->next_page);
  const auto second = carl.Call(&idl::ControlPlaneIf::topicHistory, request);
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(second->events.at(0).id, all->events[1].id);
  request.name = "payments.returns";
  EXPECT_EQ(CodeOf(carl.Call(&idl::ControlPlaneIf::topicHistory, request)),
            ErrorCode::kInvalidRequest)
      << "the cursor is another topic's";
  request.__set_max(0);
  EXPECT_EQ(CodeOf(carl.Call(&idl::ControlPlaneIf::topicHistory, request)),
            ErrorCode::kInvalidRequest);
}

TEST_P(GovernanceTest, ListsOfTopicsTellTheirOwnersToWhoAsksForIt) {
  ASSERT_EQ(Propose("bob", Topic("payments.refunds"))->request.state, "applied");
  idl::ListTopicsRequest request;
  const auto owned = [&] {
    const auto topics = Do(&idl::ControlPlaneIf::listTopics, request).topics;
    return topics.size() == 1 ? topics[0].owner : "";
  };
  EXPECT_EQ(owned(), "");
  request.__set_include_figures(true);
  EXPECT_EQ(owned(), "payments");
}

TEST_P(GovernanceTest, ALeadWhoIsNotTheAuthorSaysYes) {
  const auto asked = Propose("ann", Topic("payments.large", 8));
  ASSERT_TRUE(asked.ok()) << asked.error().ToString();
  EXPECT_EQ(asked->request.state, "pending");
  EXPECT_THAT(asked->request.missing, ElementsAre("leads of payments"));
  const std::int64_t id = asked->request.id;
  for (const char* not_asked : {"ann", "bob", "carl"}) {
    EXPECT_EQ(CodeOf(Act(not_asked, id, "approve")), ErrorCode::kClusterAuthorizationFailed)
        << not_asked;
  }
  EXPECT_FALSE(HasTopic("payments.large"));
  const auto approved = Act("gail", id, "approve");
  ASSERT_TRUE(approved.ok()) << approved.error().ToString();
  EXPECT_EQ(approved->request.state, "applied") << approved->request.last_error;
  EXPECT_TRUE(HasTopic("payments.large"));
  ASSERT_THAT(approved->request.approvals, SizeIs(1));
  EXPECT_EQ(approved->request.approvals[0].by, "person:gail");
}

TEST_P(GovernanceTest, WhatIsRefusedSaysWhatWouldBeRight) {
  for (const bool is_dry_run : {true, false}) {
    const auto refused = Propose("bob", Topic("Refunds_All", 99), is_dry_run);
    ASSERT_TRUE(refused.ok()) << refused.error().ToString();
    EXPECT_EQ(refused->decision.kind, "refuse");
    EXPECT_FALSE(refused->__isset.request);
    EXPECT_THAT(refused->decision.violations, SizeIs(2));
    ASSERT_TRUE(refused->decision.__isset.fixed_bundle_json);
    EXPECT_THAT(refused->decision.fixed_bundle_json, HasSubstr("payments.refunds"));
  }
}

TEST_P(GovernanceTest, AnOperatorBreaksTheGlassWithAReason) {
  const std::int64_t id = Propose("ann", Topic("payments.large", 8))->request.id;
  EXPECT_EQ(CodeOf(Act("olga", id, "break_glass")), ErrorCode::kInvalidRequest);
  EXPECT_EQ(CodeOf(Act("ann", id, "break_glass", "now")), ErrorCode::kClusterAuthorizationFailed);
  const auto broken = Act("olga", id, "break_glass", "the bank waits");
  ASSERT_TRUE(broken.ok()) << broken.error().ToString();
  EXPECT_EQ(broken->request.state, "applied");
  EXPECT_EQ(broken->request.break_glass_reason, "the bank waits");
  idl::SearchAuditRequest search;
  search.__set_action("actOnChange:break_glass");
  const auto events = Audit(search);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].actor, "person:olga");
}

TEST_P(GovernanceTest, WhatWasWithdrawnOrDeclinedIsNotApplied) {
  const std::int64_t withdrawn = Propose("ann", Topic("payments.one", 8))->request.id;
  EXPECT_EQ(CodeOf(Act("gail", withdrawn, "withdraw")), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_EQ(Act("ann", withdrawn, "withdraw")->request.state, "withdrawn");
  EXPECT_EQ(CodeOf(Act("gail", withdrawn, "approve")), ErrorCode::kFailedPrecondition);
  const std::int64_t declined = Propose("ann", Topic("payments.two", 8))->request.id;
  EXPECT_EQ(Act("gail", declined, "decline", "too large")->request.reason, "too large");
  EXPECT_FALSE(HasTopic("payments.one"));
  EXPECT_FALSE(HasTopic("payments.two"));
}

TEST_P(GovernanceTest, EverybodySeesRequestsAndWhatWaitsForWhom) {
  const std::int64_t id = Propose("ann", Topic("payments.large", 8))->request.id;
  const auto waits_for = [&](const std::string& who) {
    idl::ListChangesRequest request;
    request.__set_waits_for("person:" + who);
    std::vector<std::int64_t> ids;
    const auto listed = StockClient(meta_->endpoint(), tokens_["carl"])
                            .Call(&idl::ControlPlaneIf::listChanges, request);
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    if (!listed.ok()) return ids;
    for (const auto& one : listed->requests) ids.push_back(one.id);
    return ids;
  };
  const auto seen_by = [&](const std::string& who) {
    const auto listed = StockClient(meta_->endpoint(), tokens_[who])
                            .Call(&idl::ControlPlaneIf::listChanges, idl::ListChangesRequest());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    if (!listed.ok() || listed->requests.size() != 1) return std::string("?");
    const idl::ChangeRequest& one = listed->requests[0];
    EXPECT_TRUE(one.__isset.can_decide);
    return one.can_decide ? std::string("may") : one.cannot_decide;
  };
  EXPECT_EQ(seen_by("gail"), "may");
  EXPECT_EQ(seen_by("ann"), "own_request");
  EXPECT_EQ(seen_by("carl"), "not_asked");
  idl::DescribeChangeRequest look;
  look.id = id;
  const auto described = StockClient(meta_->endpoint(), tokens_["gail"])
                             .Call(&idl::ControlPlaneIf::describeChange, look);
  ASSERT_TRUE(described.ok()) << described.error().ToString();
  EXPECT_TRUE(described->request.can_decide);
  EXPECT_EQ(described->decision.kind, "needs_approval");
  EXPECT_GT(described->decision.cost.partitions, 0);
  EXPECT_THAT(waits_for("gail"), ElementsAre(id));
  EXPECT_THAT(waits_for("ann"), ElementsAre());
  EXPECT_THAT(waits_for("carl"), ElementsAre());
}

TEST_P(GovernanceTest, DirectCallsOfThoseWhoDoNotOperateAreDecidedOn) {
  ASSERT_EQ(Propose("bob", Topic("payments.refunds"))->request.state, "applied");
  StockClient bob(meta_->endpoint(), tokens_["bob"]);
  idl::AddPartitionsRequest grow;
  grow.name = "payments.refunds";
  grow.partitions = 99;
  const auto refused = bob.Call(&idl::ControlPlaneIf::addPartitions, grow);
  EXPECT_EQ(CodeOf(refused), ErrorCode::kPolicyViolation);
  EXPECT_THAT(refused.error().message, HasSubstr("[fix: 16]"));
  idl::DeleteTopicRequest gone;
  gone.name = "payments.refunds";
  const auto waits = bob.Call(&idl::ControlPlaneIf::deleteTopic, gone);
  EXPECT_EQ(CodeOf(waits), ErrorCode::kPolicyViolation);
  EXPECT_THAT(waits.error().message,
              HasSubstr("needs the yes of leads of payments: lanemq request propose"));
  grow.partitions = 4;
  EXPECT_TRUE(bob.Call(&idl::ControlPlaneIf::addPartitions, grow).ok());
  EXPECT_TRUE(StockClient(meta_->endpoint(), tokens_["olga"])
                  .Call(&idl::ControlPlaneIf::deleteTopic, gone)
                  .ok());
}

TEST_P(GovernanceTest, AnotherMetaserverGoesOnWithWhatADeadOneLeft) {
  const std::int64_t id = Propose("ann", Topic("payments.large", 8))->request.id;
  meta_->process().Kill();
  setup_.reset();
  meta_ = StartMeta();
  const auto approved = Act("gail", id, "approve");
  ASSERT_TRUE(approved.ok()) << approved.error().ToString();
  // The dead one's lease ends first.
  EXPECT_EQ(approved->request.state, "applied");
}

TEST_P(GovernanceTest, ThePolicyIsForAdminsAndNamesItsFaults) {
  idl::PutPolicyRequest request;
  request.policy_json = "{}";
  EXPECT_EQ(CodeOf(StockClient(meta_->endpoint(), tokens_["olga"])
                       .Call(&idl::ControlPlaneIf::putPolicy, request)),
            ErrorCode::kClusterAuthorizationFailed);
  request.policy_json = R"({"partition": {}})";
  const auto wrong = setup_->Call(&idl::ControlPlaneIf::putPolicy, request);
  EXPECT_EQ(CodeOf(wrong), ErrorCode::kInvalidConfig);
  EXPECT_THAT(wrong.error().message, HasSubstr("did you mean 'partitions'?"));
  request.policy_json = "{}";
  request.__set_if_version(7);
  EXPECT_EQ(CodeOf(setup_->Call(&idl::ControlPlaneIf::putPolicy, request)), ErrorCode::kConflict);
}

}  // namespace
}  // namespace lanemq::testing
