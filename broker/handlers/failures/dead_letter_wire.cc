#include "broker/handlers/failures/dead_letter_wire.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "broker/handlers/needs_peek.h"
#include "broker/handlers/presence.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::size_t kIdsMax = 1'000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

}  // namespace

std::optional<std::string> WhyHidden(const Guard& guard, const core::Caller* caller,
                                     const std::string& topic) {
  const core::Resource resource{core::ResourceKind::kTopic, topic};
  // As fetch does it: or people would fail what they may not see, and read it as dead letters.
  if (NeedsPeek(guard, caller)) {
    const Status may_peek = guard.Check(caller, core::Action::kPeek, resource);
    if (may_peek.ok()) return {};
    return "left out: " + may_peek.error().message;
  }
  const Status may_consume = guard.Check(caller, core::Action::kConsume, resource);
  if (may_consume.ok() || guard.Check(caller, core::Action::kPeek, resource).ok()) return {};
  return "left out: " + may_consume.error().message;
}

Status CheckFilter(const idl::DeadLetterFilter& filter, const core::Limits& limits) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup(filter.group, limits));
  if (filter.__isset.partition && !filter.__isset.topic) {
    return Invalid("a filter's partition goes with its topic");
  }
  if (filter.reason.size() > core::kFailureReasonBytesMax) {
    return Invalid(fmt::format("a reason has at most {} bytes", core::kFailureReasonBytesMax));
  }
  if (filter.key.size() > limits.key_bytes_max) {
    return Invalid(fmt::format("a key has at most {} bytes", limits.key_bytes_max));
  }
  if (filter.__isset.from_us && filter.__isset.until_us && filter.from_us >= filter.until_us) {
    return Invalid("from_us is before until_us");
  }
  if (filter.from_us < 0 || filter.until_us < 0) return Invalid("times are after 1970");
  if (!filter.__isset.ids) return {};
  if (filter.ids.empty() || filter.ids.size() > kIdsMax) {
    return Invalid(fmt::format("a list of ids has 1 to {}, not {}", kIdsMax, filter.ids.size()));
  }
  for (const idl::DeadLetterId& id : filter.ids) {
    if (id.group != filter.group) return Invalid("an id is of another group than the filter");
    if (id.offset < core::kFirstOffset.value) return Invalid("an id's offset is at least 1");
  }
  return {};
}

std::vector<std::string> TopicsOf(const idl::DeadLetterFilter& filter) {
  std::vector<std::string> topics = TopicsOf(filter.ids);
  if (filter.__isset.topic) topics.push_back(filter.topic);
  return topics;
}

Result<std::map<core::NodeId, core::DeadLetterFilter>> SplitFilter(
    const CatalogView& view, const idl::DeadLetterFilter& filter) {
  core::DeadLetterFilter all;
  all.group = filter.group;
  if (filter.__isset.reason) all.reason = filter.reason;
  if (filter.__isset.key) all.key = filter.key;
  if (filter.__isset.from_us) all.from = WallTime{filter.from_us};
  if (filter.__isset.until_us) all.until = WallTime{filter.until_us};
  if (filter.__isset.topic) {
    LANEMQ_ASSIGN_OR_RETURN(all.topic, TopicIdOf(view, filter.topic));
  }
  std::vector<core::NodeId> nodes;
  if (filter.__isset.partition) {
    LANEMQ_ASSIGN_OR_RETURN(const auto found, view.Find(filter.topic, filter.partition));
    all.partition = found.location.key;
    nodes.push_back(found.location.node);
  } else if (all.topic) {
    for (const core::Partition& partition : view.FindTopic(*all.topic)->topic->partitions) {
      nodes.push_back(partition.node);
    }
  } else {
    for (const NodePart& part : EveryNode(view)) nodes.push_back(part.node);
  }
  std::map<core::NodeId, core::DeadLetterFilter> out;
  if (!filter.__isset.ids) {
    for (const core::NodeId node : nodes) out.emplace(node, all);
    return out;
  }
  for (const idl::DeadLetterId& id : filter.ids) {
    LANEMQ_ASSIGN_OR_RETURN(const auto found, view.Find(id.topic, id.partition));
    const auto [place, is_new] = out.try_emplace(found.location.node, all);
    place->second.ids.push_back({id.group, found.location.key, core::Offset{id.offset}});
  }
  return out;
}

