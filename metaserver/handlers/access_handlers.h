#pragma once

#include "common/base/result.h"
#include "common/rpc/call_context.h"
#include "lanemq_types.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

// The half of handlers.h that is about who somebody is and what they may do.

// Who may do what. Changes block, and answer from the book as it then is; the rest is from memory.
/// The connection of `call` is who the token says.
Result<idl::AuthenticateResponse> Authenticate(Services& services,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& call);
Result<idl::TeamsResponse> PutTeam(Services& services, const idl::PutTeamRequest& request,
                                   const core::AuditNote& note);
Result<idl::TeamsResponse> DeleteTeam(Services& services, const idl::DeleteTeamRequest& request,
                                      const core::AuditNote& note);
Result<idl::TeamsResponse> ListTeams(Services& services, const idl::ListTeamsRequest& request);
Result<idl::ServicesResponse> PutService(Services& services, const idl::PutServiceRequest& request,
                                         const core::AuditNote& note);
Result<idl::ServicesResponse> DeleteService(Services& services,
                                            const idl::DeleteServiceRequest& request,
                                            const core::AuditNote& note);
Result<idl::ServicesResponse> ListServices(Services& services,
                                           const idl::ListServicesRequest& request);
/// Of services by admins; a person's own by himself, with a session.
Result<idl::IssueTokenResponse> IssueToken(Services& services,
                                           const idl::IssueTokenRequest& request,
                                           const core::AuditNote& note,
                                           const rpc::CallContext& call);
/// By admins; by a person his own.
Result<idl::TokensResponse> RevokeToken(Services& services, const idl::RevokeTokenRequest& request,
                                        const core::AuditNote& note, const rpc::CallContext& call);
/// To admins all; to a person his own.
Result<idl::TokensResponse> ListTokens(Services& services, const idl::ListTokensRequest& request,
                                       const rpc::CallContext& call);
Result<idl::GrantsResponse> PutGrant(Services& services, const idl::PutGrantRequest& request,
                                     const core::AuditNote& note);
Result<idl::GrantsResponse> DeleteGrant(Services& services, const idl::DeleteGrantRequest& request,
                                        const core::AuditNote& note);
Result<idl::GrantsResponse> ListGrants(Services& services, const idl::ListGrantsRequest& request);
Result<idl::OwnersResponse> SetOwner(Services& services, const idl::SetOwnerRequest& request,
                                     const core::AuditNote& note);
Result<idl::OwnersResponse> ListOwners(Services& services, const idl::ListOwnersRequest& request);
Result<idl::ExplainAccessResponse> ExplainAccess(Services& services,
                                                 const idl::ExplainAccessRequest& request,
                                                 const rpc::CallContext& call);
Result<idl::AccessBookResponse> AccessBook(Services& services,
                                           const idl::AccessBookRequest& request);
/// Whether the answer is only that.
[[nodiscard]] bool HasNewestBook(const Services& services, const idl::AccessBookRequest& request);
/// Blocks.
Result<idl::SearchAuditResponse> SearchAudit(Services& services,
                                             const idl::SearchAuditRequest& request);
/// Blocks.
Result<idl::TopicHistoryResponse> TopicHistory(Services& services,
                                               const idl::TopicHistoryRequest& request);
/// Blocks.
Result<idl::ListHygieneResponse> ListHygiene(Services& services,
                                             const idl::ListHygieneRequest& request);

// People and sessions. Block. Changes answer with whom they changed alone.
Result<idl::PeopleResponse> PutPerson(Services& services, const idl::PutPersonRequest& request,
                                      const core::AuditNote& note);
Result<idl::PeopleResponse> DeletePerson(Services& services,
                                         const idl::DeletePersonRequest& request,
                                         const core::AuditNote& note);
Result<idl::PeopleResponse> ListPeople(Services& services, const idl::ListPeopleRequest& request,
                                       const rpc::CallContext& call);
Result<idl::SetPasswordResponse> SetPassword(Services& services,
                                             const idl::SetPasswordRequest& request,
                                             const core::AuditNote& note,
                                             const rpc::CallContext& call);
Result<idl::SessionResponse> SignIn(Services& services, const idl::SignInRequest& request,
                                    const rpc::CallContext& call);
Result<idl::SessionResponse> OpenSession(Services& services, const idl::OpenSessionRequest& request,
                                         const rpc::CallContext& call);
Result<idl::SignOutResponse> SignOut(Services& services, const idl::SignOutRequest& request,
                                     const rpc::CallContext& call);

}  // namespace lanemq::metaserver
