#include "broker/handlers/claim_partitions.h"

#include <utility>

#include "broker/handlers/by_node.h"
#include "common/rpc/wire/errors.h"

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

struct ClaimPartitionsHandler::State {
  State(idl::ClaimPartitionsRequest&& r, rpc::Responder<idl::ClaimPartitionsResponse> to)
      : request(std::move(r)), responder(std::move(to)) {}

  void Fail(std::size_t place, const Error& error) {
    response.partitions[place].error = wire::ToWire(error);
    response.partitions[place].__isset.error = true;
  }

  const idl::ClaimPartitionsRequest request;
  const rpc::Responder<idl::ClaimPartitionsResponse> responder;
  idl::ClaimPartitionsResponse response;  // Each node's thread writes to places of its own.
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
  if (const Status checked = Check(request); !checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  WithTopics(
      context_.catalog, TopicsOf(state->request.partitions),
      [this, state](const std::shared_ptr<const CatalogView>& view) { Begin(state, *view); });
}

void ClaimPartitionsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  for (const idl::TopicPartition& wanted : state->request.partitions) {
    idl::FetchOffsetsPartitionResult& result = state->response.partitions.emplace_back();
    result.topic = wanted.topic;
    result.partition = wanted.partition;
  }
  auto parts =
      SplitByNode(view, state->request.partitions,
                  [&](std::size_t place, const Error& error) { state->Fail(place, error); });
  const auto refuse = [state](const NodePart& part, const Error& error) {
    for (const std::size_t place : part.places) state->Fail(place, error);
  };
  const auto claim = [this, state, refuse](const NodePart& part) {
    const core::OffsetOwner owner{core::Generation{state->request.generation},
                                  state->request.member_id};
    const auto claims = context_.stores.OffsetsOn(part.node)->Claim(
        state->request.group, owner, part.keys,
        Deadline::After(context_.clock, context_.sql_timeout));
    if (!claims.ok()) return refuse(part, claims.error());
    for (std::size_t i = 0; i < part.places.size(); ++i) {
      SetStored((*claims)[i].stored, state->response.partitions[part.places[i]]);
      if (!(*claims)[i].status.ok()) state->Fail(part.places[i], (*claims)[i].status.error());
    }
  };
  RunOnNodes(context_.workers, std::move(parts), claim, refuse,
             [state] { state->responder.Respond(state->response); });
}

}  // namespace lanemq::broker
