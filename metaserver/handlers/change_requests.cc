// Requests for changes.
#include <chrono>
#include <optional>
#include <utility>

#include "common/core/policy/bundle_json.h"
#include "common/core/policy/request_machine.h"
#include "metaserver/handlers/change_request_wire.h"
#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

using Responder = rpc::Responder<idl::ChangeRequestResponse>;

constexpr std::int32_t kWaitMsMax = 60'000;
constexpr std::int32_t kListMax = 1'000;

idl::ChangeRequestResponse ToResponse(const Governor::Answer& answer) {
  idl::ChangeRequestResponse out;
  if (answer.request) out.__set_request(ToWire(*answer.request, true));
  if (answer.decision) out.__set_decision(ToWire(*answer.decision));
  return out;
}

/// Tells the caller whether his yes is missing.
void AddYesOf(const core::Actor& caller, WallTime now, const core::ChangeRequest& request,
              idl::ChangeRequest& wire) {
  const core::YesOf yes = core::FindYesOf(request, caller, now);
  if (yes == core::YesOf::kNotPending) return;
  wire.__set_can_decide(yes == core::YesOf::kMissing);
  if (!wire.can_decide) wire.__set_cannot_decide(std::string(core::ToString(yes)));
}

core::Actor ActorOf(const Governance& governance, const rpc::CallContext& call) {
  const auto& caller = call.caller();
  return governance.ActorOf(caller == nullptr ? core::Principal() : caller->principal);
}

Result<std::chrono::milliseconds> WaitOf(bool is_set, std::int32_t wait_ms) {
  if (!is_set) return std::chrono::milliseconds{0};
  if (wait_ms >= 0 && wait_ms <= kWaitMsMax) return std::chrono::milliseconds{wait_ms};
  return Error{ErrorCode::kInvalidRequest, "wait_ms is 0 to 60,000"};
}

/// Answers now, or when the request has left what it is in, or `patience` is over.
void AnswerLater(Governance& governance, Governor::Answer answer,
                 std::chrono::milliseconds patience, const Responder& responder) {
  if (answer.request && patience.count() > 0) {
    const core::StoredRequest request = *answer.request;
    const bool waits = governance.waiters().Wait(
        request, patience, [answer, responder](const core::StoredRequest& newest) mutable {
          answer.request = newest;
          responder.Respond(ToResponse(answer));
        });
    if (waits) return;
  }
  responder.Respond(ToResponse(answer));
}

Result<Governor::Answer> Propose(Governance& governance, const idl::ProposeChangeRequest& request,
                                 const core::AuditNote& note) {
  Governor::Proposal proposal;
  LANEMQ_ASSIGN_OR_RETURN(proposal.bundle, core::BundleFromText(request.bundle_json));
  proposal.title = request.title;
  proposal.is_submitted = !request.__isset.submit || request.submit;
  proposal.is_dry_run = request.__isset.dry_run && request.dry_run;
  proposal.idempotency_key = request.idempotency_key;
  if (request.__isset.break_glass_reason) {
    proposal.break_glass_reason = request.break_glass_reason;
  }
  return governance.governor().Propose(CallerOf(note), proposal, note);
}

Result<Governor::Answer> Act(Governance& governance, const idl::ActOnChangeRequest& request,
                             const core::AuditNote& note) {
  Governor::Deed deed;
  deed.id = request.id;
  deed.what = request.deed;
  deed.reason = request.reason;
  if (request.__isset.bundle_json) {
    LANEMQ_ASSIGN_OR_RETURN(deed.bundle, core::BundleFromText(request.bundle_json));
  }
  if (request.__isset.title) deed.title = request.title;
  if (request.__isset.if_version) deed.if_version = request.if_version;
  return governance.governor().Act(CallerOf(note), deed, note);
}

}  // namespace

void ProposeChange(Services& services, const idl::ProposeChangeRequest& request,
                   const core::AuditNote& note, const Responder& responder) {
  const auto governance = GovernanceOf(services);
  if (!governance.ok()) return responder.Fail(governance.error());
  const auto patience = WaitOf(request.__isset.wait_ms, request.wait_ms);
  if (!patience.ok()) return responder.Fail(patience.error());
  auto answer = Propose(**governance, request, note);
  if (!answer.ok()) return responder.Fail(answer.error());
  AnswerLater(**governance, *std::move(answer), *patience, responder);
}

void ActOnChange(Services& services, const idl::ActOnChangeRequest& request,
                 const core::AuditNote& note, const Responder& responder) {
  const auto governance = GovernanceOf(services);
  if (!governance.ok()) return responder.Fail(governance.error());
  const auto patience = WaitOf(request.__isset.wait_ms, request.wait_ms);
  if (!patience.ok()) return responder.Fail(patience.error());
  auto answer = Act(**governance, request, note);
  if (!answer.ok()) return responder.Fail(answer.error());
  AnswerLater(**governance, *std::move(answer), *patience, responder);
}

Result<idl::ChangeRequestResponse> DescribeChange(Services& services,
                                                  const idl::DescribeChangeRequest& request,
                                                  const rpc::CallContext& call) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  LANEMQ_ASSIGN_OR_RETURN(const Governor::Answer answer,
                          governance->governor().Describe(request.id));
  idl::ChangeRequestResponse out = ToResponse(answer);
  AddYesOf(ActorOf(*governance, call), services.clock.WallNow(), answer.request->request,
           out.request);
  return out;
}

Result<idl::ListChangesResponse> ListChanges(Services& services,
                                             const idl::ListChangesRequest& request,
                                             const rpc::CallContext& call) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  core::RequestFilter filter;
  for (const std::string& name : request.states) {
    const auto state = core::RequestStateFromString(name);
    if (!state) {
      return Error{ErrorCode::kInvalidRequest, "there is no state '" + name.substr(0, 64) + "'"};
    }
    filter.states.push_back(*state);
  }
  filter.author = request.author;
  if (request.__isset.before_id) filter.before_id = request.before_id;
  if (request.__isset.max) {
    if (request.max < 1 || request.max > kListMax) {
      return Error{ErrorCode::kInvalidRequest, "max is 1 to 1,000"};
    }
    filter.max = static_cast<std::size_t>(request.max);
  }
  idl::ListChangesResponse out;
  bool has_more = false;
  LANEMQ_ASSIGN_OR_RETURN(const auto listed,
                          governance->governor().List(filter, request.waits_for, &has_more));
  const core::Actor caller = ActorOf(*governance, call);
  const WallTime now = services.clock.WallNow();
  for (const core::StoredRequest& stored : listed) {
    AddYesOf(caller, now, stored.request, out.requests.emplace_back(ToWire(stored, false)));
  }
  out.has_more = has_more;
  return out;
}

}  // namespace lanemq::metaserver
