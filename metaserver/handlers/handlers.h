#pragma once

#include "common/base/result.h"
#include "common/rpc/call_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"
#include "metaserver/handlers/access_handlers.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

// One function per RPC of ControlPlane and Common, in a file of its name. Those that change
// something block and run on a worker; the rest answer from the cached catalogue, whether or not
// the metadata database answers, and may run on an I/O thread. The contracts are in idl/.

// Answer from memory.
Result<idl::MetadataResponse> Metadata(Services& services, const idl::MetadataRequest& request);
Result<idl::ServerInfo> ServerInfo(Services& services, const idl::ServerInfoRequest& request);
Result<idl::ServerSettingsResponse> ServerSettings(Services& services,
                                                   const idl::ServerSettingsRequest& request);
Result<idl::AdviseCapacityResponse> AdviseCapacity(Services& services,
                                                   const idl::AdviseCapacityRequest& request);
Result<idl::ListPlacementsResponse> ListPlacements(Services& services,
                                                   const idl::ListPlacementsRequest& request);
Result<idl::CatalogResponse> Catalog(Services& services, const idl::CatalogRequest& request);
Result<idl::ListTopicsResponse> ListTopics(Services& services,
                                           const idl::ListTopicsRequest& request);
Result<idl::TopicResponse> DescribeTopic(Services& services,
                                         const idl::DescribeTopicRequest& request);
/// Blocks when the request includes health: that one belongs on a worker.
Result<idl::ListDataNodesResponse> ListDataNodes(Services& services,
                                                 const idl::ListDataNodesRequest& request);

// Block.
Result<idl::TopicResponse> CreateTopic(Services& services, const idl::CreateTopicRequest& request,
                                       const core::AuditNote& note);
Result<idl::TopicResponse> AlterTopic(Services& services, const idl::AlterTopicRequest& request,
                                      const core::AuditNote& note);
Result<idl::TopicResponse> AddPartitions(Services& services,
                                         const idl::AddPartitionsRequest& request,
                                         const core::AuditNote& note);
Result<idl::DeleteTopicResponse> DeleteTopic(Services& services,
                                             const idl::DeleteTopicRequest& request,
                                             const core::AuditNote& note);
Result<idl::TopicResponse> UndeleteTopic(Services& services,
                                         const idl::UndeleteTopicRequest& request,
                                         const core::AuditNote& note);
Result<idl::DataNodeResponse> AddDataNode(Services& services,
                                          const idl::AddDataNodeRequest& request,
                                          const core::AuditNote& note);
Result<idl::DataNodeResponse> AlterDataNode(Services& services,
                                            const idl::AlterDataNodeRequest& request,
                                            const core::AuditNote& note);
Result<idl::ListBrokersResponse> ListBrokers(Services& services,
                                             const idl::ListBrokersRequest& request);
Result<idl::BrokerHeartbeatResponse> BrokerHeartbeat(Services& services,
                                                     const idl::BrokerHeartbeatRequest& request);
Result<idl::UnregisterBrokerResponse> UnregisterBroker(Services& services,
                                                       const idl::UnregisterBrokerRequest& request,
                                                       const core::AuditNote& note);

// Consumer groups. From memory:
Result<idl::FindCoordinatorResponse> FindCoordinator(Services& services,
                                                     const idl::FindCoordinatorRequest& request);
// Block:
Result<idl::ListGroupsResponse> ListGroups(Services& services,
                                           const idl::ListGroupsRequest& request);
Result<idl::DescribeGroupResponse> DescribeGroup(Services& services,
                                                 const idl::DescribeGroupRequest& request);
Result<idl::DeleteGroupResponse> DeleteGroup(Services& services,
                                             const idl::DeleteGroupRequest& request,
                                             const core::AuditNote& note);
// Return at once; the answer comes when the group's machine has it:
void JoinGroup(Services& services, const idl::JoinGroupRequest& request,
               const rpc::Responder<idl::JoinGroupResponse>& responder);
void SyncGroup(Services& services, const idl::SyncGroupRequest& request,
               const rpc::Responder<idl::SyncGroupResponse>& responder);
void GroupHeartbeat(Services& services, const idl::GroupHeartbeatRequest& request,
                    const rpc::Responder<idl::GroupHeartbeatResponse>& responder);
void LeaveGroup(Services& services, const idl::LeaveGroupRequest& request,
                const rpc::Responder<idl::LeaveGroupResponse>& responder);

// Outboxes, all in outboxes.cc. Block:
Result<idl::ReportOutboxResponse> ReportOutbox(Services& services,
                                               const idl::ReportOutboxRequest& request,
                                               const rpc::CallContext& call);
Result<idl::ListOutboxesResponse> ListOutboxes(Services& services,
                                               const idl::ListOutboxesRequest& request);
Result<idl::ForgetOutboxResponse> ForgetOutbox(Services& services,
                                               const idl::ForgetOutboxRequest& request,
                                               const core::AuditNote& note);

// On-call. From memory:
Result<idl::GroupLagResponse> GroupLag(Services& services, const idl::GroupLagRequest& request);
Result<idl::SummarizeDeadLettersResponse> SummarizeDeadLetters(
    Services& services, const idl::SummarizeDeadLettersRequest& request,
    const rpc::CallContext& call);
Result<idl::SlowCallsResponse> SlowCalls(Services& services, const idl::SlowCallsRequest& request);
// Block:
Result<idl::LagHistoryResponse> LagHistory(Services& services,
                                           const idl::LagHistoryRequest& request);
