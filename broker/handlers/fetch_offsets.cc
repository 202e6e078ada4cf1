#include "broker/handlers/fetch_offsets.h"

#include <map>
#include <optional>
#include <utility>

#include "broker/handlers/claim_partitions.h"
#include "common/base/mutex.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {
namespace {

void SetError(const Error& error, idl::FetchOffsetsPartitionResult& out) {
  out.error = wire::ToWire(error);
  out.__isset.error = true;
}

}  // namespace

struct FetchOffsetsHandler::State {
  State(idl::FetchOffsetsRequest&& r, rpc::Responder<idl::FetchOffsetsResponse> to)
      : request(std::move(r)), responder(std::move(to)) {}

  const idl::FetchOffsetsRequest request;
  const rpc::Responder<idl::FetchOffsetsResponse> responder;
  std::shared_ptr<const CatalogView> view;

  Mutex mutex;
  std::size_t open LANEMQ_GUARDED_BY(mutex) = 1;  // Nodes, and one while they are counted.
  idl::FetchOffsetsResponse response LANEMQ_GUARDED_BY(mutex);
  std::map<core::PartitionKey, std::size_t> places;  // Listed partitions only; fixed at once.
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
  std::vector<core::CommittedOffset> unknown LANEMQ_GUARDED_BY(mutex);  // Topics not in `view`.

  void Add(const core::CommittedOffset& committed, const TopicEntry& entry) LANEMQ_REQUIRES(mutex) {
    idl::FetchOffsetsPartitionResult& result = response.partitions.emplace_back();
    result.topic = entry.topic->name;
    result.partition = committed.key.partition;
    SetStored(committed, result);
  }
};

void FetchOffsetsHandler::Done(const std::shared_ptr<State>& state) {
  {
    MutexLock lock(state->mutex);
    if (--state->open > 0) return;
  }
  if (state->error) {
    state->responder.Fail(*state->error);
  } else if (state->unknown.empty()) {
    state->responder.Respond(state->response);
  } else {
    // Created a moment ago, or deleted: the janitor removes the rows of those.
    context_.catalog.Refresh([this, state] {
      const auto view = context_.catalog.View();
      MutexLock lock(state->mutex);
      for (const core::CommittedOffset& committed : state->unknown) {
        if (const TopicEntry* entry = view->FindTopic(committed.key.topic)) {
          state->Add(committed, *entry);
        }
      }
      state->responder.Respond(state->response);
    });
  }
}

void FetchOffsetsHandler::Handle(idl::FetchOffsetsRequest&& request,
                                 rpc::Responder<idl::FetchOffsetsResponse> responder) {
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok() && request.__isset.partitions) {
    checked = CheckPartitionCount(request.partitions.size());
  }
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  WithTopics(context_.catalog, TopicsOf(state->request.partitions),
             [this, state](std::shared_ptr<const CatalogView> view) {
               state->view = std::move(view);
               if (state->request.__isset.partitions) {
                 BeginListed(state, *state->view);
               } else {
                 BeginAll(state);
               }
             });
}

void FetchOffsetsHandler::BeginListed(const std::shared_ptr<State>& state,
                                      const CatalogView& view) {
  std::map<core::NodeId, std::vector<core::PartitionKey>> by_node;
  {
    MutexLock lock(state->mutex);
    for (const idl::TopicPartition& asked : state->request.partitions) {
      idl::FetchOffsetsPartitionResult& result = state->response.partitions.emplace_back();
      result.topic = asked.topic;
      result.partition = asked.partition;
      const auto found = view.Find(asked.topic, asked.partition);
      if (!found.ok()) {
        SetError(found.error(), result);
        continue;
      }
      result.__set_offset(-1);
      state->places[found->location.key] = state->response.partitions.size() - 1;
      by_node[found->location.node].push_back(found->location.key);
    }
    state->open += by_node.size();
  }
  for (auto& [node, keys] : by_node) FetchFrom(state, node, std::move(keys));
  Done(state);
}

void FetchOffsetsHandler::BeginAll(const std::shared_ptr<State>& state) {
  std::vector<core::NodeId> nodes;
  for (const core::DataNode& node : state->view->snapshot().nodes) {
    if (node.state != core::NodeState::kDisabled) nodes.push_back(node.id);
  }
  {
    MutexLock lock(state->mutex);
    state->open += nodes.size();
  }
  for (const core::NodeId node : nodes) FetchFrom(state, node, {});
  Done(state);
}

void FetchOffsetsHandler::FetchFrom(const std::shared_ptr<State>& state, core::NodeId node,
                                    std::vector<core::PartitionKey> keys) {
  const auto fail = [state, keys](const Error& error) {
    MutexLock lock(state->mutex);
    // Without a list there is no partition to put the error in, and a part would look like all.
    if (keys.empty()) state->error = error;
    for (const auto& key : keys) {
      SetError(error, state->response.partitions[state->places[key]]);
    }
  };
  const bool is_posted = context_.workers.Of(node).reads.TryPost([this, state, node, keys, fail] {
    const auto found = context_.stores.OffsetsOn(node)->Fetch(
        state->request.group, keys, Deadline::After(context_.clock, context_.sql_timeout));
    if (!found.ok()) {
      fail(found.error());
      Done(state);
      return;
    }
    {
      MutexLock lock(state->mutex);
      for (const core::CommittedOffset& committed : *found) {
        if (!keys.empty()) {
          const auto place = state->places.find(committed.key);
          if (place != state->places.end()) {
            SetStored(committed, state->response.partitions[place->second]);
          }
          continue;
        }
        const TopicEntry* entry = state->view->FindTopic(committed.key.topic);
        if (entry == nullptr) {
          state->unknown.push_back(committed);
        } else {
          state->Add(committed, *entry);
        }
      }
    }
    Done(state);
  });
  if (is_posted) return;
  fail({ErrorCode::kThrottled, "too many calls wait for the data node", 100});
  Done(state);
}

}  // namespace lanemq::broker
