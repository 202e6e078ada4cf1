#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "ControlPlane.h"
#include "common/base/thread_pool.h"
#include "common/rpc/responder.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

/// Brings every RPC to its handler and the handler's answer back.
///
/// Changes, heartbeats, groups and outboxes have worker pools of their own: a slow data node that
/// holds up topic creations must not make brokers look dead. A full pool answers THROTTLED.
class ControlPlane final : public idl::ControlPlaneCobSvIf {
 public:
  struct Options {
    std::size_t change_threads = 4;
    std::size_t registry_threads = 4;
    std::size_t group_threads = 2;
    std::size_t outbox_threads = 2;
    std::size_t on_call_threads = 2;
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
        on_call_({"meta-on-call", options.on_call_threads, options.queue_max}) {}

  /// Finishes what has begun and refuses the rest.
  void Stop() {
    changes_.Stop();
    registry_.Stop();
    groups_.Stop();
    outboxes_.Stop();
    on_call_.Stop();
  }

// One method of the generated interface: answered here and now, or on the workers of `pool`.
#define LANEMQ_RPC_NOW(method, Function, Request, Response)                               \
  void method(Cob<idl::Response> cob, ExnCob exn, const idl::Request& request) override { \
    rpc::Responder<idl::Response>(std::move(cob), std::move(exn))                         \
        .Finish(Function(services_, request));                                            \
  }
#define LANEMQ_RPC_ON(pool, method, Function, Request, Response)                                  \
  void method(Cob<idl::Response> cob, ExnCob exn, const idl::Request& request) override {         \
    Post(pool, rpc::Responder<idl::Response>(std::move(cob), std::move(exn)), request, Function); \
  }
  LANEMQ_RPC_NOW(metadata, Metadata, MetadataRequest, MetadataResponse)
  LANEMQ_RPC_NOW(serverInfo, ServerInfo, ServerInfoRequest, ServerInfo)
  LANEMQ_RPC_NOW(catalog, Catalog, CatalogRequest, CatalogResponse)
  LANEMQ_RPC_NOW(listTopics, ListTopics, ListTopicsRequest, ListTopicsResponse)
  LANEMQ_RPC_NOW(describeTopic, DescribeTopic, DescribeTopicRequest, TopicResponse)
  LANEMQ_RPC_ON(changes_, createTopic, CreateTopic, CreateTopicRequest, TopicResponse)
  LANEMQ_RPC_ON(changes_, alterTopic, AlterTopic, AlterTopicRequest, TopicResponse)
  LANEMQ_RPC_ON(changes_, addPartitions, AddPartitions, AddPartitionsRequest, TopicResponse)
  LANEMQ_RPC_ON(changes_, deleteTopic, DeleteTopic, DeleteTopicRequest, DeleteTopicResponse)
  LANEMQ_RPC_ON(changes_, addDataNode, AddDataNode, AddDataNodeRequest, DataNodeResponse)
  LANEMQ_RPC_ON(changes_, alterDataNode, AlterDataNode, AlterDataNodeRequest, DataNodeResponse)
  LANEMQ_RPC_ON(registry_, listBrokers, ListBrokers, ListBrokersRequest, ListBrokersResponse)
  LANEMQ_RPC_ON(registry_, brokerHeartbeat, BrokerHeartbeat, BrokerHeartbeatRequest,
                BrokerHeartbeatResponse)
  LANEMQ_RPC_ON(registry_, unregisterBroker, UnregisterBroker, UnregisterBrokerRequest,
                UnregisterBrokerResponse)
  void listDataNodes(Cob<idl::ListDataNodesResponse> cob, ExnCob exn,
                     const idl::ListDataNodesRequest& request) override {
    rpc::Responder<idl::ListDataNodesResponse> responder(std::move(cob), std::move(exn));
    if (request.include_health) return Post(changes_, responder, request, ListDataNodes);
    responder.Finish(ListDataNodes(services_, request));
  }
  LANEMQ_RPC_NOW(findCoordinator, FindCoordinator, FindCoordinatorRequest, FindCoordinatorResponse)
  LANEMQ_RPC_ON(groups_, listGroups, ListGroups, ListGroupsRequest, ListGroupsResponse)
  LANEMQ_RPC_ON(groups_, describeGroup, DescribeGroup, DescribeGroupRequest, DescribeGroupResponse)
  LANEMQ_RPC_ON(groups_, deleteGroup, DeleteGroup, DeleteGroupRequest, DeleteGroupResponse)
  LANEMQ_RPC_ON(outboxes_, reportOutbox, ReportOutbox, ReportOutboxRequest, ReportOutboxResponse)
  LANEMQ_RPC_ON(outboxes_, listOutboxes, ListOutboxes, ListOutboxesRequest, ListOutboxesResponse)
  LANEMQ_RPC_ON(outboxes_, forgetOutbox, ForgetOutbox, ForgetOutboxRequest, ForgetOutboxResponse)
  LANEMQ_RPC_NOW(groupLag, GroupLag, GroupLagRequest, GroupLagResponse)
  LANEMQ_RPC_ON(on_call_, lagHistory, LagHistory, LagHistoryRequest, LagHistoryResponse)
  LANEMQ_RPC_ON(on_call_, setLagObjective, SetLagObjective, SetLagObjectiveRequest,
                LagObjectivesResponse)
  LANEMQ_RPC_ON(on_call_, listLagObjectives, ListLagObjectives, ListLagObjectivesRequest,
                LagObjectivesResponse)
  LANEMQ_RPC_ON(on_call_, listAlerts, ListAlerts, ListAlertsRequest, ListAlertsResponse)
  LANEMQ_RPC_ON(on_call_, listAlertEvents, ListAlertEvents, ListAlertEventsRequest,
                ListAlertEventsResponse)
  LANEMQ_RPC_ON(on_call_, setAlertRule, SetAlertRule, SetAlertRuleRequest, AlertRulesResponse)
  LANEMQ_RPC_ON(on_call_, listAlertRules, ListAlertRules, ListAlertRulesRequest, AlertRulesResponse)
  LANEMQ_RPC_ON(on_call_, setAlertChannel, SetAlertChannel, SetAlertChannelRequest,
                AlertChannelsResponse)
  LANEMQ_RPC_ON(on_call_, listAlertChannels, ListAlertChannels, ListAlertChannelsRequest,
                AlertChannelsResponse)
  LANEMQ_RPC_ON(on_call_, testAlertChannel, TestAlertChannel, TestAlertChannelRequest,
                TestAlertChannelResponse)
  LANEMQ_RPC_ON(on_call_, silenceAlert, SilenceAlert, SilenceAlertRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, endSilence, EndSilence, EndSilenceRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, listSilences, ListSilences, ListSilencesRequest, SilencesResponse)
  LANEMQ_RPC_ON(on_call_, reportCanary, ReportCanary, ReportCanaryRequest, ReportCanaryResponse)
  LANEMQ_RPC_ON(on_call_, listCanaries, ListCanaries, ListCanariesRequest, ListCanariesResponse)
  LANEMQ_RPC_NOW(slowCalls, SlowCalls, SlowCallsRequest, SlowCallsResponse)
// Answered when the group is ready for it; no thread waits.
#define LANEMQ_RPC_PARKED(method, Function, Request, Response)                                   \
  void method(Cob<idl::Response> cob, ExnCob exn, const idl::Request& request) override {        \
    Function(services_, request, rpc::Responder<idl::Response>(std::move(cob), std::move(exn))); \
  }
  LANEMQ_RPC_PARKED(joinGroup, JoinGroup, JoinGroupRequest, JoinGroupResponse)
  LANEMQ_RPC_PARKED(syncGroup, SyncGroup, SyncGroupRequest, SyncGroupResponse)
  LANEMQ_RPC_PARKED(groupHeartbeat, GroupHeartbeat, GroupHeartbeatRequest, GroupHeartbeatResponse)
  LANEMQ_RPC_PARKED(leaveGroup, LeaveGroup, LeaveGroupRequest, LeaveGroupResponse)
#undef LANEMQ_RPC_PARKED
#undef LANEMQ_RPC_NOW
#undef LANEMQ_RPC_ON

 private:
  template <typename Request, typename Response>
  void Post(ThreadPool& pool, rpc::Responder<Response> responder, const Request& request,
            Result<Response> (*handler)(Services&, const Request&)) {
    const bool is_queued = pool.TryPost([this, responder, request, handler] {
      if (responder.is_cancelled()) {
        // Nobody waits for the answer any more, and nothing was begun: nobody hears this either.
        responder.Fail({ErrorCode::kRequestTimedOut, "the client went away"});
      } else {
        responder.Finish(handler(services_, request));
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
};

}  // namespace lanemq::metaserver
