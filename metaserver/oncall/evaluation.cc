#include "metaserver/oncall/evaluation.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/core/retention/retention_policy.h"

namespace lanemq::metaserver {
namespace {

bool IsWorse(const core::GroupTopicLag& a, const core::GroupTopicLag& b) {
  return std::tie(a.status, a.lag, a.lag_messages) > std::tie(b.status, b.lag, b.lag_messages);
}

}  // namespace

void Evaluation::Clear() {
  catalog_.reset();
  topics_.clear();
  logs_.clear();
  groups_.clear();
  loaded_.clear();
  wanted_.clear();
}

void Evaluation::Load(std::span<const core::LagHistoryRow> rows, MonotonicTime now) {
  loaded_at_ = now;
  for (const core::LagHistoryRow& row : rows) {
    if (row.group.empty() || row.partitions.empty()) continue;
    loaded_[{row.group, row.topic}] = core::LoadTracks(row.partitions);
  }
}

LagPicture Evaluation::Evaluate(const Input& input) {
  ++number_;
  now_ = input.now;
  // The last table lives until nobody is compared with it any more.
  const auto last_objectives = objectives_;
  if (input.book && input.book->objectives) objectives_ = input.book->objectives;
  TakeCatalog(input);
  LagPicture picture;
  picture.number = number_;
  picture.evaluated = input.now;
  picture.wall = input.wall;
  picture.is_whole = true;
  for (const Sampler::View& view : input.nodes) {
    picture.nodes.push_back(view.round);
    picture.is_whole = picture.is_whole && view.samples;
    if (!view.samples) continue;
    picture.rows_dropped += view.samples->rows_dropped;
    TakePartitions(*view.samples);
  }
  for (const Sampler::View& view : input.nodes) {
    if (view.samples) TakeGroups(*view.samples);
  }
  KeepUnsampled();
  picture.is_whole = picture.is_whole && picture.rows_dropped == 0;
  Forget(input.now);
  picture.groups.reserve(lags_.size());
  for (auto& [key, lag] : lags_) {
    Finish(lag, groups_.at(key), input);
    picture.groups.push_back(std::move(lag));
  }
  lags_.clear();
  CountTopics(picture, input);
  ChooseWanted(picture);
  FindCauses(picture, input);
  return picture;
}

void Evaluation::TakeCatalog(const Input& input) {
  sampled_.clear();
  if (catalog_ == input.catalog) return;
  catalog_ = input.catalog;
  topics_.clear();
  for (const core::Topic& topic : catalog_->topics) {
    if (topic.state != core::TopicState::kActive) continue;
    const core::RetentionPolicy policy = core::RetentionPolicyOf(topic.config);
    TopicFacts facts{&topic, std::nullopt, policy.unread == core::UnreadPolicy::kAllow};
    // Under "block" what a group has not read stays.
    if (policy.unread != core::UnreadPolicy::kBlock) facts.keep_for = policy.keep_for;
    topics_.emplace(topic.id, facts);
  }
}

void Evaluation::TakePartitions(const NodeSamples& samples) {
  for (const core::PartitionSample& partition : samples.partitions) {
    if (!IsOn(samples.node, partition.key)) continue;
    LogState& log = logs_[partition.key];
    log.end.Add(samples.at, partition.end.value);
    log.seen = number_;
    log.seen_at = now_;
    sampled_[partition.key] = partition;
  }
}

Evaluation::GroupState& Evaluation::StateOf(const GroupTopic& key, const TopicFacts& facts) {
  GroupState& state = groups_[key];
  if (objectives_ && state.objective_of != objectives_.get()) {
    state.objective = objectives_->Find(key.first, facts.topic->name);
    state.objective_of = objectives_.get();
  }
  return state;
}

core::LagTrack Evaluation::LoadedTrack(const GroupTopic& key, std::int32_t partition) {
  const auto found = loaded_.find(key);
  if (found == loaded_.end()) return {};
  const auto saved =
      std::ranges::find(found->second, partition, [](const auto& track) { return track.first; });
  if (saved == found->second.end()) return {};
  // Once: a row that goes and comes back is another one.
  const core::LagTrack track = saved->second;
  found->second.erase(saved);
  return track;
}

void Evaluation::TakeGroups(const NodeSamples& samples) {
  // Rows are sorted: those of one group and topic come together.
  GroupTopic key;
  GroupState* state = nullptr;
  core::GroupTopicLag* lag = nullptr;
  const TopicFacts* facts = nullptr;
  for (const SampledGroup& row : samples.groups) {
    const core::LagSample& sample = row.sample;
    if (lag == nullptr || key.first != sample.group || key.second != sample.key.topic) {
      const auto topic = topics_.find(sample.key.topic);
      if (topic == topics_.end() || !IsOn(samples.node, sample.key)) continue;
      facts = &topic->second;
      key = {sample.group, sample.key.topic};
      state = &StateOf(key, *facts);
      lag = &LagOf(key, *facts, *state);
    }
    if (!IsOn(samples.node, sample.key)) continue;
    auto [found, is_new] = state->partitions.try_emplace(sample.key.partition);
    PartitionState& partition = found->second;
    if (is_new) partition.track = LoadedTrack(key, sample.key.partition);
    partition.seen = number_;
    partition.seen_at = now_;
    partition.committed.Add(row.at, sample.Position().value);
    const core::LagVerdict verdict = core::Judge(partition.track, sample, row.at, state->objective,
                                                 facts->is_unread_allowed, options_.windows);
    partition.last = {sample, verdict, row.at};
    lag->partitions.push_back(partition.last);
  }
}

const core::Partition* Evaluation::Find(const core::PartitionKey& key) const {
  const auto topic = topics_.find(key.topic);
  if (topic == topics_.end()) return nullptr;
  const auto& partitions = topic->second.topic->partitions;
  // They are in order, as a rule.
  const auto place = static_cast<std::size_t>(key.partition);
  if (place < partitions.size() && partitions[place].index == key.partition) {
    return &partitions[place];
  }
  const auto found = std::ranges::find(partitions, key.partition, &core::Partition::index);
  return found != partitions.end() ? &*found : nullptr;
}

bool Evaluation::IsOn(core::NodeId node, const core::PartitionKey& key) const {
  const core::Partition* const partition = Find(key);
  return partition != nullptr && partition->node == node;
}

bool Evaluation::IsUnsampled(const core::PartitionKey& key, MonotonicTime seen_at) const {
  return now_ - seen_at <= options_.unsampled_kept && !sampled_.contains(key) &&
         Find(key) != nullptr;
}

core::GroupTopicLag& Evaluation::LagOf(const GroupTopic& key, const TopicFacts& facts,
                                       const GroupState& state) {
  core::GroupTopicLag& lag = lags_[key];
  if (!lag.group.empty()) return lag;
  lag.group = key.first;
  lag.topic = key.second;
  lag.topic_name = facts.topic->name;
  lag.objective = state.objective;
  return lag;
}

void Evaluation::KeepUnsampled() {
  for (auto& [key, state] : groups_) {
    for (auto& [index, partition] : state.partitions) {
      if (partition.seen == number_ || !IsUnsampled({key.second, index}, partition.seen_at)) {
        continue;
      }
      partition.seen = number_;
      LagOf(key, topics_.at(key.second), state).partitions.push_back(partition.last);
    }
  }
  for (auto& [key, log] : logs_) {
    if (IsUnsampled(key, log.seen_at)) log.seen = number_;
  }
}

void Evaluation::Forget(MonotonicTime now) {
  if (now - loaded_at_ > options_.loaded_kept) loaded_.clear();
  for (auto& [key, state] : groups_) {
    std::erase_if(state.partitions,
                  [this](const auto& partition) { return partition.second.seen != number_; });
  }
  std::erase_if(groups_, [](const auto& entry) { return entry.second.partitions.empty(); });
  std::erase_if(logs_, [this](const auto& log) { return log.second.seen != number_; });
}

void Evaluation::Finish(core::GroupTopicLag& group, const GroupState& state,
                        const Input& input) const {
  std::ranges::sort(group.partitions, {},
                    [](const core::JudgedPartition& p) { return p.sample.key.partition; });
  core::Summarise(group);
  const TopicFacts& facts = topics_.at(group.topic);
  std::vector<core::PartitionFlow> flows;
  flows.reserve(group.partitions.size());
  for (const core::JudgedPartition& partition : group.partitions) {
    const core::LagSample& sample = partition.sample;
    core::PartitionFlow flow{.lag_messages = sample.LagMessages()};
    if (const auto log = logs_.find(sample.key); log != logs_.end()) {
      flow.in_rate = log->second.end.PerSecond().value_or(0);
    }
    flow.out_rate = state.partitions.at(sample.key.partition).committed.PerSecond().value_or(0);
    group.in_rate += flow.in_rate;
    group.out_rate += flow.out_rate;
    flows.push_back(flow);
    const auto headroom = core::RetentionHeadroom(sample, partition.sampled_at, facts.keep_for);
    if (headroom && (!group.headroom || *headroom < *group.headroom)) group.headroom = headroom;
  }
  group.drain = core::DrainEta(flows);
  if (!input.book) return;
  const auto entry = input.book->groups.find(group.group);
  if (entry != input.book->groups.end()) group.members = entry->second.members;
}

void Evaluation::CountTopics(LagPicture& picture, const Input& input) const {
  const HourlyNorms* norms = input.book ? input.book->norms.get() : nullptr;
  std::unordered_map<core::TopicId, std::int32_t> groups;
  for (const core::GroupTopicLag& group : picture.groups) ++groups[group.topic];
  picture.topics.reserve(topics_.size());
  for (const auto& [id, facts] : topics_) {
    TopicRate rate;
    rate.topic = id;
    rate.topic_name = facts.topic->name;
    rate.is_whole = rate.is_rate_known = true;
    if (const auto found = groups.find(id); found != groups.end()) rate.groups = found->second;
    if (norms != nullptr) {
      const auto least = norms->least_produced.find(id);
      if (least != norms->least_produced.end()) rate.least_hourly = least->second;
    }
    for (const core::Partition& partition : facts.topic->partitions) {
      const core::PartitionKey key{id, partition.index};
      const auto sample = sampled_.find(key);
      if (sample == sampled_.end()) {
        rate.is_whole = rate.is_rate_known = false;
        continue;
      }
      const core::Offset start = sample->second.start;
      const core::Offset end = sample->second.end;
      rate.produced += end.value - core::kFirstOffset.value;
      rate.stored += std::max<std::int64_t>(0, end.value - start.value);
      const auto per_second = logs_.at(key).end.PerSecond();
      rate.is_rate_known = rate.is_rate_known && per_second;
      rate.rate += per_second.value_or(0);
    }
    picture.topics.push_back(std::move(rate));
  }
  std::ranges::sort(picture.topics, {}, &TopicRate::topic);
}

void Evaluation::ChooseWanted(const LagPicture& picture) {
  std::vector<const core::GroupTopicLag*> troubled;
  for (const core::GroupTopicLag& group : picture.groups) {
    if (core::IsTrouble(group.status)) troubled.push_back(&group);
  }
  std::ranges::sort(troubled, [](const auto* a, const auto* b) { return IsWorse(*a, *b); });
  wanted_.clear();
  std::set<std::string_view> seen;
  for (const core::GroupTopicLag* group : troubled) {
    seen.insert(group->group);
    if (seen.size() > options_.causes_max) break;
    wanted_.emplace_back(group->group, group->topic);
  }
}

void Evaluation::FindCauses(LagPicture& picture, const Input& input) const {
  for (core::GroupTopicLag& group : picture.groups) {
    if (core::IsTrouble(group.status)) FindCause(group, input);
  }
}

void Evaluation::FindCause(core::GroupTopicLag& group, const Input& input) const {
  core::CauseFacts facts = core::FactsOf(group);
  const TopicFacts& topic = topics_.at(group.topic);
  facts.partitions = static_cast<std::int32_t>(topic.topic->partitions.size());
  if (const core::JudgedPartition* worst = core::WorstPartition(group)) {
    const auto index = static_cast<std::size_t>(worst->sample.key.partition);
    if (index < topic.topic->partitions.size()) {
      const core::NodeId node = topic.topic->partitions[index].node;
      const auto view =
          std::ranges::find(input.nodes, node, [](const auto& v) { return v.round.node; });
      if (view != input.nodes.end()) {
        facts.node_name = view->round.name;
        facts.round_took = std::chrono::duration_cast<std::chrono::milliseconds>(view->round.took);
        const auto failing = input.canary_failing_for.find(view->round.name);
        if (failing != input.canary_failing_for.end()) facts.canary_failing_for = failing->second;
      }
    }
  }
  if (input.book) {
    if (const auto entry = input.book->groups.find(group.group);
        entry != input.book->groups.end()) {
      facts.is_stable = !entry->second.unstable_since;
      facts.group_state = entry->second.state;
      if (entry->second.unstable_since) {
        facts.unstable_for = std::chrono::duration_cast<std::chrono::milliseconds>(
            input.now - *entry->second.unstable_since);
      }
    }
    if (const auto details = input.book->details.find(group.group);
        details != input.book->details.end()) {
      facts.rebalances = details->second.rebalances;
      const auto poll = details->second.polls.find(facts.owner);
      if (poll != details->second.polls.end()) {
        facts.last_poll_age = poll->second + std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 input.now - details->second.asked);
      }
    }
    if (input.book->norms) {
      const HourlyNorms& norms = *input.book->norms;
      if (const auto in = norms.produced.find(group.topic); in != norms.produced.end()) {
        facts.in_norm = in->second;
      }
      if (const auto out = norms.consumed.find({group.group, group.topic});
          out != norms.consumed.end()) {
        facts.out_norm = out->second;
      }
    }
  }
  const core::FoundCause found = core::FindCause(facts);
  group.cause = found.cause;
  group.evidence = found.evidence;
}

std::string Evaluation::SavedTracks(const std::string& group, core::TopicId topic) const {
  const auto found = groups_.find({group, topic});
  if (found == groups_.end()) return {};
  core::PartitionTracks tracks;
  tracks.reserve(found->second.partitions.size());
  for (const auto& [index, partition] : found->second.partitions) {
    tracks.emplace_back(index, partition.track);
  }
  return core::SaveTracks(tracks);
}

}  // namespace lanemq::metaserver
