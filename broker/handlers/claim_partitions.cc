#include "broker/handlers/claim_partitions.h"

#include <utility>

#include "broker/handlers/partition_call.h"

namespace lanemq::broker {

void SetStored(const core::CommittedOffset& stored, idl::FetchOffsetsPartitionResult& out) {
  out.__set_offset(stored.offset.value);
  out.__set_metadata(stored.metadata);
  out.__set_generation(stored.generation.value);
  out.__set_reset_epoch(stored.reset_epoch);
  if (stored.committed_at.micros > 0) out.__set_committed_at_us(stored.committed_at.micros);
  if (!stored.member_id.empty()) out.__set_member_id(stored.member_id);
  if (!stored.pause) return;
  out.__set_paused_until_us(stored.pause->until ? stored.pause->until->micros : -1);
  out.__set_pause_reason(stored.pause->reason);
}

struct ClaimPartitionsHandler::State
    : PartitionCall<idl::ClaimPartitionsRequest, idl::ClaimPartitionsResponse> {
  using PartitionCall::PartitionCall;
};

Status ClaimPartitionsHandler::Check(const idl::ClaimPartitionsRequest& request) const {
  LANEMQ_RETURN_IF_ERROR(CheckPartitionCount(request.partitions.size()));
  LANEMQ_RETURN_IF_ERROR(CheckGroup(request.group, context_.limits));
  LANEMQ_RETURN_IF_ERROR(CheckMember(request.generation, request.member_id));
  if (request.generation < 1) {
    return Error{ErrorCode::kInvalidRequest, "only a member of a generation claims: from 1"};
  }
  return CheckCluster(context_.catalog, request);
}

void ClaimPartitionsHandler::Handle(idl::ClaimPartitionsRequest&& request,
                                    rpc::Responder<idl::ClaimPartitionsResponse> responder) {
  StartCall<State>(context_.catalog, Check(request), std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void ClaimPartitionsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  RunByNode(context_.workers, view, state, [this, state](const NodePart& part) {
    const core::OffsetOwner owner{core::Generation{state->request.generation},
                                  state->request.member_id};
    const auto claims = context_.stores.OffsetsOn(part.node)->Claim(
        state->request.group, owner, part.keys,
        Deadline::After(context_.clock, context_.sql_timeout));
    if (!claims.ok()) return state->Fail(part, claims.error());
    for (std::size_t i = 0; i < part.places.size(); ++i) {
      const core::CommittedOffset& stored = (*claims)[i].stored;
      idl::FetchOffsetsPartitionResult& result = state->response.partitions[part.places[i]];
      SetStored(stored, result);
      result.__set_claims(stored.claims);
      if (stored.attempt_offset.value > 0) {
        result.__set_attempt_offset(stored.attempt_offset.value);
        result.__set_attempts(stored.attempts);
      }
      if (!(*claims)[i].status.ok()) state->Fail(part.places[i], (*claims)[i].status.error());
    }
  });
}

}  // namespace lanemq::broker
