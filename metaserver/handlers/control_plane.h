#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "ControlPlane.h"
#include "common/base/thread_pool.h"
#include "common/core/access/access_table.h"
#include "common/rpc/responder.h"
#include "metaserver/handlers/access_book.h"
#include "metaserver/handlers/dispatch.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/rpc_macros.h"

namespace lanemq::metaserver {

/// Brings every RPC to its handler and the handler's answer back.
///
/// Changes, heartbeats, groups, outboxes and access have worker pools of their own: a slow data
/// node that holds up topic creations must not make brokers look dead. A full pool answers
/// THROTTLED.
class ControlPlane final : public idl::ControlPlaneCobSvIf, private Dispatch {
 public:
  struct Options {
    std::size_t change_threads = 4;
    std::size_t registry_threads = 4;
    std::size_t group_threads = 2;
    std::size_t outbox_threads = 2;
    std::size_t on_call_threads = 2;
    std::size_t access_threads = 2;
    std::size_t sign_in_threads = 2;  ///< Each password costs 64 MiB for a tenth of a second.
    std::size_t governance_threads = 2;
    std::size_t queue_max = 1'000;  ///< Of each pool.
  };
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  /// `services` must outlive this object.
  ControlPlane(Options options, Services& services)
      : Dispatch(services),
        changes_({"meta-change", options.change_threads, options.queue_max}),
        registry_({"meta-registry", options.registry_threads, options.queue_max}),
        groups_({"meta-groups", options.group_threads, options.queue_max}),
        outboxes_({"meta-outboxes", options.outbox_threads, options.queue_max}),
        on_call_({"meta-on-call", options.on_call_threads, options.queue_max}),
        access_({"meta-access", options.access_threads, options.queue_max}),
        book_({"meta-book", 1, options.queue_max}),
        sign_in_({"meta-sign-in", options.sign_in_threads, kSignInsMax}),
        governance_({"meta-governance", options.governance_threads, options.queue_max}),
        hygiene_({"meta-hygiene", 1, kHygieneMax}) {}

  /// Finishes what has begun and refuses the rest.
  void Stop() {
    changes_.Stop();
    registry_.Stop();
    groups_.Stop();
    outboxes_.Stop();
    on_call_.Stop();
    access_.Stop();
    book_.Stop();
    sign_in_.Stop();
    governance_.Stop();
    hygiene_.Stop();
  }

