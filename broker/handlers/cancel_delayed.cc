#include "broker/handlers/cancel_delayed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "broker/access/rights.h"
#include "common/core/types/delayed_handle.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {
namespace {

constexpr std::size_t kHandlesMax = 1'000;

idl::CancelState::type ToWire(core::CancelResult result) {
  switch (result) {
    case core::CancelResult::kCancelled:
      return idl::CancelState::CANCELLED;
    case core::CancelResult::kDelivered:
      return idl::CancelState::DELIVERED;
    case core::CancelResult::kNotFound:
      return idl::CancelState::NOT_FOUND;
  }
  return idl::CancelState::NOT_FOUND;
}

const core::Partition* FindPartition(const TopicEntry& entry, std::int32_t index) {
  const auto& partitions = entry.topic->partitions;
  const bool exists = entry.topic->state == core::TopicState::kActive && index >= 0 &&
                      static_cast<std::size_t>(index) < partitions.size();
  return exists ? &partitions[static_cast<std::size_t>(index)] : nullptr;
}

}  // namespace

// A request on its way. Each place of the response is written by one thread.
struct CancelDelayedHandler::State {
  State(idl::CancelRequest&& request, rpc::Responder<idl::CancelResponse> to, core::Action needed)
      : responder(std::move(to)), action(needed), ids(request.handles.size()) {
    response.results.resize(request.handles.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto id = core::FromHandle(request.handles[i]);
      response.results[i].handle = std::move(request.handles[i]);
      if (id.ok()) {
        ids[i] = *id;
      } else {
        Fail(i, id.error());
      }
    }
  }
  void Fail(std::size_t place, const Error& error) {
    response.results[place].error = wire::ToWire(error);
    response.results[place].__isset.error = true;
  }
  [[nodiscard]] bool AreKnownIn(const CatalogView& view) const {
    return std::ranges::all_of(ids, [&](const std::optional<core::DelayedId>& id) {
      return !id || view.FindTopic(id->key.topic) != nullptr;
    });
  }

  const rpc::Responder<idl::CancelResponse> responder;
  const core::Action action;  ///< Needed on the topic of each handle.
  idl::CancelResponse response;
  std::vector<std::optional<core::DelayedId>> ids;
  bool is_view_confirmed = true;  ///< Topics that it does not have are deleted.
};

void CancelDelayedHandler::Handle(idl::CancelRequest&& request,
                                  rpc::Responder<idl::CancelResponse> responder,
                                  core::Action action) {
  Status checked = CheckCluster(context_.catalog, request);
  if (checked.ok() && (request.handles.empty() || request.handles.size() > kHandlesMax)) {
    checked = Error{ErrorCode::kInvalidRequest, fmt::format("a request has 1 to {} handles, not {}",
                                                            kHandlesMax, request.handles.size())};
  }
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder), action);
  const auto view = context_.catalog.View();
  if (state->AreKnownIn(*view)) return Begin(state, *view);
  // A topic made since, or deleted: the handle's check says that it was one.
  context_.catalog.Refresh([this, state, asked_at = context_.clock.Now()] {
    const auto confirmed = context_.catalog.confirmed_at();
    state->is_view_confirmed = confirmed && *confirmed >= asked_at;
    Begin(state, *context_.catalog.View());
  });
}

void CancelDelayedHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  const Rights rights(context_.guard, context_.metrics, state->responder.context().get());
  std::map<core::TopicId, Status> allowed;
  const auto check = [&](const core::Topic& topic) -> const Status& {
    const auto [known, is_new] = allowed.try_emplace(topic.id);
    if (is_new) known->second = rights.CheckTopic(state->action, topic.name);
    return known->second;
  };
  std::map<core::NodeId, NodePart> by_node;
  for (std::size_t i = 0; i < state->ids.size(); ++i) {
    if (!state->ids[i]) continue;
    const core::PartitionKey& key = state->ids[i]->key;
    const TopicEntry* topic = view.FindTopic(key.topic);
    const core::Partition* partition =
        topic == nullptr ? nullptr : FindPartition(*topic, key.partition);
    if (const Status may = topic != nullptr ? check(*topic->topic) : Status(); !may.ok()) {
      state->Fail(i, may.error());
    } else if (partition != nullptr) {
      NodePart& part = by_node[partition->node];
      part.node = partition->node;
      part.places.push_back(i);
    } else if (topic != nullptr || state->is_view_confirmed) {
      state->response.results[i].__set_state(idl::CancelState::NOT_FOUND);
    } else {
      state->Fail(i, {ErrorCode::kMetadataUnavailable,
                      "no metaserver says whether the handle's topic exists", 500});
    }
  }
  std::vector<NodePart> parts;
  for (auto& [node, part] : by_node) parts.push_back(std::move(part));
  RunOnNodes(
      context_.workers, std::move(parts),
      [this, state](const NodePart& part) { CancelOn(*state, part); },
      [state](const NodePart& part, const Error& error) {
        for (const std::size_t place : part.places) state->Fail(place, error);
      },
      [state] { state->responder.Respond(state->response); });
}

void CancelDelayedHandler::CancelOn(State& state, const NodePart& part) {
  std::vector<core::DelayedId> ids;
  for (const std::size_t place : part.places) ids.push_back(*state.ids[place]);
  const auto store = context_.stores.DelayedOn(part.node);
  const auto results = store->Cancel(ids, Deadline::After(context_.clock, context_.sql_timeout));
  for (std::size_t i = 0; i < part.places.size(); ++i) {
    if (results.ok()) {
      state.response.results[part.places[i]].__set_state(ToWire((*results)[i]));
    } else {
      state.Fail(part.places[i], results.error());
    }
  }
}

}  // namespace lanemq::broker
