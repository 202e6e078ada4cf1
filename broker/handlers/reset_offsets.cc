#include "broker/handlers/reset_offsets.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/handlers/partition_call.h"
#include "common/base/log.h"
#include "common/base/mutex.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kResetsDefault = 100;
constexpr std::int32_t kResetsMax = 1'000;

}  // namespace

struct ResetOffsetsHandler::State
    : PartitionCall<idl::ResetOffsetsRequest, idl::ResetOffsetsResponse> {
  using PartitionCall::PartitionCall;

  void Succeed(std::size_t place, const core::OffsetReset& done) {
    idl::ResetPartitionResult& result = response.partitions[place];
    result.__set_old_offset(done.old_offset ? done.old_offset->value : -1);
    result.__set_new_offset(done.new_offset.value);
    result.__set_reset_epoch(done.reset_epoch);
    LANEMQ_LOG(INFO, "group.offset_reset", {"group", request.group}, {"topic", result.topic},
               {"partition", result.partition}, {"from", result.old_offset},
               {"to", result.new_offset}, {"by", done.requested_by}, {"reason", done.reason});
  }
};

Status ResetOffsetsHandler::Check(const idl::ResetOffsetsRequest& request) const {
  LANEMQ_RETURN_IF_ERROR(CheckPartitionCount(request.partitions.size()));
  LANEMQ_RETURN_IF_ERROR(CheckGroup(request.group, context_.limits));
  LANEMQ_RETURN_IF_ERROR(CheckNote(request.requested_by, request.reason));
  const bool are_offsets =
      std::ranges::all_of(request.partitions, [](const idl::ResetPartition& partition) {
        return partition.offset >= core::kFirstOffset.value;
      });
  if (!are_offsets) return Error{ErrorCode::kOffsetOutOfRange, "the first offset is 1"};
  return CheckCluster(context_.catalog, request);
}

void ResetOffsetsHandler::Handle(idl::ResetOffsetsRequest&& request,
                                 rpc::Responder<idl::ResetOffsetsResponse> responder) {
  StartCall<State>(context_.catalog, Check(request), std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void ResetOffsetsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  RunByNode(context_.workers, view, state, [this, state](const NodePart& part) {
    std::vector<core::OffsetResetTo> resets;
    for (std::size_t i = 0; i < part.places.size(); ++i) {
      const std::int64_t offset = state->request.partitions[part.places[i]].offset;
      resets.push_back({part.keys[i], core::Offset{offset}});
    }
    const auto done = context_.stores.OffsetsOn(part.node)->Reset(
        state->request.group, resets,
        NoteOf(state->responder.context().get(), "resetOffsets", {"group", state->request.group},
               state->request.requested_by, state->request.reason),
        Deadline::After(context_.clock, context_.sql_timeout));
    if (!done.ok()) return state->Fail(part, done.error());
    for (std::size_t i = 0; i < part.places.size(); ++i) {
      state->Succeed(part.places[i], (*done)[i]);
    }
  });
}

struct ResetOffsetsHandler::ListState {
  ListState(std::string g, std::size_t m, std::shared_ptr<const CatalogView> v,
            rpc::Responder<idl::ListOffsetResetsResponse> to)
      : group(std::move(g)), max(m), view(std::move(v)), responder(std::move(to)) {}

  void Add(core::NodeId node, const std::vector<core::OffsetReset>& resets) {
    MutexLock lock(mutex);
    for (const core::OffsetReset& reset : resets) {
      if (!MayTellOf(*view, node, reset.key)) continue;
      const TopicEntry* topic = view->FindTopic(reset.key.topic);
      if (topic == nullptr) continue;  // Deleted since.
      idl::OffsetReset& out = response.resets.emplace_back();
      out.topic = topic->topic->name;
      out.partition = reset.key.partition;
      out.reset_epoch = reset.reset_epoch;
      out.old_offset = reset.old_offset ? reset.old_offset->value : -1;
      out.new_offset = reset.new_offset.value;
      out.at_us = reset.at.micros;
      out.requested_by = reset.requested_by;
      out.reason = reset.reason;
    }
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    std::ranges::stable_sort(response.resets, std::ranges::greater{}, &idl::OffsetReset::at_us);
    responder.Respond(response);
  }

  const std::string group;
  const std::size_t max;
  const std::shared_ptr<const CatalogView> view;
  const rpc::Responder<idl::ListOffsetResetsResponse> responder;
  Mutex mutex;
  idl::ListOffsetResetsResponse response LANEMQ_GUARDED_BY(mutex);
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

void ResetOffsetsHandler::Handle(const idl::ListOffsetResetsRequest& request,
                                 rpc::Responder<idl::ListOffsetResetsResponse> responder) {
  const std::int32_t max = request.__isset.max_count ? request.max_count : kResetsDefault;
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (checked.ok() && (max < 1 || max > kResetsMax)) {
    checked = Error{ErrorCode::kInvalidRequest, "max_count is 1 to 1,000"};
  }
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto view = context_.catalog.View();
  auto state = std::make_shared<ListState>(request.group, static_cast<std::size_t>(max), view,
                                           std::move(responder));
  const auto refuse = [state](const NodePart&, const Error& error) {
    MutexLock lock(state->mutex);
    state->error = error;
  };
  const auto list = [this, state, refuse](const NodePart& part) {
    const auto resets = context_.stores.OffsetsOn(part.node)->ListResets(
        state->group, state->max, Deadline::After(context_.clock, context_.sql_timeout));
    if (!resets.ok()) return refuse(part, resets.error());
    state->Add(part.node, *resets);
  };
  RunOnNodes(context_.workers, EveryNode(*view), list, refuse, [state] { state->Respond(); });
}

}  // namespace lanemq::broker
