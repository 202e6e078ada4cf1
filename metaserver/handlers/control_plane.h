#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "ControlPlane.h"
#include "common/base/thread_pool.h"
#include "common/core/access/access_table.h"
#include "common/guard/resources.h"
#include "common/rpc/responder.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/access/changed_object.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

/// Brings every RPC to its handler and the handler's answer back.
///
/// Changes, heartbeats, groups, outboxes and access have worker pools of their own: a slow data
/// node that holds up topic creations must not make brokers look dead. A full pool answers
/// THROTTLED.
class ControlPlane final : public idl::ControlPlaneCobSvIf {
 public:
  struct Options {
    std::size_t change_threads = 4;
    std::size_t registry_threads = 4;
    std::size_t group_threads = 2;
    std::size_t outbox_threads = 2;
    std::size_t on_call_threads = 2;
    std::size_t access_threads = 2;
    std::size_t queue_max = 1'000;  ///< Of each pool.
  };
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  /// `services` must outlive this object.
  ControlPlane(Options options, Services& services)
      : services_(services),
        changes_({"meta-change", options.change_threads, options.queue_max}),
        registry_({"meta-registry", options.registry_threads, options.queue_max}),
        groups_({"meta-groups", options.group_threads, options.queue_max}),
        outboxes_({"meta-outboxes", options.outbox_threads, options.queue_max}),
        on_call_({"meta-on-call", options.on_call_threads, options.queue_max}),
        access_({"meta-access", options.access_threads, options.queue_max}) {}

  /// Finishes what has begun and refuses the rest.
  void Stop() {
    changes_.Stop();
    registry_.Stop();
    groups_.Stop();
    outboxes_.Stop();
    on_call_.Stop();
    access_.Stop();
  }

// One method of the generated interface. None is overridden but by these macros: each looks up what
// the method needs, and refuses who may not, before the handler is called.
#define LANEMQ_RPC(method, Request, Response, ...)                                        \
  void method(Cob<idl::Response> cob, ExnCob exn, const idl::Request& request) override { \
    const rpc::Responder<idl::Response> responder(std::move(cob), std::move(exn));        \
    const auto note = Admit(core::AccessOf(#method), request, responder);                 \
    if (!note) return;                                                                    \
    __VA_ARGS__;                                                                          \
  }
// Answered here and now; the same with the call itself, which every Server makes; when `condition`
// holds, on the workers of `pool`; always there; there, a change, of which the audit log is told.
#define LANEMQ_RPC_NOW(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response, responder.Finish(Function(services_, request)))
#define LANEMQ_RPC_OF_CALL(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response,                         \
             responder.Finish(Function(services_, request, *responder.context())))
#define LANEMQ_RPC_ON_IF(pool, condition, method, Function, Request, Response)                     \
  LANEMQ_RPC(method, Request, Response,                                                            \
             if (condition) return Post(pool, responder,                                           \
                                        [this, request] { return Function(services_, request); }); \
             responder.Finish(Function(services_, request)))
#define LANEMQ_RPC_ON(pool, method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response,                          \
             Post(pool, responder, [this, request] { return Function(services_, request); }))
#define LANEMQ_RPC_CHANGE(pool, method, Function, Request, Response)                  \
  LANEMQ_RPC(method, Request, Response, Post(pool, responder, [this, request, note] { \
               return Function(services_, request, *note);                            \
             }))
// Answered when the group is ready for it; no thread waits.
#define LANEMQ_RPC_PARKED(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response, Function(services_, request, responder))
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
  LANEMQ_RPC_ON(outboxes_, reportOutbox, ReportOutbox, ReportOutboxRequest, ReportOutboxResponse)
  LANEMQ_RPC_ON(outboxes_, listOutboxes, ListOutboxes, ListOutboxesRequest, ListOutboxesResponse)
  LANEMQ_RPC_CHANGE(outboxes_, forgetOutbox, ForgetOutbox, ForgetOutboxRequest,
                    ForgetOutboxResponse)
  LANEMQ_RPC_NOW(groupLag, GroupLag, GroupLagRequest, GroupLagResponse)
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
  LANEMQ_RPC_ON(on_call_, listAlertChannels, ListAlertChannels, ListAlertChannelsRequest,
                AlertChannelsResponse)
  LANEMQ_RPC_ON(on_call_, testAlertChannel, TestAlertChannel, TestAlertChannelRequest,
                TestAlertChannelResponse)
  LANEMQ_RPC_CHANGE(on_call_, silenceAlert, SilenceAlert, SilenceAlertRequest, SilencesResponse)
  LANEMQ_RPC_CHANGE(on_call_, endSilence, EndSilence, EndSilenceRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, listSilences, ListSilences, ListSilencesRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, reportCanary, ReportCanary, ReportCanaryRequest, ReportCanaryResponse)
  LANEMQ_RPC_ON(on_call_, listCanaries, ListCanaries, ListCanariesRequest, ListCanariesResponse)
  LANEMQ_RPC_NOW(slowCalls, SlowCalls, SlowCallsRequest, SlowCallsResponse)
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
  LANEMQ_RPC_CHANGE(access_, issueToken, IssueToken, IssueTokenRequest, IssueTokenResponse)
  LANEMQ_RPC_CHANGE(access_, revokeToken, RevokeToken, RevokeTokenRequest, TokensResponse)
  LANEMQ_RPC_NOW(listTokens, ListTokens, ListTokensRequest, TokensResponse)
  LANEMQ_RPC_CHANGE(access_, putGrant, PutGrant, PutGrantRequest, GrantsResponse)
  LANEMQ_RPC_CHANGE(access_, deleteGrant, DeleteGrant, DeleteGrantRequest, GrantsResponse)
  LANEMQ_RPC_NOW(listGrants, ListGrants, ListGrantsRequest, GrantsResponse)
  LANEMQ_RPC_CHANGE(access_, setOwner, SetOwner, SetOwnerRequest, OwnersResponse)
  LANEMQ_RPC_NOW(listOwners, ListOwners, ListOwnersRequest, OwnersResponse)
  LANEMQ_RPC_OF_CALL(explainAccess, ExplainAccess, ExplainAccessRequest, ExplainAccessResponse)
  // A whole book is large.
  LANEMQ_RPC_ON_IF(access_, !HasNewestBook(services_, request), accessBook, AccessBook,
                   AccessBookRequest, AccessBookResponse)
  LANEMQ_RPC_ON(access_, searchAudit, SearchAudit, SearchAuditRequest, SearchAuditResponse)
#undef LANEMQ_RPC_PARKED
#undef LANEMQ_RPC_CHANGE
#undef LANEMQ_RPC_ON
#undef LANEMQ_RPC_ON_IF
#undef LANEMQ_RPC_OF_CALL
#undef LANEMQ_RPC_NOW
#undef LANEMQ_RPC

