#include "broker/handlers/commit_offsets.h"

#include <atomic>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "common/rpc/wire/errors.h"

namespace lanemq::broker {

struct CommitOffsetsHandler::State {
  State(idl::CommitOffsetsRequest&& r, rpc::Responder<idl::CommitOffsetsResponse> to)
      : request(std::move(r)), responder(std::move(to)), locations(request.partitions.size()) {
    response.partitions.resize(request.partitions.size());
  }
  void Fail(std::size_t index, const Error& error) {
    response.partitions[index].error = wire::ToWire(error);
    response.partitions[index].__isset.error = true;
  }
  void Done() {
    if (open.fetch_sub(1) == 1) responder.Respond(response);
  }

  idl::CommitOffsetsRequest request;
  rpc::Responder<idl::CommitOffsetsResponse> responder;
  idl::CommitOffsetsResponse response;
  std::vector<core::PartitionLocation> locations;
  std::atomic<std::size_t> open{1};  // Nodes, and one while they are counted.
};

void CommitOffsetsHandler::Handle(idl::CommitOffsetsRequest&& request,
                                  rpc::Responder<idl::CommitOffsetsResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckMember(request.generation, request.member_id);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  WithTopics(
      context_.catalog, TopicsOf(state->request.partitions),
      [this, state](const std::shared_ptr<const CatalogView>& view) { Begin(state, *view); });
}

void CommitOffsetsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  std::map<core::NodeId, std::vector<std::size_t>> by_node;
  for (std::size_t i = 0; i < state->request.partitions.size(); ++i) {
    const idl::CommitPartition& commit = state->request.partitions[i];
    state->response.partitions[i].topic = commit.topic;
    state->response.partitions[i].partition = commit.partition;
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
      by_node[found->location.node].push_back(i);
    }
  }
  for (const auto& [node, indexes] : by_node) {
    ++state->open;
    const bool is_posted =
        context_.workers.Of(node).reads.TryPost([this, state, node = node, indexes = indexes] {
          CommitOn(*state, node, indexes);
          state->Done();
        });
    if (is_posted) continue;
    for (const std::size_t i : indexes) {
      state->Fail(i, {ErrorCode::kThrottled, "too many calls wait for the data node", 100});
    }
    state->Done();
  }
  state->Done();
}

// The end is asked for again before a commit is refused.
std::optional<Error> CommitOffsetsHandler::CheckOffset(const core::PartitionLocation& location,
                                                       core::Offset offset) {
  const auto known = context_.view.EndsOf(location.key);
  if (known && offset <= known->end) return std::nullopt;
  const auto ends = context_.reader.ReadEnds(location);
  if (!ends.ok()) return ends.error();
  if (offset > ends->end) return OutOfRange(offset, *ends);
  return std::nullopt;
}

void CommitOffsetsHandler::CommitOn(State& state, core::NodeId node,
                                    const std::vector<std::size_t>& indexes) {
  std::vector<core::OffsetCommit> commits;
  std::vector<std::size_t> sent;
  for (const std::size_t i : indexes) {
    idl::CommitPartition& commit = state.request.partitions[i];
    const core::Offset offset{commit.offset};
    if (const auto error = CheckOffset(state.locations[i], offset)) {
      state.Fail(i, *error);
      continue;
    }
    commits.push_back(
        {state.locations[i].key, offset, std::move(commit.metadata),
         commit.__isset.reset_epoch ? std::optional(commit.reset_epoch) : std::nullopt});
    sent.push_back(i);
  }
  if (commits.empty()) return;
  const auto results = context_.stores.OffsetsOn(node)->Commit(
      state.request.group, {core::Generation{state.request.generation}, state.request.member_id},
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
