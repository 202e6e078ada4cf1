// Every method of a metaserver × everybody: allowed or refused as kAccessTable says. What an
// allowed call then answers is of no interest here; the requests are such that they change nothing.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/access/access_table.h"
#include "tests/integration/meta/access_rig.h"

namespace lanemq::testing {
namespace {

using core::Action;
using core::MethodAccess;
using core::ResourceKind;

struct MethodCall {
  std::string method;
  std::function<void(idl::ControlPlaneClient&)> call;
};

#define LANEMQ_CALL(name, Request, Response, ...)                       \
  MethodCall {                                                          \
#name, [](idl::ControlPlaneClient& client) {                          \
      idl::Request request;                                               \
      [[maybe_unused]] auto& r = request;                                 \
      __VA_ARGS__;                                                        \
      idl::Response response;                                             \
      client.name(response, request);                                     \
    } \
  }

std::vector<MethodCall> CommonCalls() {
  return {LANEMQ_CALL(serverInfo, ServerInfoRequest, ServerInfo, ),
          LANEMQ_CALL(metadata, MetadataRequest, MetadataResponse, ),
          LANEMQ_CALL(slowCalls, SlowCallsRequest, SlowCallsResponse, ),
          LANEMQ_CALL(serverSettings, ServerSettingsRequest, ServerSettingsResponse, )};
}

std::vector<MethodCall> CatalogCalls() {
  return {
      LANEMQ_CALL(createTopic, CreateTopicRequest, TopicResponse, r.name = "orders"),
      LANEMQ_CALL(listTopics, ListTopicsRequest, ListTopicsResponse, ),
      LANEMQ_CALL(describeTopic, DescribeTopicRequest, TopicResponse, r.name = "orders"),
      LANEMQ_CALL(alterTopic, AlterTopicRequest, TopicResponse, r.name = "orders"),
      LANEMQ_CALL(addPartitions, AddPartitionsRequest, TopicResponse, r.name = "orders"),
      LANEMQ_CALL(deleteTopic, DeleteTopicRequest, DeleteTopicResponse, r.name = "orders"),
      LANEMQ_CALL(undeleteTopic, UndeleteTopicRequest, TopicResponse, r.name = "orders"),
      LANEMQ_CALL(addDataNode, AddDataNodeRequest, DataNodeResponse, ),
      LANEMQ_CALL(alterDataNode, AlterDataNodeRequest, DataNodeResponse, ),
      LANEMQ_CALL(listDataNodes, ListDataNodesRequest, ListDataNodesResponse, ),
      LANEMQ_CALL(listBrokers, ListBrokersRequest, ListBrokersResponse, ),
      LANEMQ_CALL(brokerHeartbeat, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
                  r.__set_cluster_id("another")),
      LANEMQ_CALL(unregisterBroker, UnregisterBrokerRequest, UnregisterBrokerResponse,
                  r.broker_id = 999),
      LANEMQ_CALL(catalog, CatalogRequest, CatalogResponse, ),
  };
}

std::vector<MethodCall> GroupCalls() {
  return {
    LANEMQ_CALL(findCoordinator, FindCoordinatorRequest, FindCoordinatorResponse,
                r.group = "pickers"),
        LANEMQ_CALL(joinGroup, JoinGroupRequest, JoinGroupResponse, r.group = "pickers";
                    r.session_timeout_ms = 60'000; r.protocols = {"range"}),
        LANEMQ_CALL(syncGroup, SyncGroupRequest, SyncGroupResponse, r.group = "pickers";
                    r.member_id = "none"; r.generation = 1),
        LANEMQ_CALL(groupHeartbeat, GroupHeartbeatRequest, GroupHeartbeatResponse,
                    r.group = "pickers";
                    r.member_id = "none"; r.generation = 1),
        LANEMQ_CALL(leaveGroup, LeaveGroupRequest, LeaveGroupResponse, r.group = "pickers";
                    r.member_id = "none"),
        LANEMQ_CALL(listGroups, ListGroupsRequest, ListGroupsResponse, ),
        LANEMQ_CALL(describeGroup, DescribeGroupRequest, DescribeGroupResponse,
                    r.group = "pickers"),
        LANEMQ_CALL(deleteGroup, DeleteGroupRequest, DeleteGroupResponse, r.group = "pickers"),
        LANEMQ_CALL(reportOutbox, ReportOutboxRequest, ReportOutboxResponse,
                    r.__set_cluster_id("another")),
        LANEMQ_CALL(listOutboxes, ListOutboxesRequest, ListOutboxesResponse, ),
        LANEMQ_CALL(forgetOutbox, ForgetOutboxRequest, ForgetOutboxResponse, r.outbox = "none"),
  };
}

std::vector<MethodCall> OnCallCalls() {
  return {
    LANEMQ_CALL(groupLag, GroupLagRequest, GroupLagResponse, ),
        LANEMQ_CALL(summarizeDeadLetters, SummarizeDeadLettersRequest,
                    SummarizeDeadLettersResponse, ),
        LANEMQ_CALL(lagHistory, LagHistoryRequest, LagHistoryResponse, r.group = "pickers";
                    r.topic = "orders"),
        LANEMQ_CALL(setLagObjective, SetLagObjectiveRequest, LagObjectivesResponse,
                    r.objective.group = "pickers";
                    r.objective.topic = "orders"; r.objective.__set_tier("nonsense")),
        LANEMQ_CALL(listLagObjectives, ListLagObjectivesRequest, LagObjectivesResponse, ),
        LANEMQ_CALL(listAlerts, ListAlertsRequest, ListAlertsResponse, ),
        LANEMQ_CALL(listAlertEvents, ListAlertEventsRequest, ListAlertEventsResponse, ),
        LANEMQ_CALL(setAlertRule, SetAlertRuleRequest, AlertRulesResponse, ),
        LANEMQ_CALL(listAlertRules, ListAlertRulesRequest, AlertRulesResponse, ),
        LANEMQ_CALL(setAlertChannel, SetAlertChannelRequest, AlertChannelsResponse, ),
        LANEMQ_CALL(listAlertChannels, ListAlertChannelsRequest, AlertChannelsResponse, ),
        LANEMQ_CALL(testAlertChannel, TestAlertChannelRequest, TestAlertChannelResponse,
                    r.name = "none"),
        LANEMQ_CALL(silenceAlert, SilenceAlertRequest, SilencesResponse, ),
        LANEMQ_CALL(endSilence, EndSilenceRequest, SilencesResponse, r.id = 999),
        LANEMQ_CALL(listSilences, ListSilencesRequest, SilencesResponse, ),
        LANEMQ_CALL(reportCanary, ReportCanaryRequest, ReportCanaryResponse, ),
        LANEMQ_CALL(listCanaries, ListCanariesRequest, ListCanariesResponse, ),
  };
}

std::vector<MethodCall> AccessCalls() {
  return {
    LANEMQ_CALL(putTeam, PutTeamRequest, TeamsResponse, ),
        LANEMQ_CALL(deleteTeam, DeleteTeamRequest, TeamsResponse, r.name = "none"),
        LANEMQ_CALL(listTeams, ListTeamsRequest, TeamsResponse, ),
        LANEMQ_CALL(putService, PutServiceRequest, ServicesResponse, ),
        LANEMQ_CALL(deleteService, DeleteServiceRequest, ServicesResponse, r.name = "none"),
        LANEMQ_CALL(listServices, ListServicesRequest, ServicesResponse, ),
        LANEMQ_CALL(issueToken, IssueTokenRequest, IssueTokenResponse, r.service_name = "none"),
        LANEMQ_CALL(revokeToken, RevokeTokenRequest, TokensResponse, r.id = "none"),
        LANEMQ_CALL(listTokens, ListTokensRequest, TokensResponse, ),
        LANEMQ_CALL(putGrant, PutGrantRequest, GrantsResponse, ),
        LANEMQ_CALL(deleteGrant, DeleteGrantRequest, GrantsResponse, r.id = 999),
        LANEMQ_CALL(listGrants, ListGrantsRequest, GrantsResponse, ),
        LANEMQ_CALL(setOwner, SetOwnerRequest, OwnersResponse, ),
        LANEMQ_CALL(listOwners, ListOwnersRequest, OwnersResponse, ),
        LANEMQ_CALL(explainAccess, ExplainAccessRequest, ExplainAccessResponse, r.kind = "topic";
                    r.name = "orders"; r.action = "produce"),
        LANEMQ_CALL(accessBook, AccessBookRequest, AccessBookResponse, ),
        LANEMQ_CALL(searchAudit, SearchAuditRequest, SearchAuditResponse, ),
        LANEMQ_CALL(topicHistory, TopicHistoryRequest, TopicHistoryResponse, r.name = "orders"),
        LANEMQ_CALL(listHygiene, ListHygieneRequest, ListHygieneResponse, ),
  };
}

std::vector<MethodCall> GovernanceCalls() {
  return {
      LANEMQ_CALL(checkCatalog, CheckCatalogRequest, CheckCatalogResponse, ),
      LANEMQ_CALL(adviseCapacity, AdviseCapacityRequest, AdviseCapacityResponse, ),
      LANEMQ_CALL(listPlacements, ListPlacementsRequest, ListPlacementsResponse, ),
      LANEMQ_CALL(putPerson, PutPersonRequest, PeopleResponse, ),
      LANEMQ_CALL(deletePerson, DeletePersonRequest, PeopleResponse, r.name = "none"),
      LANEMQ_CALL(listPeople, ListPeopleRequest, PeopleResponse, ),
      LANEMQ_CALL(setPassword, SetPasswordRequest, SetPasswordResponse, r.name = "none"),
      LANEMQ_CALL(signIn, SignInRequest, SessionResponse, r.__set_lifetime_s(1)),
      LANEMQ_CALL(openSession, OpenSessionRequest, SessionResponse, r.__set_lifetime_s(1)),
      LANEMQ_CALL(getPolicy, GetPolicyRequest, PolicyResponse, ),
      LANEMQ_CALL(putPolicy, PutPolicyRequest, PolicyResponse, ),
      LANEMQ_CALL(proposeChange, ProposeChangeRequest, ChangeRequestResponse, ),
      LANEMQ_CALL(actOnChange, ActOnChangeRequest, ChangeRequestResponse, r.id = 999),
      LANEMQ_CALL(describeChange, DescribeChangeRequest, ChangeRequestResponse, r.id = 999),
      LANEMQ_CALL(listChanges, ListChangesRequest, ListChangesResponse, ),
      LANEMQ_CALL(governedState, GovernedStateRequest, GovernedStateResponse, ),
      LANEMQ_CALL(proposeSize, ProposeSizeRequest, ProposeSizeResponse, ),
      LANEMQ_CALL(listQuotas, ListQuotasRequest, QuotasResponse, ),
      LANEMQ_CALL(putQuota, PutQuotaRequest, QuotasResponse, ),
      LANEMQ_CALL(setQuotaMode, SetQuotaModeRequest, QuotasResponse, ),
      LANEMQ_CALL(movePartitions, MovePartitionsRequest, MovePartitionsResponse, ),
      LANEMQ_CALL(listMoves, ListMovesRequest, ListMovesResponse, ),
      LANEMQ_CALL(cancelMoves, CancelMovesRequest, CancelMovesResponse, ),
      // The last one: it ends the session of a person.
      LANEMQ_CALL(signOut, SignOutRequest, SignOutResponse, ),
  };
}

std::vector<MethodCall> AllCalls() {
  std::vector<MethodCall> all;
  for (auto* part :
       {&CommonCalls, &CatalogCalls, &GroupCalls, &OnCallCalls, &AccessCalls, &GovernanceCalls}) {
    for (MethodCall& call : part()) all.push_back(std::move(call));
  }
  return all;
}

/// Those of brokers stand together in the table.
std::set<std::string> MethodsOfMetaservers() {
  std::set<std::string> methods;
  bool is_brokers = false;
  for (const MethodAccess& row : core::kAccessTable) {
    if (row.method == "produce") is_brokers = true;
    if (row.method == "createTopic") is_brokers = false;
    if (!is_brokers) methods.emplace(row.method);
  }
  return methods;
}

/// What the design says about each kind of caller, said once more in other words. Topic orders and
/// group pickers are of team shop: of service cart, lead lena and member mick.
bool MayBe(const std::string& who, const MethodAccess& row) {
  static const std::set<std::string> operators = {"ops", "root", "olga", "adam"};
  static const std::set<std::string> admins = {"root", "adam"};
  // Of others, as these calls are, for admins; of one's own for everybody.
  static const std::set<std::string_view> own = {"issueToken", "revokeToken", "setPassword"};
  if (row.method == "serverInfo" || row.method == "signIn") return true;
  if (who == "nobody") return false;
  if (own.contains(row.method)) return admins.contains(who);
  if (row.method == "listTokens") {
    return admins.contains(who) || who == "olga" || who == "lena" || who == "mick" || who == "vera";
  }
  if (row.method == "listDataNodes" && who == "broker-1") return true;
  switch (row.action) {
    case Action::kNothing:
      return true;
    case Action::kDescribe:
      return who != "billing" && who != "portal";
    case Action::kProduce:
    case Action::kConsume:
      return who == "cart" || operators.contains(who);
    case Action::kPeek:
      return who == "lena" || operators.contains(who);
    case Action::kManage:
      return who == "lena" || who == "mick" || operators.contains(who);
    case Action::kOperate:
      return operators.contains(who);
    case Action::kAdminister:
      return admins.contains(who);
    case Action::kServe:
      return who == "broker-1";
    case Action::kActFor:
      return who == "portal";
  }
  return false;
}

ErrorCode RefusalOf(const std::string& who, const MethodAccess& row) {
  if (who == "nobody") return ErrorCode::kAuthenticationFailed;
  switch (row.about) {
    case ResourceKind::kTopic:
      return ErrorCode::kTopicAuthorizationFailed;
    case ResourceKind::kGroup:
      return ErrorCode::kGroupAuthorizationFailed;
    case ResourceKind::kCluster:
      return ErrorCode::kClusterAuthorizationFailed;
  }
  return ErrorCode::kUnknownServerError;
}

bool IsRefusal(ErrorCode code) {
  return code == ErrorCode::kAuthenticationFailed || code == ErrorCode::kTopicAuthorizationFailed ||
         code == ErrorCode::kGroupAuthorizationFailed ||
         code == ErrorCode::kClusterAuthorizationFailed;
}

class AccessMatrixTest : public AccessTest {
 protected:
  /// Of each role, and two of team shop.
  void MakePeople() {
    MakePerson("vera", "viewer");
    MakePerson("mick", "viewer");
    MakePerson("lena", "viewer");
    MakePerson("olga", "operator");
    MakePerson("adam", "admin");
    idl::PutTeamRequest request;
    request.team.name = "shop";
    request.team.members.resize(2);
    request.team.__isset.members = true;
    request.team.members[0].person = "lena";
    request.team.members[0].role = "lead";
    request.team.members[1].person = "mick";
    request.team.members[1].role = "member";
    Do(&idl::ControlPlaneIf::putTeam, request);
  }
};
INSTANTIATE_TEST_SUITE_P(On, AccessMatrixTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessMatrixTest, EveryMethodIsAllowedToWhomTheTableSays) {
  MakeWorld();
  MakePeople();
  std::set<std::string> tried = {"authenticate"};
  for (const std::string who : {"nobody", "billing", "cart", "broker-1", "portal", "ops", "root",
                                "vera", "mick", "lena", "olga", "adam"}) {
    StockClient client(meta_->endpoint(), who == "nobody" ? "" : tokens_.at(who));
    for (const MethodCall& call : AllCalls()) {
      SCOPED_TRACE(who + " " + call.method);
      tried.insert(call.method);
      const MethodAccess* row = core::FindAccess(call.method);
      ASSERT_NE(row, nullptr);
      const Status answer = client.With(call.call);
      const bool is_refused = !answer.ok() && IsRefusal(answer.error().code);
      const std::string got = answer.ok() ? "OK" : answer.error().ToString();
      EXPECT_EQ(!is_refused, MayBe(who, *row)) << got;
      if (is_refused) {
        EXPECT_EQ(answer.error().code, RefusalOf(who, *row)) << got;
      }
      EXPECT_TRUE(answer.ok() || answer.error().code != ErrorCode::kNetworkException) << got;
      // What is deleted is nobody's any more.
      if (call.method == "deleteTopic") SetOwner("topic", "orders", "shop");
      if (call.method == "deleteGroup") SetOwner("group", "pickers", "shop");
    }
  }
  EXPECT_EQ(tried, MethodsOfMetaservers());
}

}  // namespace
}  // namespace lanemq::testing