 private:
  /// What the audit log is to know of a change; of what changes nothing, no more than the method.
  /// nullopt: the caller may not, which he has been told, and the audit log.
  template <typename Request, typename Response>
  std::optional<core::AuditNote> Admit(const core::MethodAccess& access, const Request& request,
                                       const rpc::Responder<Response>& responder) {
    const auto context = responder.context();
    const core::Caller* caller = context ? context->caller().get() : nullptr;
    const Status allowed = services_.guard.Check(caller, access.action, ResourcesOf(request));
    if constexpr (requires { request.origin; }) {
      const idl::Origin* origin = request.__isset.origin ? &request.origin : nullptr;
      auto note = NoteOfChange(services_.guard, services_.denials,
                               {context.get(), access.method, allowed, origin}, ObjectOf(request));
      if (note.ok()) return *std::move(note);
      responder.Fail(note.error());
      return std::nullopt;
    } else {
      if (allowed.ok()) return core::AuditNote{};
      responder.Fail(allowed.error());
      return std::nullopt;
    }
  }

  template <typename Response, typename Work>
  void Post(ThreadPool& pool, const rpc::Responder<Response>& responder, Work work) {
    const bool is_queued = pool.TryPost([responder, work = std::move(work)] {
      if (responder.is_cancelled()) {
        // Nobody waits for the answer any more, and nothing was begun: nobody hears this either.
        responder.Fail({ErrorCode::kRequestTimedOut, "the client went away"});
      } else {
        responder.Finish(work());
      }
    });
    if (!is_queued) {
      responder.Fail({ErrorCode::kThrottled, "too many requests wait already", kRetryAfterMs});
    }
  }
  static constexpr std::int64_t kRetryAfterMs = 500;

  Services& services_;
  ThreadPool changes_;
  ThreadPool registry_;
  ThreadPool groups_;  ///< Lists, descriptions and deletions.
  ThreadPool outboxes_;
  ThreadPool on_call_;  ///< Objectives, alerts, canaries, history.
  ThreadPool access_;   ///< Who may do what.
};

}  // namespace lanemq::metaserver
