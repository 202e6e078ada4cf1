#include "broker/handlers/commit_offsets.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "broker/handlers/partition_call.h"

namespace lanemq::broker {

struct CommitOffsetsHandler::State
    : PartitionCall<idl::CommitOffsetsRequest, idl::CommitOffsetsResponse> {
  State(idl::CommitOffsetsRequest&& r, rpc::Responder<idl::CommitOffsetsResponse> to)
      : PartitionCall(std::move(r), std::move(to)), locations(request.partitions.size()) {}

  std::vector<core::PartitionLocation> locations;
};

void CommitOffsetsHandler::Handle(idl::CommitOffsetsRequest&& request,
                                  rpc::Responder<idl::CommitOffsetsResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckMember(request.generation, request.member_id);
  if (checked.ok()) checked = CheckCommitSequence(request);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void CommitOffsetsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  std::map<core::NodeId, NodePart> by_node;
  for (std::size_t i = 0; i < state->request.partitions.size(); ++i) {
    const idl::CommitPartition& commit = state->request.partitions[i];
    const auto found = view.Find(commit.topic, commit.partition);
    if (!found.ok()) {
      state->Fail(i, found.error());
    } else if (commit.metadata.size() > context_.limits.commit_metadata_bytes_max) {
      state->Fail(i, {ErrorCode::kOffsetMetadataTooLarge,
                      fmt::format("{} bytes; the limit is {}", commit.metadata.size(),
                                  context_.limits.commit_metadata_bytes_max)});
    } else if (commit.offset < core::kFirstOffset.value) {
      state->Fail(i, {ErrorCode::kOffsetOutOfRange, "the first offset is 1"});
    } else {
      state->locations[i] = found->location;
      NodePart& part = by_node[found->location.node];
      part.node = found->location.node;
      part.places.push_back(i);
    }
  }
  RunParts(context_.workers, state, PartsOf(std::move(by_node)),
           [this, state](const NodePart& part) { CommitOn(*state, part); });
}

Status CheckCommitOffset(const HandlerContext& context, const core::PartitionLocation& location,
                         core::Offset offset) {
  const auto known = context.view.EndsOf(location.key);
  if (known && offset <= known->end) return {};
  LANEMQ_ASSIGN_OR_RETURN(const LogEnds ends, context.reader.ReadEnds(location));
  if (offset > ends.end) return OutOfRange(offset, ends);
  return {};
}

void CommitOffsetsHandler::CommitOn(State& state, const NodePart& part) {
  std::vector<core::OffsetCommit> commits;
  std::vector<std::size_t> sent;
  for (const std::size_t i : part.places) {
    idl::CommitPartition& commit = state.request.partitions[i];
    const core::Offset offset{commit.offset};
    const Status checked = CheckCommitOffset(context_, state.locations[i], offset);
    if (!checked.ok()) {
      state.Fail(i, checked.error());
      continue;
    }
    commits.push_back(
        {state.locations[i].key, offset, std::move(commit.metadata),
         commit.__isset.reset_epoch ? std::optional(commit.reset_epoch) : std::nullopt});
    sent.push_back(i);
  }
  if (commits.empty()) return;
  const auto results = context_.stores.OffsetsOn(part.node)->Commit(
      state.request.group,
      {core::Generation{state.request.generation}, state.request.member_id,
       state.request.commit_sequence},
      commits, Deadline::After(context_.clock, context_.sql_timeout));
  for (std::size_t n = 0; n < sent.size(); ++n) {
    if (!results.ok()) {
      state.Fail(sent[n], results.error());
    } else if (!(*results)[n].ok()) {
      state.Fail(sent[n], (*results)[n].error());
    }
  }
}

}  // namespace lanemq::broker
