#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class AccessBookRequest;
class AccessBookResponse;
class AuthenticateRequest;
class AuthenticateResponse;
class DeleteGrantRequest;
class DeleteServiceRequest;
class DeleteTeamRequest;
class ExplainAccessRequest;
class ExplainAccessResponse;
class GrantsResponse;
class IssueTokenRequest;
class IssueTokenResponse;
class ListGrantsRequest;
class ListOwnersRequest;
class ListServicesRequest;
class ListTeamsRequest;
class ListTokensRequest;
class OwnersResponse;
class PutGrantRequest;
class PutServiceRequest;
class PutTeamRequest;
class RevokeTokenRequest;
class SearchAuditRequest;
class SearchAuditResponse;
class TopicHistoryRequest;
class TopicHistoryResponse;
class ListHygieneRequest;
class ListHygieneResponse;
class ServicesResponse;
class SetOwnerRequest;
class TeamsResponse;
class TokensResponse;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Calls metaservers about who may do what: identities, grants, owners, the book, the audit log.
///
/// Every method waits for the answer (not from a callback that runs on the I/O thread). Errors are
/// those of RpcClient plus what the server declares; a method the server does not know is
/// kUnsupportedVersion. Thread safety: every method from any thread. Does not own the RpcClient,
/// which outlives it.
class AccessClient {
 public:
  explicit AccessClient(RpcClient& client) : client_(client) {}

  /// Of any server. ClientOptions::token does it by itself for each connection: this is for whoever
  /// wants to know whom the server takes it for.
  Result<idl::AuthenticateResponse> AuthenticateSync(const Endpoint& endpoint,
                                                     const idl::AuthenticateRequest& request,
                                                     Deadline deadline);
  Result<idl::TeamsResponse> PutTeamSync(const Endpoint& endpoint,
                                         const idl::PutTeamRequest& request, Deadline deadline);
  Result<idl::TeamsResponse> DeleteTeamSync(const Endpoint& endpoint,
                                            const idl::DeleteTeamRequest& request,
                                            Deadline deadline);
  Result<idl::TeamsResponse> ListTeamsSync(const Endpoint& endpoint,
                                           const idl::ListTeamsRequest& request, Deadline deadline);
  Result<idl::ServicesResponse> PutServiceSync(const Endpoint& endpoint,
                                               const idl::PutServiceRequest& request,
                                               Deadline deadline);
  Result<idl::ServicesResponse> DeleteServiceSync(const Endpoint& endpoint,
                                                  const idl::DeleteServiceRequest& request,
                                                  Deadline deadline);
  Result<idl::ServicesResponse> ListServicesSync(const Endpoint& endpoint,
                                                 const idl::ListServicesRequest& request,
                                                 Deadline deadline);
  /// Not repeatable: after kOutcomeUnknown and the like the token may be there.
  Result<idl::IssueTokenResponse> IssueTokenSync(const Endpoint& endpoint,
                                                 const idl::IssueTokenRequest& request,
                                                 Deadline deadline);
  Result<idl::TokensResponse> RevokeTokenSync(const Endpoint& endpoint,
                                              const idl::RevokeTokenRequest& request,
                                              Deadline deadline);
  Result<idl::TokensResponse> ListTokensSync(const Endpoint& endpoint,
                                             const idl::ListTokensRequest& request,
                                             Deadline deadline);
  Result<idl::GrantsResponse> PutGrantSync(const Endpoint& endpoint,
                                           const idl::PutGrantRequest& request, Deadline deadline);
  Result<idl::GrantsResponse> DeleteGrantSync(const Endpoint& endpoint,
                                              const idl::DeleteGrantRequest& request,
                                              Deadline deadline);
  Result<idl::GrantsResponse> ListGrantsSync(const Endpoint& endpoint,
                                             const idl::ListGrantsRequest& request,
                                             Deadline deadline);
  Result<idl::OwnersResponse> SetOwnerSync(const Endpoint& endpoint,
                                           const idl::SetOwnerRequest& request, Deadline deadline);
  Result<idl::OwnersResponse> ListOwnersSync(const Endpoint& endpoint,
                                             const idl::ListOwnersRequest& request,
                                             Deadline deadline);
  Result<idl::ExplainAccessResponse> ExplainAccessSync(const Endpoint& endpoint,
                                                       const idl::ExplainAccessRequest& request,
                                                       Deadline deadline);
  Result<idl::AccessBookResponse> AccessBookSync(const Endpoint& endpoint,
                                                 const idl::AccessBookRequest& request,
                                                 Deadline deadline);
  Result<idl::SearchAuditResponse> SearchAuditSync(const Endpoint& endpoint,
                                                   const idl::SearchAuditRequest& request,
                                                   Deadline deadline);
  Result<idl::TopicHistoryResponse> TopicHistorySync(const Endpoint& endpoint,
                                                     const idl::TopicHistoryRequest& request,
                                                     Deadline deadline);
  Result<idl::ListHygieneResponse> ListHygieneSync(const Endpoint& endpoint,
                                                   const idl::ListHygieneRequest& request,
                                                   Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
