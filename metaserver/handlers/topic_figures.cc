#include "metaserver/handlers/topic_figures.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <unordered_set>

namespace lanemq::metaserver {
namespace {

/// What is older is not known any more.
constexpr std::chrono::seconds kUnknownAfter{60};

using Nodes = std::unordered_set<core::NodeId>;

Nodes SampledNodes(const LagPicture& picture, MonotonicTime now) {
  Nodes nodes;
  for (const NodeRound& round : picture.nodes) {
    if (round.rounds > 0 && now - round.finished <= kUnknownAfter) nodes.insert(round.node);
  }
  return nodes;
}

/// Dead letters, and of which nodes all are known.
struct Letters {
  Nodes nodes;
  std::unordered_map<core::TopicId, std::int64_t> counts;
};

Letters LettersOf(const FactsView& facts, MonotonicTime now) {
  Letters letters;
  for (const NodeFactsView& node : facts.nodes) {
    const core::NodeFacts* known = node.facts.Fresh(now, facts.age_max);
    if (known == nullptr) continue;
    if (known->is_whole) letters.nodes.insert(node.node);
    for (const core::DeadLetterFacts& of : known->dead_letters) {
      letters.counts[of.topic] += of.letters;
    }
  }
  return letters;
}

bool AreAllOn(const Nodes& nodes, const core::Topic& topic) {
  return std::ranges::all_of(topic.partitions, [&](const core::Partition& partition) {
    return nodes.contains(partition.node);
  });
}

}  // namespace

std::unordered_map<core::TopicId, idl::TopicFigures> FiguresOf(const LagPicture& picture,
                                                               const FactsView& facts,
                                                               std::span<const core::Topic> topics,
                                                               MonotonicTime now) {
  const Nodes sampled = SampledNodes(picture, now);
  const Letters letters = LettersOf(facts, now);
  std::unordered_map<core::TopicId, idl::TopicFigures> all;
  for (const core::Topic& topic : topics) {
    if (topic.state != core::TopicState::kActive) continue;
    idl::TopicFigures figures;
    const bool has_letters = AreAllOn(letters.nodes, topic);
    if (has_letters) {
      const auto count = letters.counts.find(topic.id);
      figures.__set_dead_letters(count == letters.counts.end() ? 0 : count->second);
    }
    const auto rate = std::ranges::lower_bound(picture.topics, topic.id, {}, &TopicRate::topic);
    const bool is_sampled = rate != picture.topics.end() && rate->topic == topic.id &&
                            rate->is_whole && AreAllOn(sampled, topic);
    if (is_sampled) {
      figures.__set_stored_messages(rate->stored);
      if (rate->is_rate_known) figures.__set_in_rate(rate->rate);
      if (picture.rows_dropped == 0) figures.__set_groups(rate->groups);
    }
    if (has_letters || is_sampled) all.emplace(topic.id, figures);
  }
  return all;
}

}  // namespace lanemq::metaserver
