#include "common/rpc/governance_client.h"

#include "ControlPlane.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

// Of each method of the IDL: method, name here, request, reply.
#define LANEMQ_METHOD(method, Name, Request, Reply)                                                \
  Result<idl::Reply> GovernanceClient::Name##Sync(                                                 \
      const Endpoint& endpoint, const idl::Request& request, Deadline deadline) {                  \
    return TypedCallSync<idl::ControlPlane_##method##_pargs, idl::ControlPlane_##method##_presult, \
                         idl::Reply>(client_, endpoint, #method, request, deadline);               \
  }

LANEMQ_METHOD(putPerson, PutPerson, PutPersonRequest, PeopleResponse)
LANEMQ_METHOD(deletePerson, DeletePerson, DeletePersonRequest, PeopleResponse)
LANEMQ_METHOD(listPeople, ListPeople, ListPeopleRequest, PeopleResponse)
LANEMQ_METHOD(setPassword, SetPassword, SetPasswordRequest, SetPasswordResponse)
LANEMQ_METHOD(signIn, SignIn, SignInRequest, SessionResponse)
LANEMQ_METHOD(signOut, SignOut, SignOutRequest, SignOutResponse)
LANEMQ_METHOD(getPolicy, GetPolicy, GetPolicyRequest, PolicyResponse)
LANEMQ_METHOD(putPolicy, PutPolicy, PutPolicyRequest, PolicyResponse)
LANEMQ_METHOD(proposeChange, ProposeChange, ProposeChangeRequest, ChangeRequestResponse)
LANEMQ_METHOD(actOnChange, ActOnChange, ActOnChangeRequest, ChangeRequestResponse)
LANEMQ_METHOD(describeChange, DescribeChange, DescribeChangeRequest, ChangeRequestResponse)
LANEMQ_METHOD(listChanges, ListChanges, ListChangesRequest, ListChangesResponse)
LANEMQ_METHOD(governedState, GovernedState, GovernedStateRequest, GovernedStateResponse)
LANEMQ_METHOD(checkCatalog, CheckCatalog, CheckCatalogRequest, CheckCatalogResponse)
LANEMQ_METHOD(listQuotas, ListQuotas, ListQuotasRequest, QuotasResponse)
LANEMQ_METHOD(putQuota, PutQuota, PutQuotaRequest, QuotasResponse)
LANEMQ_METHOD(setQuotaMode, SetQuotaMode, SetQuotaModeRequest, QuotasResponse)
LANEMQ_METHOD(movePartitions, MovePartitions, MovePartitionsRequest, MovePartitionsResponse)
LANEMQ_METHOD(listMoves, ListMoves, ListMovesRequest, ListMovesResponse)
LANEMQ_METHOD(cancelMoves, CancelMoves, CancelMovesRequest, CancelMovesResponse)
LANEMQ_METHOD(adviseCapacity, AdviseCapacity, AdviseCapacityRequest, AdviseCapacityResponse)
LANEMQ_METHOD(listPlacements, ListPlacements, ListPlacementsRequest, ListPlacementsResponse)
#undef LANEMQ_METHOD

}  // namespace lanemq::rpc
