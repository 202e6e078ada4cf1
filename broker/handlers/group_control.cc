#include "broker/handlers/group_control.h"

#include <optional>
#include <utility>

#include "broker/handlers/by_node.h"
#include "common/base/log.h"
#include "common/base/mutex.h"

namespace lanemq::broker {
namespace {

/// The parts of a request: listed partitions, which must all exist, or every node.
template <typename Request>
Result<std::vector<NodePart>> PartsOf(const CatalogView& view, const Request& request) {
  if (!request.__isset.partitions) return EveryNode(view);
  std::optional<Error> error;
  auto parts = SplitByNode(view, request.partitions,
                           [&](std::size_t, const Error& missing) { error = missing; });
  if (error) return *error;
  return parts;
}

template <typename Request>
Status CheckList(const HandlerContext& context, const Request& request) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup(request.group, context.limits));
  if (request.__isset.partitions) {
    LANEMQ_RETURN_IF_ERROR(CheckPartitionCount(request.partitions.size()));
  }
  return CheckCluster(context.catalog, request);
}

}  // namespace

struct GroupControlHandler::PauseState {
  PauseState(idl::PauseGroupRequest&& r, rpc::Responder<idl::PauseGroupResponse> to)
      : request(std::move(r)), responder(std::move(to)) {}

  void Fail(const Error& e) {
    MutexLock lock(mutex);
    error = e;
  }
  void Add(const std::vector<core::PartitionKey>& keys) {
    MutexLock lock(mutex);
    for (const core::PartitionKey& key : keys) {
      const TopicEntry* topic = view->FindTopic(key.topic);
      if (topic == nullptr) continue;  // Deleted since.
      idl::TopicPartition& out = response.partitions.emplace_back();
      out.topic = topic->topic->name;
      out.partition = key.partition;
    }
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    LANEMQ_LOG(INFO, request.is_paused ? "group.paused" : "group.resumed", {"group", request.group},
               {"partitions", response.partitions.size()}, {"by", request.requested_by},
               {"reason", request.reason});
    responder.Respond(response);
  }

  const idl::PauseGroupRequest request;
  const rpc::Responder<idl::PauseGroupResponse> responder;
  std::shared_ptr<const CatalogView> view;  // Set before anything runs.
  Mutex mutex;
  idl::PauseGroupResponse response LANEMQ_GUARDED_BY(mutex);
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

Result<std::vector<core::PartitionKey>> GroupControlHandler::KeysOf(
    const std::string& group, core::OffsetStore& store,
    const std::vector<core::PartitionKey>& listed) {
  if (!listed.empty()) return listed;
  LANEMQ_ASSIGN_OR_RETURN(const auto stored, store.Fetch(group, {}, SqlDeadline()));
  std::vector<core::PartitionKey> keys;
  for (const core::CommittedOffset& row : stored) keys.push_back(row.key);
  return keys;
}

void GroupControlHandler::Handle(idl::PauseGroupRequest&& request,
                                 rpc::Responder<idl::PauseGroupResponse> responder) {
  Status checked = CheckList(context_, request);
  if (checked.ok()) checked = CheckNote(request.requested_by, request.reason);
  if (checked.ok() && request.__isset.until_us && request.until_us <= 0) {
    checked = Error{ErrorCode::kInvalidRequest, "until_us is a time after 1970"};
  }
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<PauseState>(std::move(request), std::move(responder));
  WithTopics(context_.catalog, TopicsOf(state->request.partitions),
             [this, state](std::shared_ptr<const CatalogView> view) {
               state->view = std::move(view);
               BeginPause(state);
             });
}

void GroupControlHandler::BeginPause(const std::shared_ptr<PauseState>& state) {
  auto parts = PartsOf(*state->view, state->request);
  if (!parts.ok()) return state->responder.Fail(parts.error());
  const auto work = [this, state](const NodePart& part) {
    const idl::PauseGroupRequest& request = state->request;
    const auto store = context_.stores.OffsetsOn(part.node);
    const auto keys = KeysOf(request.group, *store, part.keys);
    if (!keys.ok()) return state->Fail(keys.error());
    const auto until = request.__isset.until_us ? std::optional(WallTime{request.until_us})
                                                : std::optional<WallTime>();
    const core::OperatorNote note =
        NoteOf(state->responder.context().get(), "pauseGroup", {"group", request.group},
               request.requested_by, request.reason);
    Status done;
    if (!keys->empty() && request.is_paused) {
      done = store->Pause(request.group, *keys, until, note, SqlDeadline());
    } else if (!keys->empty()) {
      const auto resumed = store->Resume(request.group, *keys, note, SqlDeadline());
      if (!resumed.ok()) done = resumed.error();
    }
    if (!done.ok()) return state->Fail(done.error());
    state->Add(*keys);
  };
  RunOnNodes(
      context_.workers, std::move(parts).value(), work,
      [state](const NodePart&, const Error& error) { state->Fail(error); },
      [state] { state->Respond(); });
}

struct GroupControlHandler::DeleteState {
  DeleteState(idl::DeleteOffsetsRequest&& r, rpc::Responder<idl::DeleteOffsetsResponse> to)
      : request(std::move(r)), responder(std::move(to)) {}

  void Add(const Result<std::int64_t>& removed) {
    MutexLock lock(mutex);
    if (removed.ok()) {
      deleted += *removed;
    } else {
      error = removed.error();
    }
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    LANEMQ_LOG(INFO, "group.offsets_deleted", {"group", request.group}, {"offsets", deleted});
    idl::DeleteOffsetsResponse response;
    response.deleted = deleted;
    responder.Respond(response);
  }

  const idl::DeleteOffsetsRequest request;
  const rpc::Responder<idl::DeleteOffsetsResponse> responder;
  Mutex mutex;
  std::int64_t deleted LANEMQ_GUARDED_BY(mutex) = 0;
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

void GroupControlHandler::Handle(idl::DeleteOffsetsRequest&& request,
                                 rpc::Responder<idl::DeleteOffsetsResponse> responder) {
  if (const Status checked = CheckList(context_, request); !checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<DeleteState>(std::move(request), std::move(responder));
  WithTopics(
      context_.catalog, TopicsOf(state->request.partitions),
      [this, state](const std::shared_ptr<const CatalogView>& view) { BeginDelete(state, *view); });
}

void GroupControlHandler::BeginDelete(const std::shared_ptr<DeleteState>& state,
                                      const CatalogView& view) {
  auto parts = PartsOf(view, state->request);
  if (!parts.ok()) return state->responder.Fail(parts.error());
  RunOnNodes(
      context_.workers, std::move(parts).value(),
      [this, state](const NodePart& part) {
        const core::OperatorNote note = NoteOf(state->responder.context().get(), "deleteOffsets",
                                               {"group", state->request.group}, "", "");
        state->Add(context_.stores.OffsetsOn(part.node)->Delete(state->request.group, part.keys,
                                                                note, SqlDeadline()));
      },
      [state](const NodePart&, const Error& error) { state->Add(error); },
      [state] { state->Respond(); });
}

}  // namespace lanemq::broker
