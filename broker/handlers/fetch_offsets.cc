#include "broker/handlers/fetch_offsets.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "broker/handlers/claim_partitions.h"
#include "broker/handlers/failures/group_policies.h"
#include "broker/handlers/partition_call.h"
#include "broker/handlers/presence.h"
#include "common/base/mutex.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {
namespace {

void SetError(const Error& error, idl::FetchOffsetsPartitionResult& out) {
  out.error = wire::ToWire(error);
  out.__isset.error = true;
}

}  // namespace

/// What one data node says of the group.
struct FetchOffsetsHandler::OnNode {
  core::NodeId node;
  std::vector<std::pair<core::PartitionKey, Error>> misplaced;  ///< Of those that were asked for.
  std::vector<core::CommittedOffset> stored;
  std::vector<core::RetryBacklog> backlog;
  std::shared_ptr<const GroupPolicySet> policies;
};

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
  std::map<core::PartitionKey, std::int64_t> retries_ms LANEMQ_GUARDED_BY(mutex);
  // By topic, or of none; the newest of the nodes'.
  std::map<std::optional<core::TopicId>, core::StoredRetryPolicy> policies LANEMQ_GUARDED_BY(mutex);

  void Set(const core::CommittedOffset& committed, idl::FetchOffsetsPartitionResult& result)
      LANEMQ_REQUIRES(mutex) {
    SetStored(committed, result);
    const auto retry = retries_ms.find(committed.key);
    if (retry != retries_ms.end()) result.__set_next_retry_ms(retry->second);
  }
  void Add(const core::CommittedOffset& committed, const TopicEntry& entry) LANEMQ_REQUIRES(mutex) {
    idl::FetchOffsetsPartitionResult& result = response.partitions.emplace_back();
    result.topic = entry.topic->name;
    result.partition = committed.key.partition;
    Set(committed, result);
  }
  void Add(const OnNode& found, bool is_listed) LANEMQ_REQUIRES(mutex) {
    for (const core::RetryBacklog& row : found.backlog) {
      if (!MayTellOf(*view, found.node, row.key)) continue;
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(row.due_in).count();
      retries_ms[row.key] = std::max<std::int64_t>(0, wait);
    }
    for (const core::StoredRetryPolicy& row : found.policies->rows()) {
      const auto [place, is_new] = policies.try_emplace(row.topic, row);
      if (!is_new && place->second.at < row.at) place->second = row;
    }
    for (const core::CommittedOffset& committed : found.stored) {
      if (is_listed) {
        const auto place = places.find(committed.key);
        if (place != places.end()) Set(committed, response.partitions[place->second]);
        continue;
      }
      if (!MayTellOf(*view, found.node, committed.key)) continue;
      const TopicEntry* entry = view->FindTopic(committed.key.topic);
      if (entry == nullptr) {
        unknown.push_back(committed);
      } else {
        Add(committed, *entry);
      }
    }
  }
  void Respond(const CatalogView& names) LANEMQ_REQUIRES(mutex) {
    for (const auto& [topic, stored] : policies) {
      idl::GroupPolicy policy;
      if (ToWire(names, stored, policy)) response.policies.push_back(std::move(policy));
    }
    response.__isset.policies = !response.policies.empty();
    responder.Respond(response);
  }
};

void FetchOffsetsHandler::Done(const std::shared_ptr<State>& state) {
  {
    MutexLock lock(state->mutex);
    if (--state->open > 0) return;
    if (state->error) return state->responder.Fail(*state->error);
    if (state->unknown.empty()) return state->Respond(*state->view);
  }
  // Created a moment ago, or deleted: the janitor removes the rows of those.
  context_.catalog.Refresh([this, state] {
    const auto view = context_.catalog.View();
    MutexLock lock(state->mutex);
    for (const core::CommittedOffset& committed : state->unknown) {
      if (const TopicEntry* entry = view->FindTopic(committed.key.topic)) {
        state->Add(committed, *entry);
      }
    }
    state->Respond(*view);
  });
}

void FetchOffsetsHandler::Handle(idl::FetchOffsetsRequest&& request,
                                 rpc::Responder<idl::FetchOffsetsResponse> responder) {
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok() && request.__isset.partitions) {
    checked = CheckPartitionCount(request.partitions.size());
  }
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, std::shared_ptr<const CatalogView> view) {
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

Result<FetchOffsetsHandler::OnNode> FetchOffsetsHandler::Read(
    const std::string& group, const CatalogView& view, core::NodeId node,
    const std::vector<core::PartitionKey>& keys) {
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  OnNode out;
  out.node = node;
  LANEMQ_ASSIGN_OR_RETURN(out.stored,
                          context_.stores.OffsetsOn(node)->Fetch(group, keys, deadline));
  const auto retries = context_.stores.RetriesOn(node);
  LANEMQ_ASSIGN_OR_RETURN(out.backlog, retries->Backlog(group, deadline));
  LANEMQ_ASSIGN_OR_RETURN(out.policies, policies_.Get(group, node, *retries, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const Presence presence, Presence::Of(context_, node, deadline));
  // Without a list, a part would look like all.
  if (keys.empty()) LANEMQ_RETURN_IF_ERROR(presence.CheckAll(view));
  for (const core::PartitionKey& key : keys) {
    const Status here = presence.Check({&key, 1});
    if (!here.ok()) out.misplaced.emplace_back(key, here.error());
  }
  return out;
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
    const auto found = Read(state->request.group, *state->view, node, keys);
    if (found.ok()) {
      MutexLock lock(state->mutex);
      state->Add(*found, !keys.empty());
      for (const auto& [key, error] : found->misplaced) {
        SetError(error, state->response.partitions[state->places[key]]);
      }
    } else {
      fail(found.error());
    }
    Done(state);
  });
  if (is_posted) return;
  fail({ErrorCode::kThrottled, "too many calls wait for the data node", 100});
  Done(state);
}

}  // namespace lanemq::broker