Status CheckPresence(const HandlerContext& context, const CatalogView& view, core::NodeId node,
                     const core::DeadLetterFilter& filter, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const Presence presence, Presence::Of(context, node, deadline));
  if (filter.partition) return presence.Check({&*filter.partition, 1});
  if (filter.ids.empty()) return presence.CheckAll(view, filter.topic);
  std::vector<core::PartitionKey> keys;
  for (const core::FailedId& id : filter.ids) keys.push_back(id.key);
  return presence.Check(keys);
}

std::vector<NodePart> PartsOf(const std::map<core::NodeId, core::DeadLetterFilter>& filters) {
  std::vector<NodePart> parts;
  for (const auto& [node, filter] : filters) parts.push_back({node, {}, {}});
  return parts;
}

void ToWire(const CatalogView& view, const core::DeadLetter& letter, idl::DeadLetter& out) {
  out.id.group = letter.id.group;
  out.id.topic = view.FindTopic(letter.id.key.topic)->topic->name;
  out.id.partition = letter.id.key.partition;
  out.id.offset = letter.id.offset.value;
  wire::ToWire(*letter.record, out.message);
  out.attempts = letter.history.attempts;
  out.__set_reason(letter.history.last.reason);
  out.__set_first_error(letter.history.first.error);
  out.__set_last_error(letter.history.last.error);
  out.__set_first_failed_at_us(letter.history.first_at.micros);
  out.__set_last_failed_at_us(letter.history.last_at.micros);
  out.__set_dead_at_us(letter.dead_at.micros);
}

const char* RedriveStateName(core::RedriveState state) {
  switch (state) {
    case core::RedriveState::kRunning:
      return "running";
    case core::RedriveState::kDone:
      return "done";
    case core::RedriveState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

idl::Redrive ToWire(const core::RedriveJob& job, const std::string& data_node) {
  idl::Redrive out;
  out.id = job.id;
  out.group = job.filter.group;
  out.data_node = data_node;
  out.state = RedriveStateName(job.state);
  out.target = job.target == core::RedriveTarget::kTopic ? idl::RedriveTarget::TOPIC
                                                         : idl::RedriveTarget::GROUP;
  out.moved = job.moved;
  out.created_at_us = job.created_at.micros;
  if (job.finished_at) out.__set_finished_at_us(job.finished_at->micros);
  if (job.per_second > 0) out.__set_per_second(job.per_second);
  out.__set_requested_by(job.note.requested_by);
  out.__set_reason(job.note.reason);
  return out;
}

idl::DeadLetterDeed ToWire(const core::DeadLetterDeed& deed) {
  idl::DeadLetterDeed out;
  out.at_us = deed.at.micros;
  out.action = deed.action;
  out.group = deed.group;
  out.letters = deed.count;
  out.detail = deed.detail;
  out.requested_by = deed.note.requested_by;
  out.reason = deed.note.reason;
  return out;
}

void WithTopicIds(Catalog& catalog, std::shared_ptr<const CatalogView> view,
                  const std::vector<core::TopicId>& ids,
                  std::function<void(std::shared_ptr<const CatalogView>)> then) {
  const bool are_known =
      std::ranges::all_of(ids, [&](core::TopicId id) { return view->FindTopic(id) != nullptr; });
  if (are_known) return then(std::move(view));
  catalog.Refresh([&catalog, then = std::move(then)] { then(catalog.View()); });
}

}  // namespace lanemq::broker
