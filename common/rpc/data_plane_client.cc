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
LANEMQ_METHOD(DataPlane, claimPartitions, ClaimPartitions, ClaimPartitionsRequest,
              ClaimPartitionsResponse)
LANEMQ_METHOD(DataPlane, resetOffsets, ResetOffsets, ResetOffsetsRequest, ResetOffsetsResponse)
LANEMQ_METHOD(DataPlane, listOffsetResets, ListOffsetResets, ListOffsetResetsRequest,
              ListOffsetResetsResponse)
LANEMQ_METHOD(DataPlane, pauseGroup, PauseGroup, PauseGroupRequest, PauseGroupResponse)
LANEMQ_METHOD(DataPlane, deleteOffsets, DeleteOffsets, DeleteOffsetsRequest, DeleteOffsetsResponse)
LANEMQ_METHOD(Common, metadata, Metadata, MetadataRequest, MetadataResponse)
LANEMQ_METHOD(Common, serverInfo, ServerInfo, ServerInfoRequest, ServerInfo)
#undef LANEMQ_METHOD

}  // namespace lanemq::rpc
