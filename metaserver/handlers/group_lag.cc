#include "metaserver/handlers/group_lag.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/on_call.h"

namespace lanemq::metaserver {
namespace {

using core::GroupTopicLag;
using core::JudgedPartition;

constexpr std::int32_t kMaxDefault = 100;
constexpr std::int32_t kMaxMost = 10'000;
/// A reply has its limits: topics beyond come without their partitions.
constexpr std::size_t kPartitionsMax = 20'000;
/// What is older is not known any more.
constexpr std::chrono::seconds kUnknownAfter{60};

template <typename Duration>
std::int64_t Ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// What a partition's place tells of its figures.
struct Node {
  std::string name;
  bool is_known = false;
  std::optional<std::chrono::seconds> age;  ///< Of the newest round; nullopt: there was none.
};
using Nodes = std::unordered_map<core::NodeId, Node>;
using Topics = std::unordered_map<core::TopicId, const core::Topic*>;

/// `unknown`: the node for which nothing is known of the group any more; nullptr: something is.
struct Chosen {
  const GroupTopicLag* group;
  const Node* unknown;
};

idl::PartitionLag ToWire(const JudgedPartition& partition, const Node* node) {
  const core::LagSample& sample = partition.sample;
  const core::LagVerdict& verdict = partition.verdict;
  idl::PartitionLag wire;
  wire.partition = sample.key.partition;
  const bool is_known = node == nullptr || node->is_known;
  wire.status = is_known ? std::string(core::ToString(verdict.status)) : "UNKNOWN";
  wire.lag_messages = verdict.lag_messages;
  wire.lag_ms = Ms(verdict.lag);
  wire.committed = sample.committed.value;
  wire.log_start = sample.start.value;
  wire.log_end = sample.end.value;
  if (!sample.member_id.empty()) wire.__set_member_id(sample.member_id);
  if (sample.committed.value >= 0) wire.__set_committed_us(sample.committed_at.micros);
  if (verdict.moved_at.micros > 0) wire.__set_moved_us(verdict.moved_at.micros);
  if (sample.claims > 0) wire.__set_claims(sample.claims);
  if (sample.attempts > 0) wire.__set_attempts(sample.attempts);
  if (sample.is_paused) {
    wire.__set_paused_until_us(sample.paused_until ? sample.paused_until->micros : 0);
    if (!sample.pause_reason.empty()) wire.__set_pause_reason(sample.pause_reason);
  }
  if (verdict.rewound_from) wire.__set_rewound_from(verdict.rewound_from->value);
  if (sample.lost_messages > 0) wire.__set_lost_messages(sample.lost_messages);
  if (node != nullptr) wire.__set_node(node->name);
  return wire;
}

idl::TopicLag ToWire(const Chosen& chosen) {
  const GroupTopicLag& group = *chosen.group;
  idl::TopicLag wire;
  wire.group = group.group;
  wire.topic = group.topic_name;
  if (chosen.unknown != nullptr) {
    // What was wrong when it was last seen explains nothing now.
    const auto& [name, is_known, age] = *chosen.unknown;
    wire.status = "UNKNOWN";
    wire.__set_evidence(age ? fmt::format("data node {} was last read {} s ago", name, age->count())
                            : fmt::format("data node {} was not read yet", name));
  } else {
    wire.status = core::ToString(group.status);
  }
  if (chosen.unknown == nullptr && group.cause != core::LagCause::kNone) {
    wire.__set_cause(std::string(core::ToString(group.cause)));
    wire.__set_evidence(group.evidence);
  }
  wire.__set_since_us(group.since.micros);
  wire.lag_messages = group.lag_messages;
  wire.lag_ms = Ms(group.lag);
  wire.objective_ms = Ms(group.objective.objective);
  wire.members = group.members;
  wire.in_rate = group.in_rate;
  wire.out_rate = group.out_rate;
  if (group.drain) wire.__set_drain_ms(group.drain->count());
  if (group.headroom) wire.__set_headroom_ms(group.headroom->count());
  wire.__set_owner(group.objective.owner);
  wire.__set_tier(group.objective.tier);
  wire.__set_alerts_on(group.objective.alerts_on);
  wire.__set_partition_count(static_cast<std::int32_t>(group.partitions.size()));
  wire.__set_troubled_partitions(static_cast<std::int32_t>(std::ranges::count_if(
      group.partitions,
      [](const JudgedPartition& partition) { return core::IsTrouble(partition.verdict.status); })));
  return wire;
}

/// Nodes by partition of the topic.
const Node* NodeOf(const core::Topic* topic, std::int32_t partition, const Nodes& nodes) {
  if (topic == nullptr || static_cast<std::size_t>(partition) >= topic->partitions.size()) {
    return nullptr;
  }
  const auto found = nodes.find(topic->partitions[static_cast<std::size_t>(partition)].node);
  return found == nodes.end() ? nullptr : &found->second;
}

/// The node of a group of which no partition is known; nullptr: some are, or there are none.
const Node* UnknownNode(const GroupTopicLag& group, const Topics& topics, const Nodes& nodes) {
  const auto topic = topics.find(group.topic);
  if (topic == topics.end()) return nullptr;
  const Node* unknown = nullptr;
  for (const JudgedPartition& partition : group.partitions) {
    const Node* node = NodeOf(topic->second, partition.sample.key.partition, nodes);
    if (node == nullptr || node->is_known) return nullptr;
    if (unknown == nullptr) unknown = node;
  }
  return unknown;
}

std::vector<Chosen> Choose(const LagPicture& picture, const Topics& topics, const Nodes& nodes,
                           const idl::GroupLagRequest& request) {
  const bool wants_trouble = request.__isset.only_troubled && request.only_troubled;
  std::vector<Chosen> chosen;
  for (const GroupTopicLag& group : picture.groups) {
    if (request.__isset.group && group.group != request.group) continue;
    if (request.__isset.topic && group.topic_name != request.topic) continue;
    const Node* unknown = UnknownNode(group, topics, nodes);
    if (wants_trouble && unknown == nullptr && !core::IsTrouble(group.status)) continue;
    chosen.push_back({&group, unknown});
  }
  // What was worst when it was last seen stays where it was.
  std::ranges::sort(chosen, [](const Chosen& left, const Chosen& right) {
    const GroupTopicLag& a = *left.group;
    const GroupTopicLag& b = *right.group;
    return std::tie(b.status, b.lag, b.lag_messages, a.group, a.topic_name) <
           std::tie(a.status, a.lag, a.lag_messages, b.group, b.topic_name);
  });
  return chosen;
}

/// How old the figures are, and which nodes' are older than they should be.
Nodes TellRounds(const LagPicture& picture, MonotonicTime now, idl::GroupLagResponse& out) {
  Nodes nodes;
  std::vector<std::string> stale;
  MonotonicTime oldest = now;
  for (const NodeRound& round : picture.nodes) {
    Node& node = nodes[round.node];
    node.name = round.name;
    node.is_known = round.rounds > 0 && now - round.finished <= kUnknownAfter;
    if (round.rounds > 0) {
      node.age = std::chrono::duration_cast<std::chrono::seconds>(now - round.finished);
    }
    if (!round.is_ok) stale.push_back(round.name);
    if (round.rounds == 0 || round.finished >= oldest) continue;
    oldest = round.finished;
    out.sampled_us = round.at.micros;
    out.age_ms = Ms(now - oldest);
  }
  if (!stale.empty()) out.__set_stale_nodes(stale);
  return nodes;
}

}  // namespace

Result<idl::GroupLagResponse> TellLag(const LagPicture& picture,
                                      std::span<const core::Topic> all_topics,
                                      const idl::GroupLagRequest& request, MonotonicTime now) {
  if (request.__isset.group) LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  const std::int32_t max = request.__isset.max ? request.max : kMaxDefault;
  if (max < 1 || max > kMaxMost) {
    return Error{ErrorCode::kInvalidRequest, "max is 1 to " + std::to_string(kMaxMost)};
  }
  idl::GroupLagResponse out;
  const Nodes nodes = TellRounds(picture, now, out);
  Topics topics;
  for (const core::Topic& topic : all_topics) topics[topic.id] = &topic;
  const auto chosen = Choose(picture, topics, nodes, request);
  out.total = static_cast<std::int64_t>(chosen.size());
  std::size_t partitions = 0;
  for (const Chosen& one : chosen) {
    if (out.topics.size() >= static_cast<std::size_t>(max)) break;
    idl::TopicLag& wire = out.topics.emplace_back(ToWire(one));
    partitions += one.group->partitions.size();
    const bool is_wanted = request.__isset.include_partitions && request.include_partitions;
    if (!is_wanted || partitions > kPartitionsMax) continue;
    wire.__isset.partitions = true;
    for (const JudgedPartition& partition : one.group->partitions) {
      wire.partitions.push_back(ToWire(
          partition, NodeOf(topics[one.group->topic], partition.sample.key.partition, nodes)));
    }
  }
  return out;
}

Result<idl::GroupLagResponse> GroupLag(Services& services, const idl::GroupLagRequest& request) {
  const OnCall* on_call = services.on_call;
  const auto picture = on_call == nullptr ? nullptr : on_call->board().Current();
  if (!picture) {
    return Error{ErrorCode::kNotCoordinator, "this metaserver is not on call, or not ready yet"};
  }
  const auto snapshot = services.cache.Current();
  return TellLag(*picture, snapshot->topics, request, services.clock.Now());
}

}  // namespace lanemq::metaserver
