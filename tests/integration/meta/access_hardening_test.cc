// What those who have a right must not reach with it: secrets of channels, other teams' pagers and
// outboxes, and what a deleted name leaves behind.
#include <gmock/gmock.h>

#include "tests/integration/meta/access_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
}

class AccessHardeningTest : public AccessTest {};
INSTANTIATE_TEST_SUITE_P(On, AccessHardeningTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessHardeningTest, ASecretOfAChannelGoesToNewPlacesByAdministratorsAlone) {
  MakeWorld();
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  idl::SetAlertChannelRequest set;
  set.channel.name = "pager";
  set.channel.type = "webhook";
  set.channel.url = "https://hooks.example.com/a-secret-path";
  set.channel.__set_secret_file("pager");
  const auto as_ops = [&] { return ops.Call(&idl::ControlPlaneIf::setAlertChannel, set); };
  EXPECT_EQ(CodeOf(as_ops()), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_EQ(Do(&idl::ControlPlaneIf::setAlertChannel, set).channels.at(0).url, set.channel.url);

  // Who does not administer sees where it goes, may change the rest, and loses nothing by it.
  const auto listed =
      ops.Call(&idl::ControlPlaneIf::listAlertChannels, idl::ListAlertChannelsRequest{});
  ASSERT_TRUE(listed.ok()) << listed.error().ToString();
  EXPECT_EQ(listed->channels.at(0).url, "https://hooks.example.com");
  set.channel = listed->channels.at(0);
  set.channel.__set_severity("page");
  const auto changed = as_ops();
  ASSERT_TRUE(changed.ok()) << changed.error().ToString();
  EXPECT_EQ(changed->channels.at(0).url, "https://hooks.example.com");
  const auto all = Do(&idl::ControlPlaneIf::listAlertChannels, idl::ListAlertChannelsRequest{});
  EXPECT_EQ(all.channels.at(0).url, "https://hooks.example.com/a-secret-path");
  EXPECT_EQ(all.channels.at(0).severity, "page");

  for (const char* url : {"https://hooks.example.com.evil.example/x", "http://hooks.example.com/x",
                          "https://hooks.example.com:8443/x"}) {
    set.channel.url = url;
    EXPECT_EQ(CodeOf(as_ops()), ErrorCode::kClusterAuthorizationFailed) << url;
    set.channel.name = "another";
    EXPECT_EQ(CodeOf(as_ops()), ErrorCode::kClusterAuthorizationFailed) << url;
    set.channel.name = "pager";
  }
  set.channel.url = "https://elsewhere.example.com/";
  set.channel.__isset.secret_file = false;
  set.channel.secret_file.clear();
  EXPECT_TRUE(as_ops().ok()) << "without the secret";
}

TEST_P(AccessHardeningTest, ATestOfAChannelLeavesItsRow) {
  MakeWorld();
  idl::SetAlertChannelRequest set;
  set.channel.name = "nowhere";
  set.channel.type = "webhook";
  set.channel.url = "http://127.0.0.1:1/a-secret-path";
  Do(&idl::ControlPlaneIf::setAlertChannel, set);
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  idl::TestAlertChannelRequest test;
  test.name = "nowhere";
  const auto tested = ops.Call(&idl::ControlPlaneIf::testAlertChannel, test);
  ASSERT_TRUE(tested.ok()) << tested.error().ToString();
  EXPECT_FALSE(tested->is_delivered);
  idl::SearchAuditRequest of_channel;
  of_channel.__set_object_kind("alert_channel");
  of_channel.__set_object_name("nowhere");
  const auto events = Audit(of_channel);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].actor, "service:ops");
  EXPECT_EQ(events[0].action, "testAlertChannel");
  EXPECT_THAT(events[0].after_json, HasSubstr("http://127.0.0.1:1\""));
}

