#include "metaserver/oncall/history_rows.h"

#include <algorithm>

namespace lanemq::metaserver {
namespace {

using std::chrono::microseconds;
constexpr std::int64_t kBucketUs = microseconds{core::kLagTiers[0].bucket}.count();
constexpr std::int64_t kIdleUs = microseconds{core::kLagTiers[1].bucket}.count();

}  // namespace

void HistoryRows::Clear() { *this = HistoryRows(); }

void HistoryRows::Load(std::span<const core::LagHistoryRow> rows) {
  for (const core::LagHistoryRow& row : rows) loaded_[{row.group, row.topic}] = row;
}

HistoryRows::Entry& HistoryRows::EntryOf(const Key& key) {
  auto [found, is_new] = entries_.try_emplace(key);
  Entry& entry = found->second;
  if (!is_new) return entry;
  entry.row.group = key.first;
  entry.row.topic = key.second;
  entry.row.at = {bucket_};
  // The beginning of this bucket, by whoever was on call then.
  if (const auto loaded = loaded_.find(key);
      loaded != loaded_.end() && loaded->second.at.micros == bucket_) {
    const core::LagHistoryRow& before = loaded->second;
    entry.row.produced = before.produced;
    entry.row.consumed = before.consumed;
    entry.row.lag_messages_max = before.lag_messages_max;
    entry.row.lag_max = before.lag_max;
    entry.worst = core::LagStatusFromString(before.worst_status).value_or(core::LagStatus::kOk);
  }
  return entry;
}

std::int64_t HistoryRows::Step(const Key& key, std::int64_t position, std::size_t parts,
                               std::int64_t number) {
  Memory& memory = memory_[key];
  const bool is_known = memory.used != 0 && memory.parts == parts;
  const std::int64_t step = is_known ? std::max<std::int64_t>(position - memory.position, 0) : 0;
  memory.position = position;
  memory.parts = parts;
  memory.used = number;
  return step;
}

void HistoryRows::AddTopics(const LagPicture& picture,
                            std::map<core::TopicId, std::int64_t>& produced) {
  for (const TopicRate& topic : picture.topics) {
    if (!topic.is_whole) continue;
    const Key key{std::string(), topic.topic};
    const std::int64_t step = Step(key, topic.produced, 1, picture.number);
    produced[topic.topic] = step;
    Entry& entry = EntryOf(key);
    entry.row.produced += step;
    entry.is_active = entry.is_active || step > 0;
  }
}

void HistoryRows::AddGroups(const LagPicture& picture,
                            const std::map<core::TopicId, std::int64_t>& produced) {
  for (const core::GroupTopicLag& group : picture.groups) {
    const Key key{group.group, group.topic};
    std::int64_t position = 0;
    for (const core::JudgedPartition& partition : group.partitions) {
      position += partition.sample.Position().value;
    }
    const std::int64_t step = Step(key, position, group.partitions.size(), picture.number);
    Entry& entry = EntryOf(key);
    core::LagHistoryRow& row = entry.row;
    row.consumed += step;
    if (const auto found = produced.find(group.topic); found != produced.end()) {
      row.produced += found->second;
      entry.is_active = entry.is_active || found->second > 0;
    }
    row.lag_messages = group.lag_messages;
    row.lag_messages_max = std::max(row.lag_messages_max, group.lag_messages);
    row.lag_max =
        std::max(row.lag_max, std::chrono::duration_cast<std::chrono::milliseconds>(group.lag));
    row.members = group.members;
    entry.worst = std::max(entry.worst, group.status);
    entry.is_active =
        entry.is_active || step > 0 || group.lag_messages > 0 || core::IsTrouble(group.status);
  }
}

bool HistoryRows::IsWorthARow(const Key& key, const Entry& entry) const {
  if (entry.is_active) return true;
  const auto memory = memory_.find(key);
  return memory == memory_.end() || bucket_ - memory->second.written >= kIdleUs;
}

std::vector<core::LagHistoryRow> HistoryRows::Begun(const SavedTracksFn& tracks) const {
  std::vector<core::LagHistoryRow> rows;
  for (const auto& [key, entry] : entries_) {
    if (!IsWorthARow(key, entry)) continue;
    core::LagHistoryRow& row = rows.emplace_back(entry.row);
    row.worst_status = core::ToString(entry.worst);
    if (!key.first.empty()) row.partitions = tracks(key.first, key.second);
  }
  return rows;
}

std::vector<core::LagHistoryRow> HistoryRows::Add(const LagPicture& picture, WallTime at,
                                                  const SavedTracksFn& tracks) {
  std::vector<core::LagHistoryRow> ended;
  const std::int64_t bucket = at.micros - at.micros % kBucketUs;
  if (bucket > bucket_) {
    ended = Begun(tracks);
    for (const core::LagHistoryRow& row : ended) memory_[{row.group, row.topic}].written = bucket_;
    entries_.clear();
    if (bucket_ != 0) loaded_.clear();
    bucket_ = bucket;
  }
  std::map<core::TopicId, std::int64_t> produced;
  AddTopics(picture, produced);
  AddGroups(picture, produced);
  std::erase_if(memory_, [&](const auto& one) { return one.second.used != picture.number; });
  return ended;
}

}  // namespace lanemq::metaserver
