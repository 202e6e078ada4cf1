#include "broker/handlers/trace_message.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/handlers/by_node.h"
#include "broker/handlers/failures/dead_letter_wire.h"
#include "common/core/types/table_name.h"

namespace lanemq::broker {
namespace {

/// Records have the brokers' time, deeds the data node's.
constexpr std::chrono::microseconds kClockDifferenceMax = std::chrono::minutes(5);
constexpr char kErrorHidden[] = "left out: you may not consume as this group";

const char* NameOf(core::MessagePlace place) {
  switch (place) {
    case core::MessagePlace::kStored:
      return "stored";
    case core::MessagePlace::kRemoved:
      return "removed";
    case core::MessagePlace::kLost:
      return "lost";
    case core::MessagePlace::kMissing:
      return "missing";
    case core::MessagePlace::kNotYet:
      return "not_yet";
  }
  return "unknown";
}

const char* NameOf(core::GroupPlace place) {
  switch (place) {
    case core::GroupPlace::kDeadLetter:
      return "dead_letter";
    case core::GroupPlace::kRetrying:
      return "retrying";
    case core::GroupPlace::kHandling:
      return "handling";
    case core::GroupPlace::kNotRead:
      return "not_read";
    case core::GroupPlace::kRemovedUnread:
      return "removed_unread";
    case core::GroupPlace::kPassed:
      return "passed";
  }
  return "unknown";
}

idl::TracedRemoval ToWire(const core::TracedRemoval& removal) {
  idl::TracedRemoval out;
  out.cause = removal.cause;
  out.at_us = removal.at.micros;
  if (removal.cause == "trim") {
    out.__set_requested_by(removal.note.requested_by);
    out.__set_reason(removal.note.reason);
  }
  return out;
}

/// What retries and dead letters have in common. `hidden`: said instead of the error.
template <typename Failure>
void ToWire(const core::FailureHistory& history, const std::optional<std::string>& hidden,
            Failure& out) {
  out.attempts = history.attempts;
  out.first_failed_at_us = history.first_at.micros;
  out.last_failed_at_us = history.last_at.micros;
  out.__set_reason(history.last.reason);
  out.__set_last_error(hidden ? *hidden : history.last.error);
}

idl::GroupTrace ToWire(const core::GroupTrace& group, core::Offset offset, core::Offset log_start,
                       const std::optional<std::string>& hidden) {
  const core::GroupPlace place = core::PlaceIn(group, offset, log_start);
  idl::GroupTrace out;
  out.group = group.group;
  out.place = NameOf(place);
  if (group.committed.value > 0) {
    out.__set_committed_offset(group.committed.value);
    if (group.committed <= offset) out.__set_behind(offset.value - group.committed.value);
  }
  out.committed_at_us = group.committed_at.micros;
  if (place == core::GroupPlace::kHandling) out.__set_attempts(group.attempts);
  if (group.retry) {
    ToWire(group.retry->history, hidden, out.retrying);
    out.retrying.due_at_us = group.retry->due.micros;
    out.retrying.is_being_handled = group.retry->is_leased;
    out.__isset.retrying = true;
  }
  if (group.letter) {
    ToWire(group.letter->history, hidden, out.dead_letter);
    out.dead_letter.dead_at_us = group.letter->dead_at.micros;
    out.__isset.dead_letter = true;
  }
  if (group.removed_unread) out.__set_removed_unread(ToWire(*group.removed_unread));
  return out;
}

idl::TracedDeed ToWire(const core::TracedDeed& deed) {
  idl::TracedDeed out;
  out.at_us = deed.at.micros;
  out.action = deed.action;
  out.is_exact = deed.is_exact;
  out.requested_by = deed.note.requested_by;
  out.reason = deed.note.reason;
  if (deed.redrive) {
    out.__set_redrive_id(*deed.redrive);
    out.__set_redrive_state(RedriveStateName(deed.state));
  }
  return out;
}

idl::TraceMessageResponse ToWire(const core::MessageTrace& trace, core::Offset offset) {
  idl::TraceMessageResponse out;
  out.place = NameOf(core::PlaceOf(trace, offset));
  out.at_us = trace.at.micros;
  out.log_start = trace.log_start.value;
  out.log_end = trace.log_end.value;
  if (trace.record) {
    out.__set_timestamp_us(trace.record->timestamp.micros);
    // Negative ids are brokers' own, for messages whose producer wants no duplicate protection.
    if (trace.record->producer.value > 0) {
      out.__set_producer_id(trace.record->producer.value);
      out.__set_sequence(trace.record->sequence);
    }
  }
  if (trace.next) out.__set_next_offset(trace.next->value);
  if (trace.removal) out.__set_removal(ToWire(*trace.removal));
  if (trace.lost_at) out.__set_lost_at_us(trace.lost_at->micros);
  out.groups_hidden = 0;
  out.has_more_groups = trace.has_more_groups;
  return out;
}

}  // namespace

/// One request and who asks.
struct TraceMessageHandler::Call {
  Call(idl::TraceMessageRequest&& r, rpc::Responder<idl::TraceMessageResponse> to)
      : request(std::move(r)), responder(std::move(to)) {
    if (const auto context = responder.context()) caller = context->caller();
  }
  const idl::TraceMessageRequest request;
  const rpc::Responder<idl::TraceMessageResponse> responder;
  std::shared_ptr<const core::Caller> caller;  // Null with the guard off.
};

void TraceMessageHandler::Handle(idl::TraceMessageRequest&& request,
                                 rpc::Responder<idl::TraceMessageResponse> responder) {
  if (request.offset < core::kFirstOffset.value) {
    return responder.Fail({ErrorCode::kInvalidRequest, "an offset is at least 1"});
  }
  const auto call = std::make_shared<const Call>(std::move(request), std::move(responder));
  const std::vector<std::string> topics = {call->request.topic};
  WithTopics(context_.catalog, topics, [this, call](std::shared_ptr<const CatalogView> view) {
    const auto found = view->Find(call->request.topic, call->request.partition);
    if (!found.ok()) return call->responder.Fail(found.error());
    const core::PartitionLocation location = found->location;
    const bool is_posted =
        context_.workers.Of(location.node).reads.TryPost([this, call, location, view] {
          call->responder.Finish(Look(*call, *view, location));
        });
    if (!is_posted) {
      call->responder.Fail({ErrorCode::kThrottled, "too many calls wait for the data node", 100});
    }
  });
}

Result<idl::TraceMessageResponse> TraceMessageHandler::Look(
    const Call& call, const CatalogView& view, const core::PartitionLocation& location) const {
  const core::Offset offset{call.request.offset};
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  const auto trace = context_.stores.TracerOn(location.node)
                         ->Trace(location, offset, core::kTracedGroupsMax, deadline);
  if (!trace.ok()) {
    // It may have moved, and the catalogue be older than that.
    if (trace.error().code == ErrorCode::kDataNodeUnavailable) context_.catalog.Refresh([] {});
    return ErrorOf(view, location.node, trace.error());
  }
  idl::TraceMessageResponse response = ToWire(*trace, offset);
  if (const core::DataNode* node = view.FindNode(location.node)) {
    response.table_name = core::MessageTableName(*node, location);
    response.data_node = node->name;
  }
  AddGroups(call, *trace, response);
  LANEMQ_RETURN_IF_ERROR(AddDeeds(location, offset, *trace, deadline, response));
  return response;
}

// Without a guard, or with one that only observes, everybody may.
bool TraceMessageHandler::May(const Call& call, core::Action action,
                              const std::string& group) const {
  return !context_.guard.is_on() ||
         context_.guard
             .Check(call.caller.get(), action, core::Resource{core::ResourceKind::kGroup, group})
             .ok();
}

void TraceMessageHandler::AddGroups(const Call& call, const core::MessageTrace& trace,
                                    idl::TraceMessageResponse& response) const {
  const auto has_error = [](const core::GroupTrace& group) { return group.retry || group.letter; };
  std::optional<std::string> of_topic;
  if (std::ranges::any_of(trace.groups, has_error)) {
    of_topic = WhyHidden(context_.guard, call.caller.get(), call.request.topic);
  }
  for (const core::GroupTrace& group : trace.groups) {
    if (!May(call, core::Action::kDescribe, group.group)) {
      ++response.groups_hidden;
      continue;
    }
    auto hidden = of_topic;
    if (!hidden && has_error(group) && !May(call, core::Action::kConsume, group.group)) {
      hidden = kErrorHidden;
    }
    response.groups.push_back(
        ToWire(group, core::Offset{call.request.offset}, trace.log_start, hidden));
  }
}

Status TraceMessageHandler::AddDeeds(const core::PartitionLocation& location, core::Offset offset,
                                     const core::MessageTrace& trace, Deadline deadline,
                                     idl::TraceMessageResponse& response) const {
  std::vector<std::string> names;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < response.groups.size(); ++i) {
    const idl::GroupTrace& group = response.groups[i];
    const bool has_failed = group.__isset.retrying || group.__isset.dead_letter;
    // What it has yet to read, it has not failed.
    if (group.__isset.behind && !has_failed) continue;
    if (!group.__isset.committed_offset && !has_failed) continue;
    if (names.size() == core::kTracedDeedGroupsMax) break;
    names.push_back(group.group);
    places.push_back(i);
  }
  if (names.empty()) return {};
  const WallTime since{trace.record ? trace.record->timestamp.micros - kClockDifferenceMax.count()
                                    : 0};
  LANEMQ_ASSIGN_OR_RETURN(
      const auto deeds,
      context_.stores.TracerOn(location.node)->Deeds(location.key, offset, names, since, deadline));
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    if (deeds[i].empty()) continue;
    idl::GroupTrace& group = response.groups[places[i]];
    for (const core::TracedDeed& deed : deeds[i]) group.deeds.push_back(ToWire(deed));
    group.__isset.deeds = true;
  }
  return {};
}

}  // namespace lanemq::broker