TEST_P(AccessHardeningTest, OnlyTheOwningTeamIsPagedByWhoDoesNotOperate) {
  MakeWorld();
  idl::PutGrantRequest grant;
  grant.grant.kind = "group";
  grant.grant.name = "pickers";
  grant.grant.principal = "service:billing";
  grant.grant.actions = {"manage"};
  Do(&idl::ControlPlaneIf::putGrant, grant);
  StockClient billing(meta_->endpoint(), tokens_["billing"]);
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  idl::SetLagObjectiveRequest set;
  set.objective.group = "pickers";
  set.objective.topic = "*";
  const auto by = [&](StockClient& client, const std::string& owner) {
    set.objective.__set_owner(owner);
    return client.Call(&idl::ControlPlaneIf::setLagObjective, set);
  };
  EXPECT_EQ(CodeOf(by(billing, "payments")), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_EQ(CodeOf(by(billing, "")), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_EQ(CodeOf(by(billing, "nobody")), ErrorCode::kInvalidRequest);
  EXPECT_TRUE(by(billing, "shop").ok());
  EXPECT_TRUE(by(ops, "payments").ok());
  EXPECT_EQ(CodeOf(by(ops, "nobody")), ErrorCode::kInvalidRequest);
  set.objective.__isset.owner = false;
  set.objective.__set_tier("page");
  EXPECT_TRUE(billing.Call(&idl::ControlPlaneIf::setLagObjective, set).ok());
}

TEST_P(AccessHardeningTest, ADeletedGroupLeavesNoRightsToTheNextOfItsName) {
  MakeWorld();
  idl::PutGrantRequest grant;
  grant.grant.kind = "group";
  grant.grant.name = "pickers";
  grant.grant.principal = "service:billing";
  grant.grant.actions = {"consume"};
  Do(&idl::ControlPlaneIf::putGrant, grant);
  idl::DeleteGroupRequest remove;
  remove.group = "pickers";
  ASSERT_TRUE(WaitFor([&] { return setup_->Call(&idl::ControlPlaneIf::deleteGroup, remove).ok(); },
                      seconds{30}, "the group has a coordinator"));
  idl::ListOwnersRequest owners;
  owners.__set_name("pickers");
  EXPECT_TRUE(Do(&idl::ControlPlaneIf::listOwners, owners).owners.empty());
  idl::ListGrantsRequest grants;
  grants.__set_name("pickers");
  EXPECT_TRUE(Do(&idl::ControlPlaneIf::listGrants, grants).grants.empty());
  idl::SearchAuditRequest of_group;
  of_group.__set_object_kind("group");
  of_group.__set_object_name("pickers");
  of_group.__set_action("deleteGroup");
  EXPECT_EQ(Audit(of_group).size(), 2u) << "its owner and its grant";
}

TEST_P(AccessHardeningTest, AnotherServiceDoesNotReportAnOutboxInPlaceOfItsOwner) {
  MakeWorld();
  StockClient cart(meta_->endpoint(), tokens_["cart"]);
  StockClient billing(meta_->endpoint(), tokens_["billing"]);
  idl::ReportOutboxRequest report;
  report.report.outbox = "shop";
  report.report.relay = "relay-1";
  EXPECT_TRUE(cart.Call(&idl::ControlPlaneIf::reportOutbox, report).ok());
  const auto refused = billing.Call(&idl::ControlPlaneIf::reportOutbox, report);
  EXPECT_EQ(CodeOf(refused), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_THAT(refused.error().message, HasSubstr("service:cart"));
  EXPECT_TRUE(cart.Call(&idl::ControlPlaneIf::reportOutbox, report).ok());
}

TEST_P(AccessHardeningTest, TheAuditLogFindsRightsUnderWhatTheyAreAbout) {
  MakeWorld();
  idl::PutGrantRequest grant;
  grant.grant.kind = "topic";
  grant.grant.name = "orders";
  grant.grant.principal = "service:billing";
  grant.grant.actions = {"consume"};
  Do(&idl::ControlPlaneIf::putGrant, grant);
  const auto actions_on = [&](const char* kind, const char* name) {
    idl::SearchAuditRequest search;
    search.__set_object_kind(kind);
    search.__set_object_name(name);
    std::vector<std::string> actions;
    for (const idl::AuditEvent& event : Audit(search)) actions.push_back(event.action);
    return actions;
  };
  EXPECT_THAT(actions_on("topic", "orders"), ::testing::ElementsAre("putGrant", "setOwner"));
  EXPECT_THAT(actions_on("service", "billing"),
              ::testing::ElementsAre("putGrant", "issueToken", "putService"));
  EXPECT_THAT(actions_on("team", "shop"),
              ::testing::ElementsAre("setOwner", "setOwner", "putTeam"));
}

}  // namespace
}  // namespace lanemq::testing
