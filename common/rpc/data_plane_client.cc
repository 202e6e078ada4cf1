#include "common/rpc/data_plane_client.h"

#include <utility>

#include "DataPlane.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

// One pair per method of the IDL: service that declares it, method, name here, request, reply.
#define LANEMQ_METHOD(service, method, Name, Request, Reply)                                       \
  void DataPlaneClient::Name(const Endpoint& endpoint, const idl::Request& request,                \
                             Deadline deadline, Callback<idl::Reply> callback) {                   \
    TypedCall<idl::service##_##method##_pargs, idl::service##_##method##_presult, idl::Reply>(     \
        client_, endpoint, #method, request, deadline, std::move(callback));                       \
  }                                                                                                \
  Result<idl::Reply> DataPlaneClient::Name##Sync(const Endpoint& endpoint,                         \
                                                 const idl::Request& request, Deadline deadline) { \
    return TypedCallSync<idl::service##_##method##_pargs, idl::service##_##method##_presult,       \
                         idl::Reply>(client_, endpoint, #method, request, deadline);               \
  }

LANEMQ_METHOD(DataPlane, produce, Produce, ProduceRequest, ProduceResponse)
LANEMQ_METHOD(DataPlane, fetch, Fetch, FetchRequest, FetchResponse)
LANEMQ_METHOD(DataPlane, commitOffsets, CommitOffsets, CommitOffsetsRequest, CommitOffsetsResponse)
LANEMQ_METHOD(DataPlane, fetchOffsets, FetchOffsets, FetchOffsetsRequest, FetchOffsetsResponse)
LANEMQ_METHOD(DataPlane, listOffsets, ListOffsets, ListOffsetsRequest, ListOffsetsResponse)
LANEMQ_METHOD(DataPlane, getMessage, GetMessage, GetMessageRequest, GetMessageResponse)
LANEMQ_METHOD(DataPlane, searchMessages, SearchMessages, SearchMessagesRequest,
              SearchMessagesResponse)
LANEMQ_METHOD(DataPlane, traceMessage, TraceMessage, TraceMessageRequest, TraceMessageResponse)
LANEMQ_METHOD(DataPlane, claimPartitions, ClaimPartitions, ClaimPartitionsRequest,
              ClaimPartitionsResponse)
LANEMQ_METHOD(DataPlane, resetOffsets, ResetOffsets, ResetOffsetsRequest, ResetOffsetsResponse)
LANEMQ_METHOD(DataPlane, listOffsetResets, ListOffsetResets, ListOffsetResetsRequest,
              ListOffsetResetsResponse)
LANEMQ_METHOD(DataPlane, pauseGroup, PauseGroup, PauseGroupRequest, PauseGroupResponse)
LANEMQ_METHOD(DataPlane, deleteOffsets, DeleteOffsets, DeleteOffsetsRequest, DeleteOffsetsResponse)
LANEMQ_METHOD(DataPlane, settle, Settle, SettleRequest, SettleResponse)
LANEMQ_METHOD(DataPlane, fetchRetries, FetchRetries, FetchRetriesRequest, FetchRetriesResponse)
LANEMQ_METHOD(DataPlane, setGroupPolicy, SetGroupPolicy, SetGroupPolicyRequest,
              SetGroupPolicyResponse)
LANEMQ_METHOD(DataPlane, groupPolicies, GroupPolicies, GroupPoliciesRequest, GroupPoliciesResponse)
LANEMQ_METHOD(DataPlane, listDeadLetters, ListDeadLetters, ListDeadLettersRequest,
              ListDeadLettersResponse)
LANEMQ_METHOD(DataPlane, countDeadLetters, CountDeadLetters, CountDeadLettersRequest,
              CountDeadLettersResponse)
LANEMQ_METHOD(DataPlane, dropDeadLetters, DropDeadLetters, DropDeadLettersRequest,
              DropDeadLettersResponse)
LANEMQ_METHOD(DataPlane, redrive, Redrive, RedriveRequest, RedriveResponse)
LANEMQ_METHOD(DataPlane, listRedrives, ListRedrives, ListRedrivesRequest, RedriveResponse)
LANEMQ_METHOD(DataPlane, cancelRedrive, CancelRedrive, CancelRedriveRequest, RedriveResponse)
LANEMQ_METHOD(DataPlane, redriveEdited, RedriveEdited, RedriveEditedRequest, RedriveEditedResponse)
LANEMQ_METHOD(DataPlane, listDeadLetterDeeds, ListDeadLetterDeeds, ListDeadLetterDeedsRequest,
              ListDeadLetterDeedsResponse)
LANEMQ_METHOD(DataPlane, schedule, Schedule, ScheduleRequest, ScheduleResponse)
LANEMQ_METHOD(DataPlane, cancelDelayed, CancelDelayed, CancelRequest, CancelResponse)
LANEMQ_METHOD(DataPlane, listDelayed, ListDelayed, ListDelayedRequest, ListDelayedResponse)
LANEMQ_METHOD(DataPlane, trim, Trim, TrimRequest, TrimResponse)
LANEMQ_METHOD(Common, metadata, Metadata, MetadataRequest, MetadataResponse)
LANEMQ_METHOD(Common, serverInfo, ServerInfo, ServerInfoRequest, ServerInfo)
LANEMQ_METHOD(Common, slowCalls, SlowCalls, SlowCallsRequest, SlowCallsResponse)
#undef LANEMQ_METHOD

Result<idl::ServerSettingsResponse> DataPlaneClient::ServerSettingsSync(
    const Endpoint& endpoint, const idl::ServerSettingsRequest& request, Deadline deadline) {
  return TypedCallSync<idl::Common_serverSettings_pargs, idl::Common_serverSettings_presult,
                       idl::ServerSettingsResponse>(client_, endpoint, "serverSettings", request,
                                                    deadline);
}

}  // namespace lanemq::rpc
