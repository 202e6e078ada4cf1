#include "broker/catalog/catalog_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "common/core/placement/preferred_broker.h"

namespace lanemq::broker {
namespace {

// The metaserver has checked the value; one that does not parse leaves the default.
std::size_t MessageBytesMax(const core::Topic& topic, const core::Limits& limits) {
  const auto it = topic.config.find("max.message.bytes");
  if (it == topic.config.end()) return limits.message_bytes_max;
  std::size_t value = 0;
  const std::string& text = it->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    return limits.message_bytes_max;
  }
  return std::min(value, core::kMessageBytesHardMax);
}

}  // namespace

CatalogView::CatalogView(core::CatalogSnapshot snapshot, core::Limits limits)
    : snapshot_(std::move(snapshot)) {
  for (const core::Topic& topic : snapshot_.topics) {
    TopicEntry entry;
    entry.topic = &topic;
    entry.message_bytes_max = MessageBytesMax(topic, limits);
    entry.preferred.reserve(topic.partitions.size());
    for (const core::Partition& partition : topic.partitions) {
      entry.preferred.push_back(
          core::PreferredBroker({topic.id, partition.index}, snapshot_.brokers));
    }
    const auto it = by_name_.emplace(topic.name, std::move(entry)).first;
    by_id_[topic.id] = &it->second;
  }
}

const TopicEntry* CatalogView::FindTopic(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

const TopicEntry* CatalogView::FindTopic(core::TopicId id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

const core::DataNode* CatalogView::FindNode(core::NodeId id) const {
  for (const core::DataNode& node : snapshot_.nodes) {
    if (node.id == id) return &node;
  }
  return nullptr;
}

Result<PartitionRef> CatalogView::Find(std::string_view name, std::int32_t partition) const {
  const TopicEntry* entry = FindTopic(name);
  if (entry == nullptr || entry->topic->state != core::TopicState::kActive) {
    const bool is_deleted = entry != nullptr && entry->topic->state == core::TopicState::kDeleting;
    return Error{ErrorCode::kUnknownTopicOrPartition,
                 fmt::format("no topic \"{}\"{}", name, is_deleted ? ": it was deleted" : "")};
  }
  const auto& partitions = entry->topic->partitions;
  if (partition < 0 || static_cast<std::size_t>(partition) >= partitions.size()) {
    return Error{ErrorCode::kUnknownTopicOrPartition,
                 fmt::format("topic \"{}\" has partitions 0 to {}, not {}", name,
                             static_cast<std::int64_t>(partitions.size()) - 1, partition)};
  }
  const auto index = static_cast<std::size_t>(partition);
  return PartitionRef{entry, entry->topic->LocationOf(partitions[index]), entry->preferred[index]};
}

}  // namespace lanemq::broker
