#pragma once

#include <functional>
#include <memory>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class CommitOffsetsRequest;
class CommitOffsetsResponse;
class FetchOffsetsRequest;
class FetchOffsetsResponse;
class FetchRequest;
class FetchResponse;
class GetMessageRequest;
class GetMessageResponse;
class ListOffsetsRequest;
class ListOffsetsResponse;
class ClaimPartitionsRequest;
class ClaimPartitionsResponse;
class ResetOffsetsRequest;
class ResetOffsetsResponse;
class ListOffsetResetsRequest;
class ListOffsetResetsResponse;
class PauseGroupRequest;
class PauseGroupResponse;
class DeleteOffsetsRequest;
class DeleteOffsetsResponse;
class MetadataRequest;
class MetadataResponse;
class ProduceRequest;
class ProduceResponse;
class ServerInfo;
class ServerInfoRequest;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Calls brokers.
///
/// Every method exists twice: with a callback, and blocking (`...Sync`, not from a callback that
/// runs on the I/O thread). Errors are those of RpcClient plus what the server declares; a method
/// the server does not know is kUnsupportedVersion. Thread safety: every method from any thread.
/// Does not own the RpcClient, which outlives it.
class DataPlaneClient {
 public:
  template <typename T>
  using Callback = std::function<void(Result<T>)>;

  explicit DataPlaneClient(RpcClient& client) : client_(client) {}

  void Produce(const Endpoint& endpoint, const idl::ProduceRequest& request, Deadline deadline,
               Callback<idl::ProduceResponse> callback);
  Result<idl::ProduceResponse> ProduceSync(const Endpoint& endpoint,
                                           const idl::ProduceRequest& request, Deadline deadline);
  void Fetch(const Endpoint& endpoint, const idl::FetchRequest& request, Deadline deadline,
             Callback<idl::FetchResponse> callback);
  Result<idl::FetchResponse> FetchSync(const Endpoint& endpoint, const idl::FetchRequest& request,
                                       Deadline deadline);
  void CommitOffsets(const Endpoint& endpoint, const idl::CommitOffsetsRequest& request,
                     Deadline deadline, Callback<idl::CommitOffsetsResponse> callback);
  Result<idl::CommitOffsetsResponse> CommitOffsetsSync(const Endpoint& endpoint,
                                                       const idl::CommitOffsetsRequest& request,
                                                       Deadline deadline);
  void FetchOffsets(const Endpoint& endpoint, const idl::FetchOffsetsRequest& request,
                    Deadline deadline, Callback<idl::FetchOffsetsResponse> callback);
  Result<idl::FetchOffsetsResponse> FetchOffsetsSync(const Endpoint& endpoint,
                                                     const idl::FetchOffsetsRequest& request,
                                                     Deadline deadline);
  void ListOffsets(const Endpoint& endpoint, const idl::ListOffsetsRequest& request,
                   Deadline deadline, Callback<idl::ListOffsetsResponse> callback);
  Result<idl::ListOffsetsResponse> ListOffsetsSync(const Endpoint& endpoint,
                                                   const idl::ListOffsetsRequest& request,
                                                   Deadline deadline);
  void GetMessage(const Endpoint& endpoint, const idl::GetMessageRequest& request,
                  Deadline deadline, Callback<idl::GetMessageResponse> callback);
  Result<idl::GetMessageResponse> GetMessageSync(const Endpoint& endpoint,
                                                 const idl::GetMessageRequest& request,
                                                 Deadline deadline);
  void ClaimPartitions(const Endpoint& endpoint, const idl::ClaimPartitionsRequest& request,
                       Deadline deadline, Callback<idl::ClaimPartitionsResponse> callback);
  Result<idl::ClaimPartitionsResponse> ClaimPartitionsSync(
      const Endpoint& endpoint, const idl::ClaimPartitionsRequest& request, Deadline deadline);
  void ResetOffsets(const Endpoint& endpoint, const idl::ResetOffsetsRequest& request,
                    Deadline deadline, Callback<idl::ResetOffsetsResponse> callback);
  Result<idl::ResetOffsetsResponse> ResetOffsetsSync(const Endpoint& endpoint,
                                                     const idl::ResetOffsetsRequest& request,
                                                     Deadline deadline);
  void ListOffsetResets(const Endpoint& endpoint, const idl::ListOffsetResetsRequest& request,
                        Deadline deadline, Callback<idl::ListOffsetResetsResponse> callback);
  Result<idl::ListOffsetResetsResponse> ListOffsetResetsSync(
      const Endpoint& endpoint, const idl::ListOffsetResetsRequest& request, Deadline deadline);
  void PauseGroup(const Endpoint& endpoint, const idl::PauseGroupRequest& request,
                  Deadline deadline, Callback<idl::PauseGroupResponse> callback);
  Result<idl::PauseGroupResponse> PauseGroupSync(const Endpoint& endpoint,
                                                 const idl::PauseGroupRequest& request,
                                                 Deadline deadline);
  void DeleteOffsets(const Endpoint& endpoint, const idl::DeleteOffsetsRequest& request,
                     Deadline deadline, Callback<idl::DeleteOffsetsResponse> callback);
  Result<idl::DeleteOffsetsResponse> DeleteOffsetsSync(const Endpoint& endpoint,
                                                       const idl::DeleteOffsetsRequest& request,
                                                       Deadline deadline);
  void Metadata(const Endpoint& endpoint, const idl::MetadataRequest& request, Deadline deadline,
                Callback<idl::MetadataResponse> callback);
  Result<idl::MetadataResponse> MetadataSync(const Endpoint& endpoint,
                                             const idl::MetadataRequest& request,
                                             Deadline deadline);
  void ServerInfo(const Endpoint& endpoint, const idl::ServerInfoRequest& request,
                  Deadline deadline, Callback<idl::ServerInfo> callback);
  Result<idl::ServerInfo> ServerInfoSync(const Endpoint& endpoint,
                                         const idl::ServerInfoRequest& request, Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