Result<idl::LagObjectivesResponse> SetLagObjective(Services& services,
                                                   const idl::SetLagObjectiveRequest& request,
                                                   const core::AuditNote& note);
Result<idl::LagObjectivesResponse> ListLagObjectives(Services& services,
                                                     const idl::ListLagObjectivesRequest& request);
Result<idl::ListAlertsResponse> ListAlerts(Services& services,
                                           const idl::ListAlertsRequest& request);
Result<idl::ListAlertEventsResponse> ListAlertEvents(Services& services,
                                                     const idl::ListAlertEventsRequest& request);
Result<idl::AlertRulesResponse> SetAlertRule(Services& services,
                                             const idl::SetAlertRuleRequest& request,
                                             const core::AuditNote& note);
Result<idl::AlertRulesResponse> ListAlertRules(Services& services,
                                               const idl::ListAlertRulesRequest& request);
Result<idl::AlertChannelsResponse> SetAlertChannel(Services& services,
                                                   const idl::SetAlertChannelRequest& request,
                                                   const core::AuditNote& note);
Result<idl::AlertChannelsResponse> ListAlertChannels(Services& services,
                                                     const idl::ListAlertChannelsRequest& request,
                                                     const rpc::CallContext& call);
Result<idl::TestAlertChannelResponse> TestAlertChannel(Services& services,
                                                       const idl::TestAlertChannelRequest& request,
                                                       const core::AuditNote& note);
Result<idl::SilencesResponse> SilenceAlert(Services& services,
                                           const idl::SilenceAlertRequest& request,
                                           const core::AuditNote& note);
Result<idl::SilencesResponse> EndSilence(Services& services, const idl::EndSilenceRequest& request,
                                         const core::AuditNote& note);
Result<idl::SilencesResponse> ListSilences(Services& services,
                                           const idl::ListSilencesRequest& request);
Result<idl::ReportCanaryResponse> ReportCanary(Services& services,
                                               const idl::ReportCanaryRequest& request);
Result<idl::ListCanariesResponse> ListCanaries(Services& services,
                                               const idl::ListCanariesRequest& request);

// Policy, requests for changes, quotas. Block.
Result<idl::PolicyResponse> GetPolicy(Services& services, const idl::GetPolicyRequest& request);
Result<idl::PolicyResponse> PutPolicy(Services& services, const idl::PutPolicyRequest& request,
                                      const core::AuditNote& note);
// Answered at once, or when the request has been applied.
void ProposeChange(Services& services, const idl::ProposeChangeRequest& request,
                   const core::AuditNote& note,
                   const rpc::Responder<idl::ChangeRequestResponse>& responder);
void ActOnChange(Services& services, const idl::ActOnChangeRequest& request,
                 const core::AuditNote& note,
                 const rpc::Responder<idl::ChangeRequestResponse>& responder);
Result<idl::ChangeRequestResponse> DescribeChange(Services& services,
                                                  const idl::DescribeChangeRequest& request,
                                                  const rpc::CallContext& call);
Result<idl::ListChangesResponse> ListChanges(Services& services,
                                             const idl::ListChangesRequest& request,
                                             const rpc::CallContext& call);
Result<idl::GovernedStateResponse> GovernedState(Services& services,
                                                 const idl::GovernedStateRequest& request);
Result<idl::ProposeSizeResponse> ProposeSize(Services& services,
                                             const idl::ProposeSizeRequest& request);
Result<idl::QuotasResponse> ListQuotas(Services& services, const idl::ListQuotasRequest& request);
Result<idl::QuotasResponse> PutQuota(Services& services, const idl::PutQuotaRequest& request,
                                     const core::AuditNote& note);
Result<idl::QuotasResponse> SetQuotaMode(Services& services,
                                         const idl::SetQuotaModeRequest& request,
                                         const core::AuditNote& note);

// Partitions that move, all in moves.cc. Block.
Result<idl::MovePartitionsResponse> MovePartitions(Services& services,
                                                   const idl::MovePartitionsRequest& request,
                                                   const core::AuditNote& note);
Result<idl::ListMovesResponse> ListMoves(Services& services, const idl::ListMovesRequest& request);
Result<idl::CancelMovesResponse> CancelMoves(Services& services,
                                             const idl::CancelMovesRequest& request,
                                             const core::AuditNote& note);

/// Blocks, for up to 20 s.
Result<idl::CheckCatalogResponse> CheckCatalog(Services& services,
                                               const idl::CheckCatalogRequest& request);

/// kNotFound when there is none.
[[nodiscard]] Result<const core::DataNode*> NodeNamed(const core::CatalogSnapshot& snapshot,
                                                      const std::string& name);
/// The topic with its preferred brokers of the moment.
[[nodiscard]] idl::TopicMetadata ToWire(const core::Topic& topic,
                                        const core::CatalogSnapshot& snapshot);
/// The nodes with how many tables they hold.
[[nodiscard]] std::vector<idl::DataNode> ToWire(std::span<const core::DataNode> nodes,
                                                const core::CatalogSnapshot& snapshot);
[[nodiscard]] idl::DataNode ToWire(const core::DataNode& node,
                                   const core::CatalogSnapshot& snapshot);
/// A topic and the version in which it is.
[[nodiscard]] idl::TopicResponse ToResponse(const core::Topic& topic, const SnapshotCache& cache);

}  // namespace lanemq::metaserver