  // Those of rpc_macros.h, one per method of the generated interface.
  LANEMQ_RPC_OF_CALL(authenticate, Authenticate, AuthenticateRequest, AuthenticateResponse)
  LANEMQ_RPC_NOW(metadata, Metadata, MetadataRequest, MetadataResponse)
  LANEMQ_RPC_NOW(serverInfo, ServerInfo, ServerInfoRequest, ServerInfo)
  LANEMQ_RPC_NOW(catalog, Catalog, CatalogRequest, CatalogResponse)
  LANEMQ_RPC_NOW(listTopics, ListTopics, ListTopicsRequest, ListTopicsResponse)
  LANEMQ_RPC_NOW(describeTopic, DescribeTopic, DescribeTopicRequest, TopicResponse)
  LANEMQ_RPC_CHANGE(changes_, createTopic, CreateTopic, CreateTopicRequest, TopicResponse)
  LANEMQ_RPC_CHANGE(changes_, alterTopic, AlterTopic, AlterTopicRequest, TopicResponse)
  LANEMQ_RPC_CHANGE(changes_, addPartitions, AddPartitions, AddPartitionsRequest, TopicResponse)
  LANEMQ_RPC_CHANGE(changes_, deleteTopic, DeleteTopic, DeleteTopicRequest, DeleteTopicResponse)
  LANEMQ_RPC_CHANGE(changes_, undeleteTopic, UndeleteTopic, UndeleteTopicRequest, TopicResponse)
  LANEMQ_RPC_CHANGE(changes_, addDataNode, AddDataNode, AddDataNodeRequest, DataNodeResponse)
  LANEMQ_RPC_CHANGE(changes_, alterDataNode, AlterDataNode, AlterDataNodeRequest, DataNodeResponse)
  LANEMQ_RPC_ON(registry_, listBrokers, ListBrokers, ListBrokersRequest, ListBrokersResponse)
  LANEMQ_RPC_ON(registry_, brokerHeartbeat, BrokerHeartbeat, BrokerHeartbeatRequest,
                BrokerHeartbeatResponse)
  LANEMQ_RPC_CHANGE(registry_, unregisterBroker, UnregisterBroker, UnregisterBrokerRequest,
                    UnregisterBrokerResponse)
  LANEMQ_RPC_ON_IF(changes_, request.include_health, listDataNodes, ListDataNodes,
                   ListDataNodesRequest, ListDataNodesResponse)
  LANEMQ_RPC_NOW(findCoordinator, FindCoordinator, FindCoordinatorRequest, FindCoordinatorResponse)
  LANEMQ_RPC_ON(groups_, listGroups, ListGroups, ListGroupsRequest, ListGroupsResponse)
  LANEMQ_RPC_ON(groups_, describeGroup, DescribeGroup, DescribeGroupRequest, DescribeGroupResponse)
  LANEMQ_RPC_CHANGE(groups_, deleteGroup, DeleteGroup, DeleteGroupRequest, DeleteGroupResponse)
  LANEMQ_RPC_CALL_ON(outboxes_, reportOutbox, ReportOutbox, ReportOutboxRequest,
                     ReportOutboxResponse)
  LANEMQ_RPC_ON(outboxes_, listOutboxes, ListOutboxes, ListOutboxesRequest, ListOutboxesResponse)
  LANEMQ_RPC_CHANGE(outboxes_, forgetOutbox, ForgetOutbox, ForgetOutboxRequest,
                    ForgetOutboxResponse)
  LANEMQ_RPC_NOW(groupLag, GroupLag, GroupLagRequest, GroupLagResponse)
  LANEMQ_RPC_OF_CALL(summarizeDeadLetters, SummarizeDeadLetters, SummarizeDeadLettersRequest,
                     SummarizeDeadLettersResponse)
  LANEMQ_RPC_ON(on_call_, lagHistory, LagHistory, LagHistoryRequest, LagHistoryResponse)
  LANEMQ_RPC_CHANGE(on_call_, setLagObjective, SetLagObjective, SetLagObjectiveRequest,
                    LagObjectivesResponse)
  LANEMQ_RPC_ON(on_call_, listLagObjectives, ListLagObjectives, ListLagObjectivesRequest,
                LagObjectivesResponse)
  LANEMQ_RPC_ON(on_call_, listAlerts, ListAlerts, ListAlertsRequest, ListAlertsResponse)
  LANEMQ_RPC_ON(on_call_, listAlertEvents, ListAlertEvents, ListAlertEventsRequest,
                ListAlertEventsResponse)
  LANEMQ_RPC_CHANGE(on_call_, setAlertRule, SetAlertRule, SetAlertRuleRequest, AlertRulesResponse)
  LANEMQ_RPC_ON(on_call_, listAlertRules, ListAlertRules, ListAlertRulesRequest, AlertRulesResponse)
  LANEMQ_RPC_CHANGE(on_call_, setAlertChannel, SetAlertChannel, SetAlertChannelRequest,
                    AlertChannelsResponse)
  LANEMQ_RPC_CALL_ON(on_call_, listAlertChannels, ListAlertChannels, ListAlertChannelsRequest,
                     AlertChannelsResponse)
  LANEMQ_RPC_CHANGE(on_call_, testAlertChannel, TestAlertChannel, TestAlertChannelRequest,
                    TestAlertChannelResponse)
  LANEMQ_RPC_CHANGE(on_call_, silenceAlert, SilenceAlert, SilenceAlertRequest, SilencesResponse)
  LANEMQ_RPC_CHANGE(on_call_, endSilence, EndSilence, EndSilenceRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, listSilences, ListSilences, ListSilencesRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, reportCanary, ReportCanary, ReportCanaryRequest, ReportCanaryResponse)
  LANEMQ_RPC_ON(on_call_, listCanaries, ListCanaries, ListCanariesRequest, ListCanariesResponse)
  LANEMQ_RPC_NOW(slowCalls, SlowCalls, SlowCallsRequest, SlowCallsResponse)
  LANEMQ_RPC_NOW(serverSettings, ServerSettings, ServerSettingsRequest, ServerSettingsResponse)
  LANEMQ_RPC_PARKED(joinGroup, JoinGroup, JoinGroupRequest, JoinGroupResponse)
  LANEMQ_RPC_PARKED(syncGroup, SyncGroup, SyncGroupRequest, SyncGroupResponse)
  LANEMQ_RPC_PARKED(groupHeartbeat, GroupHeartbeat, GroupHeartbeatRequest, GroupHeartbeatResponse)
  LANEMQ_RPC_PARKED(leaveGroup, LeaveGroup, LeaveGroupRequest, LeaveGroupResponse)
  LANEMQ_RPC_CHANGE(access_, putTeam, PutTeam, PutTeamRequest, TeamsResponse)
  LANEMQ_RPC_CHANGE(access_, deleteTeam, DeleteTeam, DeleteTeamRequest, TeamsResponse)
  LANEMQ_RPC_NOW(listTeams, ListTeams, ListTeamsRequest, TeamsResponse)
  LANEMQ_RPC_CHANGE(access_, putService, PutService, PutServiceRequest, ServicesResponse)
  LANEMQ_RPC_CHANGE(access_, deleteService, DeleteService, DeleteServiceRequest, ServicesResponse)
  LANEMQ_RPC_NOW(listServices, ListServices, ListServicesRequest, ServicesResponse)
  LANEMQ_RPC_CALL_CHANGE(access_, issueToken, IssueToken, IssueTokenRequest, IssueTokenResponse)
  LANEMQ_RPC_CALL_CHANGE(access_, revokeToken, RevokeToken, RevokeTokenRequest, TokensResponse)
  LANEMQ_RPC_OF_CALL(listTokens, ListTokens, ListTokensRequest, TokensResponse)
  LANEMQ_RPC_CHANGE(access_, putGrant, PutGrant, PutGrantRequest, GrantsResponse)
  LANEMQ_RPC_CHANGE(access_, deleteGrant, DeleteGrant, DeleteGrantRequest, GrantsResponse)
  LANEMQ_RPC_NOW(listGrants, ListGrants, ListGrantsRequest, GrantsResponse)
  LANEMQ_RPC_CHANGE(access_, setOwner, SetOwner, SetOwnerRequest, OwnersResponse)
  LANEMQ_RPC_NOW(listOwners, ListOwners, ListOwnersRequest, OwnersResponse)
  LANEMQ_RPC_OF_CALL(explainAccess, ExplainAccess, ExplainAccessRequest, ExplainAccessResponse)
  // A whole book is large, and every server wants it: made once for each version, and sent by a
  // thread that nothing else waits for.
  LANEMQ_RPC(
      accessBook, AccessBookRequest, AccessBookResponse, if (HasNewestBook(services_, request)) {
        return responder.Finish(AccessBook(services_, request));
      } Send(book_, responder, [this, request] { return WholeBook(services_, books_, request); }))
  LANEMQ_RPC_ON(changes_, searchAudit, SearchAudit, SearchAuditRequest, SearchAuditResponse)
  LANEMQ_RPC_ON(hygiene_, topicHistory, TopicHistory, TopicHistoryRequest, TopicHistoryResponse)
  LANEMQ_RPC_ON(hygiene_, listHygiene, ListHygiene, ListHygieneRequest, ListHygieneResponse)
  LANEMQ_RPC_CHANGE(access_, putPerson, PutPerson, PutPersonRequest, PeopleResponse)
  LANEMQ_RPC_CHANGE(access_, deletePerson, DeletePerson, DeletePersonRequest, PeopleResponse)
  LANEMQ_RPC_CALL_ON(access_, listPeople, ListPeople, ListPeopleRequest, PeopleResponse)
  LANEMQ_RPC_CALL_CHANGE(sign_in_, setPassword, SetPassword, SetPasswordRequest,
                         SetPasswordResponse)
  LANEMQ_RPC_CALL_ON(sign_in_, signIn, SignIn, SignInRequest, SessionResponse)
  LANEMQ_RPC_CALL_ON(access_, openSession, OpenSession, OpenSessionRequest, SessionResponse)
  LANEMQ_RPC_CALL_ON(access_, signOut, SignOut, SignOutRequest, SignOutResponse)
  LANEMQ_RPC_ON(governance_, getPolicy, GetPolicy, GetPolicyRequest, PolicyResponse)
  LANEMQ_RPC_CHANGE(governance_, putPolicy, PutPolicy, PutPolicyRequest, PolicyResponse)
  LANEMQ_RPC_CHANGE_PARKED(governance_, proposeChange, ProposeChange, ProposeChangeRequest,
                           ChangeRequestResponse)
  LANEMQ_RPC_CHANGE_PARKED(governance_, actOnChange, ActOnChange, ActOnChangeRequest,
                           ChangeRequestResponse)
  LANEMQ_RPC_CALL_ON(governance_, describeChange, DescribeChange, DescribeChangeRequest,
                     ChangeRequestResponse)
  LANEMQ_RPC_CALL_ON(governance_, listChanges, ListChanges, ListChangesRequest, ListChangesResponse)
  LANEMQ_RPC_ON(governance_, governedState, GovernedState, GovernedStateRequest,
                GovernedStateResponse)
  LANEMQ_RPC_ON(governance_, proposeSize, ProposeSize, ProposeSizeRequest, ProposeSizeResponse)
  LANEMQ_RPC_ON(changes_, checkCatalog, CheckCatalog, CheckCatalogRequest, CheckCatalogResponse)
  LANEMQ_RPC_ON(changes_, adviseCapacity, AdviseCapacity, AdviseCapacityRequest,
                AdviseCapacityResponse)
  LANEMQ_RPC_ON(changes_, listPlacements, ListPlacements, ListPlacementsRequest,
                ListPlacementsResponse)
  LANEMQ_RPC_ON(governance_, listQuotas, ListQuotas, ListQuotasRequest, QuotasResponse)
  LANEMQ_RPC_CHANGE(access_, putQuota, PutQuota, PutQuotaRequest, QuotasResponse)
  LANEMQ_RPC_CHANGE(access_, setQuotaMode, SetQuotaMode, SetQuotaModeRequest, QuotasResponse)
  LANEMQ_RPC_CHANGE(changes_, movePartitions, MovePartitions, MovePartitionsRequest,
                    MovePartitionsResponse)
  LANEMQ_RPC_ON(registry_, listMoves, ListMoves, ListMovesRequest, ListMovesResponse)
  LANEMQ_RPC_CHANGE(changes_, cancelMoves, CancelMoves, CancelMovesRequest, CancelMovesResponse)
#undef LANEMQ_RPC_CALL_CHANGE
#undef LANEMQ_RPC_CALL_ON
#undef LANEMQ_RPC_PARKED
#undef LANEMQ_RPC_CHANGE_PARKED
#undef LANEMQ_RPC_CHANGE
#undef LANEMQ_RPC_ON
#undef LANEMQ_RPC_ON_IF
#undef LANEMQ_RPC_OF_CALL
#undef LANEMQ_RPC_NOW
#undef LANEMQ_RPC

 private:
  static constexpr std::size_t kSignInsMax = 50, kHygieneMax = 20;

  BookReplies books_;
  ThreadPool changes_;
  ThreadPool registry_;
  ThreadPool groups_;  ///< Lists, descriptions and deletions.
  ThreadPool outboxes_;
  ThreadPool on_call_;  ///< Objectives, alerts, canaries, history.
  ThreadPool access_;   ///< Who may do what.
  ThreadPool book_;     ///< Whole books.
  ThreadPool sign_in_;  ///< Passwords.
  ThreadPool governance_;
  ThreadPool hygiene_;  ///< Each call looks at much, histories of topics at every data node, and
                        ///< anybody may make it.
};

}  // namespace lanemq::metaserver
