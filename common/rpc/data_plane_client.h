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
class SearchMessagesRequest;
class SearchMessagesResponse;
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
class ServerSettingsRequest;
class ServerSettingsResponse;
class SlowCallsRequest;
class SlowCallsResponse;
class TraceMessageRequest;
class TraceMessageResponse;
class TrimRequest;
class TrimResponse;
class CancelRedriveRequest;
class CancelRequest;
class CancelResponse;
class CountDeadLettersRequest;
class CountDeadLettersResponse;
class DropDeadLettersRequest;
class DropDeadLettersResponse;
class FetchRetriesRequest;
class FetchRetriesResponse;
class GroupPoliciesRequest;
class GroupPoliciesResponse;
class ListDeadLetterDeedsRequest;
class ListDeadLetterDeedsResponse;
class ListDeadLettersRequest;
class ListDeadLettersResponse;
class ListDelayedRequest;
class ListDelayedResponse;
class ListRedrivesRequest;
class RedriveEditedRequest;
class RedriveEditedResponse;
class RedriveRequest;
class RedriveResponse;
class ScheduleRequest;
class ScheduleResponse;
class SetGroupPolicyRequest;
class SetGroupPolicyResponse;
class SettleRequest;
class SettleResponse;
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
  void SearchMessages(const Endpoint& endpoint, const idl::SearchMessagesRequest& request,
                      Deadline deadline, Callback<idl::SearchMessagesResponse> callback);
  Result<idl::SearchMessagesResponse> SearchMessagesSync(const Endpoint& endpoint,
                                                         const idl::SearchMessagesRequest& request,
                                                         Deadline deadline);
  void TraceMessage(const Endpoint& endpoint, const idl::TraceMessageRequest& request,
                    Deadline deadline, Callback<idl::TraceMessageResponse> callback);
  Result<idl::TraceMessageResponse> TraceMessageSync(const Endpoint& endpoint,
                                                     const idl::TraceMessageRequest& request,
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
  void Settle(const Endpoint& endpoint, const idl::SettleRequest& request, Deadline deadline,
              Callback<idl::SettleResponse> callback);
  Result<idl::SettleResponse> SettleSync(const Endpoint& endpoint,
                                         const idl::SettleRequest& request, Deadline deadline);
  void FetchRetries(const Endpoint& endpoint, const idl::FetchRetriesRequest& request,
                    Deadline deadline, Callback<idl::FetchRetriesResponse> callback);
  Result<idl::FetchRetriesResponse> FetchRetriesSync(const Endpoint& endpoint,
                                                     const idl::FetchRetriesRequest& request,
                                                     Deadline deadline);
  void SetGroupPolicy(const Endpoint& endpoint, const idl::SetGroupPolicyRequest& request,
                      Deadline deadline, Callback<idl::SetGroupPolicyResponse> callback);
  Result<idl::SetGroupPolicyResponse> SetGroupPolicySync(const Endpoint& endpoint,
                                                         const idl::SetGroupPolicyRequest& request,
                                                         Deadline deadline);
  void GroupPolicies(const Endpoint& endpoint, const idl::GroupPoliciesRequest& request,
                     Deadline deadline, Callback<idl::GroupPoliciesResponse> callback);
  Result<idl::GroupPoliciesResponse> GroupPoliciesSync(const Endpoint& endpoint,
                                                       const idl::GroupPoliciesRequest& request,
                                                       Deadline deadline);
  void ListDeadLetters(const Endpoint& endpoint, const idl::ListDeadLettersRequest& request,
                       Deadline deadline, Callback<idl::ListDeadLettersResponse> callback);
  Result<idl::ListDeadLettersResponse> ListDeadLettersSync(
      const Endpoint& endpoint, const idl::ListDeadLettersRequest& request, Deadline deadline);
  void CountDeadLetters(const Endpoint& endpoint, const idl::CountDeadLettersRequest& request,
                        Deadline deadline, Callback<idl::CountDeadLettersResponse> callback);
  Result<idl::CountDeadLettersResponse> CountDeadLettersSync(
      const Endpoint& endpoint, const idl::CountDeadLettersRequest& request, Deadline deadline);
  void DropDeadLetters(const Endpoint& endpoint, const idl::DropDeadLettersRequest& request,
                       Deadline deadline, Callback<idl::DropDeadLettersResponse> callback);
  Result<idl::DropDeadLettersResponse> DropDeadLettersSync(
      const Endpoint& endpoint, const idl::DropDeadLettersRequest& request, Deadline deadline);
  void Redrive(const Endpoint& endpoint, const idl::RedriveRequest& request, Deadline deadline,
               Callback<idl::RedriveResponse> callback);
  Result<idl::RedriveResponse> RedriveSync(const Endpoint& endpoint,
                                           const idl::RedriveRequest& request, Deadline deadline);
  void ListRedrives(const Endpoint& endpoint, const idl::ListRedrivesRequest& request,
                    Deadline deadline, Callback<idl::RedriveResponse> callback);
  Result<idl::RedriveResponse> ListRedrivesSync(const Endpoint& endpoint,
                                                const idl::ListRedrivesRequest& request,
                                                Deadline deadline);
  void CancelRedrive(const Endpoint& endpoint, const idl::CancelRedriveRequest& request,
                     Deadline deadline, Callback<idl::RedriveResponse> callback);
  Result<idl::RedriveResponse> CancelRedriveSync(const Endpoint& endpoint,
                                                 const idl::CancelRedriveRequest& request,
                                                 Deadline deadline);
  void RedriveEdited(const Endpoint& endpoint, const idl::RedriveEditedRequest& request,
                     Deadline deadline, Callback<idl::RedriveEditedResponse> callback);
  Result<idl::RedriveEditedResponse> RedriveEditedSync(const Endpoint& endpoint,
                                                       const idl::RedriveEditedRequest& request,
                                                       Deadline deadline);
  void ListDeadLetterDeeds(const Endpoint& endpoint, const idl::ListDeadLetterDeedsRequest& request,
                           Deadline deadline, Callback<idl::ListDeadLetterDeedsResponse> callback);
  Result<idl::ListDeadLetterDeedsResponse> ListDeadLetterDeedsSync(
      const Endpoint& endpoint, const idl::ListDeadLetterDeedsRequest& request, Deadline deadline);
  void Schedule(const Endpoint& endpoint, const idl::ScheduleRequest& request, Deadline deadline,
                Callback<idl::ScheduleResponse> callback);
  Result<idl::ScheduleResponse> ScheduleSync(const Endpoint& endpoint,
                                             const idl::ScheduleRequest& request,
                                             Deadline deadline);
  void CancelDelayed(const Endpoint& endpoint, const idl::CancelRequest& request, Deadline deadline,
                     Callback<idl::CancelResponse> callback);
  Result<idl::CancelResponse> CancelDelayedSync(const Endpoint& endpoint,
                                                const idl::CancelRequest& request,
                                                Deadline deadline);
  void ListDelayed(const Endpoint& endpoint, const idl::ListDelayedRequest& request,
                   Deadline deadline, Callback<idl::ListDelayedResponse> callback);
  Result<idl::ListDelayedResponse> ListDelayedSync(const Endpoint& endpoint,
                                                   const idl::ListDelayedRequest& request,
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
  Result<idl::ServerSettingsResponse> ServerSettingsSync(const Endpoint& endpoint,
                                                         const idl::ServerSettingsRequest& request,
                                                         Deadline deadline);
  void SlowCalls(const Endpoint& endpoint, const idl::SlowCallsRequest& request, Deadline deadline,
                 Callback<idl::SlowCallsResponse> callback);
  Result<idl::SlowCallsResponse> SlowCallsSync(const Endpoint& endpoint,
                                               const idl::SlowCallsRequest& request,
                                               Deadline deadline);
  void Trim(const Endpoint& endpoint, const idl::TrimRequest& request, Deadline deadline,
            Callback<idl::TrimResponse> callback);
  Result<idl::TrimResponse> TrimSync(const Endpoint& endpoint, const idl::TrimRequest& request,
                                     Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
