#include "common/rpc/access_client.h"

#include "Common.h"
#include "ControlPlane.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

// Of each method of the IDL: service that declares it, method, name here, request, reply.
#define LANEMQ_METHOD(service, method, Name, Request, Reply)                                    \
  Result<idl::Reply> AccessClient::Name##Sync(const Endpoint& endpoint,                         \
                                              const idl::Request& request, Deadline deadline) { \
    return TypedCallSync<idl::service##_##method##_pargs, idl::service##_##method##_presult,    \
                         idl::Reply>(client_, endpoint, #method, request, deadline);            \
  }

LANEMQ_METHOD(Common, authenticate, Authenticate, AuthenticateRequest, AuthenticateResponse)
LANEMQ_METHOD(ControlPlane, putTeam, PutTeam, PutTeamRequest, TeamsResponse)
LANEMQ_METHOD(ControlPlane, deleteTeam, DeleteTeam, DeleteTeamRequest, TeamsResponse)
LANEMQ_METHOD(ControlPlane, listTeams, ListTeams, ListTeamsRequest, TeamsResponse)
LANEMQ_METHOD(ControlPlane, putService, PutService, PutServiceRequest, ServicesResponse)
LANEMQ_METHOD(ControlPlane, deleteService, DeleteService, DeleteServiceRequest, ServicesResponse)
LANEMQ_METHOD(ControlPlane, listServices, ListServices, ListServicesRequest, ServicesResponse)
LANEMQ_METHOD(ControlPlane, issueToken, IssueToken, IssueTokenRequest, IssueTokenResponse)
LANEMQ_METHOD(ControlPlane, revokeToken, RevokeToken, RevokeTokenRequest, TokensResponse)
LANEMQ_METHOD(ControlPlane, listTokens, ListTokens, ListTokensRequest, TokensResponse)
LANEMQ_METHOD(ControlPlane, putGrant, PutGrant, PutGrantRequest, GrantsResponse)
LANEMQ_METHOD(ControlPlane, deleteGrant, DeleteGrant, DeleteGrantRequest, GrantsResponse)
LANEMQ_METHOD(ControlPlane, listGrants, ListGrants, ListGrantsRequest, GrantsResponse)
LANEMQ_METHOD(ControlPlane, setOwner, SetOwner, SetOwnerRequest, OwnersResponse)
LANEMQ_METHOD(ControlPlane, listOwners, ListOwners, ListOwnersRequest, OwnersResponse)
LANEMQ_METHOD(ControlPlane, explainAccess, ExplainAccess, ExplainAccessRequest,
              ExplainAccessResponse)
LANEMQ_METHOD(ControlPlane, accessBook, AccessBook, AccessBookRequest, AccessBookResponse)
LANEMQ_METHOD(ControlPlane, searchAudit, SearchAudit, SearchAuditRequest, SearchAuditResponse)
LANEMQ_METHOD(ControlPlane, topicHistory, TopicHistory, TopicHistoryRequest, TopicHistoryResponse)
LANEMQ_METHOD(ControlPlane, listHygiene, ListHygiene, ListHygieneRequest, ListHygieneResponse)
#undef LANEMQ_METHOD

}  // namespace lanemq::rpc
