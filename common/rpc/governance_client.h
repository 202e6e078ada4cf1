#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class ActOnChangeRequest;
class AdviseCapacityRequest;
class AdviseCapacityResponse;
class CancelMovesRequest;
class CancelMovesResponse;
class ChangeRequestResponse;
class CheckCatalogRequest;
class CheckCatalogResponse;
class DeletePersonRequest;
class DescribeChangeRequest;
class GetPolicyRequest;
class GovernedStateRequest;
class GovernedStateResponse;
class ListChangesRequest;
class ListChangesResponse;
class ListMovesRequest;
class ListMovesResponse;
class ListPeopleRequest;
class ListPlacementsRequest;
class ListPlacementsResponse;
class ListQuotasRequest;
class MovePartitionsRequest;
class MovePartitionsResponse;
class PeopleResponse;
class PolicyResponse;
class ProposeChangeRequest;
class PutPersonRequest;
class PutPolicyRequest;
class PutQuotaRequest;
class QuotasResponse;
class SessionResponse;
class SetPasswordRequest;
class SetPasswordResponse;
class SetQuotaModeRequest;
class SignInRequest;
class SignOutRequest;
class SignOutResponse;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Calls metaservers about who decides: people and sessions, policy, requests for changes, quotas;
/// about partitions that move, and about capacity.
///
/// As AccessClient, of which there is more to say.
class GovernanceClient {
 public:
  explicit GovernanceClient(RpcClient& client) : client_(client) {}

  Result<idl::PeopleResponse> PutPersonSync(const Endpoint& endpoint,
                                            const idl::PutPersonRequest& request,
                                            Deadline deadline);
  Result<idl::PeopleResponse> DeletePersonSync(const Endpoint& endpoint,
                                               const idl::DeletePersonRequest& request,
                                               Deadline deadline);
  Result<idl::PeopleResponse> ListPeopleSync(const Endpoint& endpoint,
                                             const idl::ListPeopleRequest& request,
                                             Deadline deadline);
  Result<idl::SetPasswordResponse> SetPasswordSync(const Endpoint& endpoint,
                                                   const idl::SetPasswordRequest& request,
                                                   Deadline deadline);
  Result<idl::SessionResponse> SignInSync(const Endpoint& endpoint,
                                          const idl::SignInRequest& request, Deadline deadline);
  Result<idl::SignOutResponse> SignOutSync(const Endpoint& endpoint,
                                           const idl::SignOutRequest& request, Deadline deadline);
  Result<idl::PolicyResponse> GetPolicySync(const Endpoint& endpoint,
                                            const idl::GetPolicyRequest& request,
                                            Deadline deadline);
  Result<idl::PolicyResponse> PutPolicySync(const Endpoint& endpoint,
                                            const idl::PutPolicyRequest& request,
                                            Deadline deadline);
  Result<idl::ChangeRequestResponse> ProposeChangeSync(const Endpoint& endpoint,
                                                       const idl::ProposeChangeRequest& request,
                                                       Deadline deadline);
  Result<idl::ChangeRequestResponse> ActOnChangeSync(const Endpoint& endpoint,
                                                     const idl::ActOnChangeRequest& request,
                                                     Deadline deadline);
  Result<idl::ChangeRequestResponse> DescribeChangeSync(const Endpoint& endpoint,
                                                        const idl::DescribeChangeRequest& request,
                                                        Deadline deadline);
  Result<idl::ListChangesResponse> ListChangesSync(const Endpoint& endpoint,
                                                   const idl::ListChangesRequest& request,
                                                   Deadline deadline);
  Result<idl::GovernedStateResponse> GovernedStateSync(const Endpoint& endpoint,
                                                       const idl::GovernedStateRequest& request,
                                                       Deadline deadline);
  Result<idl::CheckCatalogResponse> CheckCatalogSync(const Endpoint& endpoint,
                                                     const idl::CheckCatalogRequest& request,
                                                     Deadline deadline);
  Result<idl::QuotasResponse> ListQuotasSync(const Endpoint& endpoint,
                                             const idl::ListQuotasRequest& request,
                                             Deadline deadline);
  Result<idl::QuotasResponse> PutQuotaSync(const Endpoint& endpoint,
                                           const idl::PutQuotaRequest& request, Deadline deadline);
  Result<idl::QuotasResponse> SetQuotaModeSync(const Endpoint& endpoint,
                                               const idl::SetQuotaModeRequest& request,
                                               Deadline deadline);
  Result<idl::MovePartitionsResponse> MovePartitionsSync(const Endpoint& endpoint,
                                                         const idl::MovePartitionsRequest& request,
                                                         Deadline deadline);
  Result<idl::ListMovesResponse> ListMovesSync(const Endpoint& endpoint,
                                               const idl::ListMovesRequest& request,
                                               Deadline deadline);
  Result<idl::CancelMovesResponse> CancelMovesSync(const Endpoint& endpoint,
                                                   const idl::CancelMovesRequest& request,
                                                   Deadline deadline);
  Result<idl::AdviseCapacityResponse> AdviseCapacitySync(const Endpoint& endpoint,
                                                         const idl::AdviseCapacityRequest& request,
                                                         Deadline deadline);
  Result<idl::ListPlacementsResponse> ListPlacementsSync(const Endpoint& endpoint,
                                                         const idl::ListPlacementsRequest& request,
                                                         Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
