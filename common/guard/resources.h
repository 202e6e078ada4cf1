#pragma once

#include <vector>

#include "common/core/access/access_types.h"

namespace lanemq {

// The requests of every method of every service, by what they are about. One that is missing here
// does not compile in the dispatch of its method.
//
// Of the cluster, or open to whoever is authenticated: no topic or group decides.
#define LANEMQ_REQUESTS_OF_CLUSTER(X) \
  X(AuthenticateRequest)              \
  X(ServerInfoRequest)                \
  X(MetadataRequest)                  \
  X(SlowCallsRequest)                 \
  X(ServerSettingsRequest)            \
  X(ListTopicsRequest)                \
  X(DescribeTopicRequest)             \
  X(AddDataNodeRequest)               \
  X(AlterDataNodeRequest)             \
  X(ListDataNodesRequest)             \
  X(ListBrokersRequest)               \
  X(BrokerHeartbeatRequest)           \
  X(UnregisterBrokerRequest)          \
  X(CatalogRequest)                   \
  X(FindCoordinatorRequest)           \
  X(ListGroupsRequest)                \
  X(ReportOutboxRequest)              \
  X(ListOutboxesRequest)              \
  X(ForgetOutboxRequest)              \
  X(GroupLagRequest)                  \
  X(SummarizeDeadLettersRequest)      \
  X(LagHistoryRequest)                \
  X(ListLagObjectivesRequest)         \
  X(ListAlertsRequest)                \
  X(ListAlertEventsRequest)           \
  X(SetAlertRuleRequest)              \
  X(ListAlertRulesRequest)            \
  X(SetAlertChannelRequest)           \
  X(ListAlertChannelsRequest)         \
  X(TestAlertChannelRequest)          \
  X(SilenceAlertRequest)              \
  X(EndSilenceRequest)                \
  X(ListSilencesRequest)              \
  X(ReportCanaryRequest)              \
  X(ListCanariesRequest)              \
  X(PutTeamRequest)                   \
  X(DeleteTeamRequest)                \
  X(ListTeamsRequest)                 \
  X(PutServiceRequest)                \
  X(DeleteServiceRequest)             \
  X(ListServicesRequest)              \
  X(IssueTokenRequest)                \
  X(RevokeTokenRequest)               \
  X(ListTokensRequest)                \
  X(PutGrantRequest)                  \
  X(DeleteGrantRequest)               \
  X(ListGrantsRequest)                \
  X(SetOwnerRequest)                  \
  X(ListOwnersRequest)                \
  X(ExplainAccessRequest)             \
  X(AccessBookRequest)                \
  X(SearchAuditRequest)               \
  X(ListHygieneRequest)               \
  X(PutPersonRequest)                 \
  X(DeletePersonRequest)              \
  X(ListPeopleRequest)                \
  X(SetPasswordRequest)               \
  X(SignInRequest)                    \
  X(OpenSessionRequest)               \
  X(SignOutRequest)                   \
  X(GetPolicyRequest)                 \
  X(PutPolicyRequest)                 \
  X(ProposeChangeRequest)             \
  X(ActOnChangeRequest)               \
  X(DescribeChangeRequest)            \
  X(ListChangesRequest)               \
  X(GovernedStateRequest)             \
  X(ProposeSizeRequest)               \
  X(CheckCatalogRequest)              \
  X(AdviseCapacityRequest)            \
  X(ListPlacementsRequest)            \
  X(ListQuotasRequest)                \
  X(PutQuotaRequest)                  \
  X(SetQuotaModeRequest)              \
  X(MovePartitionsRequest)            \
  X(ListMovesRequest)                 \
  X(CancelMovesRequest)

// One topic, by its field `name`.
#define LANEMQ_REQUESTS_OF_NAMED_TOPIC(X) \
  X(CreateTopicRequest)                   \
  X(AlterTopicRequest)                    \
  X(AddPartitionsRequest)                 \
  X(TopicHistoryRequest)                  \
  X(DeleteTopicRequest)                   \
  X(UndeleteTopicRequest)

// One topic, by its field `topic`.
#define LANEMQ_REQUESTS_OF_TOPIC(X) \
  X(GetMessageRequest)              \
  X(SearchMessagesRequest)          \
  X(TraceMessageRequest)            \
  X(ListDelayedRequest)

// The topics of their partitions, each once.
#define LANEMQ_REQUESTS_OF_PARTITIONS(X) \
  X(ProduceRequest)                      \
  X(FetchRequest)                        \
  X(ListOffsetsRequest)                  \
  X(ScheduleRequest)                     \
  X(TrimRequest)

// One group, by its field `group`. Topics in them are for their handlers to check.
#define LANEMQ_REQUESTS_OF_GROUP(X) \
  X(CommitOffsetsRequest)           \
  X(FetchOffsetsRequest)            \
  X(ClaimPartitionsRequest)         \
  X(ResetOffsetsRequest)            \
  X(ListOffsetResetsRequest)        \
  X(PauseGroupRequest)              \
  X(DeleteOffsetsRequest)           \
  X(SettleRequest)                  \
  X(FetchRetriesRequest)            \
  X(SetGroupPolicyRequest)          \
  X(GroupPoliciesRequest)           \
  X(CountDeadLettersRequest)        \
  X(ListDeadLetterDeedsRequest)     \
  X(JoinGroupRequest)               \
  X(SyncGroupRequest)               \
  X(GroupHeartbeatRequest)          \
  X(LeaveGroupRequest)              \
  X(DescribeGroupRequest)           \
  X(DeleteGroupRequest)

// In ways of their own, see resources.cc.
#define LANEMQ_REQUESTS_OF_OTHERS(X) \
  X(ListDeadLettersRequest)          \
  X(DropDeadLettersRequest)          \
  X(RedriveRequest)                  \
  X(RedriveEditedRequest)            \
  X(ListRedrivesRequest)             \
  X(CancelRedriveRequest)            \
  X(CancelRequest)                   \
  X(SetLagObjectiveRequest)

#define LANEMQ_ALL_REQUESTS(X)      \
  LANEMQ_REQUESTS_OF_CLUSTER(X)     \
  LANEMQ_REQUESTS_OF_NAMED_TOPIC(X) \
  LANEMQ_REQUESTS_OF_TOPIC(X)       \
  LANEMQ_REQUESTS_OF_PARTITIONS(X)  \
  LANEMQ_REQUESTS_OF_GROUP(X)       \
  LANEMQ_REQUESTS_OF_OTHERS(X)

namespace idl {
#define LANEMQ_X(Request) class Request;
LANEMQ_ALL_REQUESTS(LANEMQ_X)
#undef LANEMQ_X
}  // namespace idl

/// What the request is about, for Guard::Check(): the topics and groups that it names. Empty: none
/// is named, and it takes the right to do so to the whole cluster.
#define LANEMQ_X(Request) \
  [[nodiscard]] std::vector<core::Resource> ResourcesOf(const idl::Request& request);
LANEMQ_ALL_REQUESTS(LANEMQ_X)
#undef LANEMQ_X

}  // namespace lanemq
