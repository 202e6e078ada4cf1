#include "broker/handlers/trim.h"

#include <algorithm>
#include <utility>

#include "broker/handlers/partition_call.h"
#include "common/base/log.h"
#include "common/core/retention/retention_policy.h"

namespace lanemq::broker {
namespace {

constexpr std::size_t kGroupsToldMax = 100;

}  // namespace

struct TrimHandler::State : PartitionCall<idl::TrimRequest, idl::TrimResponse> {
  using PartitionCall::PartitionCall;

  void Succeed(std::size_t place, const core::StartMoved& moved) {
    idl::TrimPartitionResult& result = response.partitions[place];
    result.__set_old_start(moved.old_start.value);
    result.__set_new_start(moved.new_start.value);
    std::vector<std::string> groups;
    for (const core::GroupBelow& below : moved.below) {
      if (groups.size() < kGroupsToldMax) groups.push_back(below.group);
    }
    result.__set_groups_below(std::move(groups));
    if (request.dry_run) return;
    LANEMQ_LOG(INFO, "log.trimmed", {"topic", result.topic}, {"partition", result.partition},
               {"from", result.old_start}, {"to", result.new_start}, {"lost", moved.lost},
               {"by", request.requested_by}, {"reason", request.reason});
  }
};

Status TrimHandler::Check(const idl::TrimRequest& request) const {
  LANEMQ_RETURN_IF_ERROR(CheckPartitionCount(request.partitions.size()));
  LANEMQ_RETURN_IF_ERROR(CheckNote(request.requested_by, request.reason));
  for (const idl::TrimPartition& partition : request.partitions) {
    if (partition.__isset.before_offset == partition.__isset.before_us) {
      return Error{ErrorCode::kInvalidRequest, "one of before_offset and before_us is needed"};
    }
    if (partition.__isset.before_offset && partition.before_offset < core::kFirstOffset.value) {
      return Error{ErrorCode::kOffsetOutOfRange, "the first offset is 1"};
    }
    if (partition.__isset.before_us && partition.before_us < 0) {
      return Error{ErrorCode::kInvalidRequest, "before_us is a time since 1970"};
    }
  }
  return CheckCluster(context_.catalog, request);
}

void TrimHandler::Handle(idl::TrimRequest&& request, rpc::Responder<idl::TrimResponse> responder) {
  StartCall<State>(context_.catalog, Check(request), std::move(request), std::move(responder),
                   [this](const auto& state, auto view) { Begin(state, std::move(view)); });
}

void TrimHandler::Begin(const std::shared_ptr<State>& state,
                        std::shared_ptr<const CatalogView> view) {
  RunByNode(context_.workers, *view, state, [this, state, view](const NodePart& part) {
    const auto store = context_.stores.RetentionOn(part.node);
    if (!store) {
      return state->Fail(part, {ErrorCode::kFailedPrecondition, "this broker trims no logs"});
    }
    for (const std::size_t place : part.places) Trim(*state, *view, *store, place);
  });
}

Deadline TrimHandler::NewDeadline() const {
  return Deadline::After(context_.clock, context_.sql_timeout);
}

Result<core::Offset> TrimHandler::NewStart(const core::PartitionLocation& location,
                                           const idl::TrimPartition& wanted) const {
  LANEMQ_ASSIGN_OR_RETURN(const LogEnds ends, context_.reader.ReadEnds(location));
  if (wanted.__isset.before_offset) {
    const core::Offset offset{wanted.before_offset};
    if (offset > ends.end) return OutOfRange(offset, ends);
    return offset;
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const auto first,
      context_.messages.FindByTime(location, WallTime{wanted.before_us}, NewDeadline()));
  return first ? first->offset : ends.end;
}

void TrimHandler::Trim(State& state, const CatalogView& view, core::RetentionStore& store,
                       std::size_t place) {
  const idl::TrimRequest& request = state.request;
  const idl::TrimPartition& wanted = request.partitions[place];
  const auto found = view.Find(wanted.topic, wanted.partition);
  if (!found.ok()) return state.Fail(place, found.error());
  const auto to = NewStart(found->location, wanted);
  if (!to.ok()) return state.Fail(place, to.error());
  // What is removed does not come back: a policy that may have changed since allows no loss.
  const auto confirmed = context_.catalog.confirmed_at();
  const auto age_max = context_.catalog_age_max;
  const bool is_old =
      age_max.count() > 0 && (!confirmed || context_.clock.Now() - *confirmed > age_max);
  core::RetentionPolicy policy = core::RetentionPolicyOf(found->topic->topic->config);
  if (is_old) policy.unread = core::UnreadPolicy::kBlock;
  // What goes unread is recorded all the same.
  if (request.lose_unread && policy.unread == core::UnreadPolicy::kBlock) {
    policy.unread = core::UnreadPolicy::kWarn;
  }
  const core::StartMove move{
      .location = found->location, .to = *to, .unread = policy.unread, .reason = "trim"};
  const core::OperatorNote note =
      NoteOf(state.responder.context().get(), "trim", {"topic", wanted.topic}, request.requested_by,
             request.reason);
  const auto moved = store.Trim(move, note, request.dry_run, NewDeadline());
  if (!moved.ok()) return state.Fail(place, moved.error());
  if (!request.dry_run) context_.view.SetStart(found->location.key, moved->new_start);
  state.Succeed(place, *moved);
}

}  // namespace lanemq::broker
