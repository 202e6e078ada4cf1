#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "common/core/types/limits.h"

namespace lanemq::broker {

/// A topic with what every request needs of it, worked out once per catalogue version.
struct TopicEntry {
  const core::Topic* topic = nullptr;
  std::size_t message_bytes_max = 0;                     ///< max.message.bytes, or the default.
  std::vector<std::optional<core::BrokerId>> preferred;  ///< By partition; nullopt: nobody lives.
};

/// A partition of a request, found in the catalogue.
struct PartitionRef {
  const TopicEntry* topic = nullptr;  ///< Lives as long as the view it came from.
  core::PartitionLocation location;
  std::optional<core::BrokerId> preferred;
};

/// One version of the catalogue, indexed. Immutable.
class CatalogView {
 public:
  explicit CatalogView(core::CatalogSnapshot snapshot, core::Limits limits = {});
  CatalogView(const CatalogView&) = delete;
  CatalogView& operator=(const CatalogView&) = delete;

  [[nodiscard]] const core::CatalogSnapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const TopicEntry* FindTopic(std::string_view name) const;
  [[nodiscard]] const TopicEntry* FindTopic(core::TopicId id) const;
  [[nodiscard]] const core::DataNode* FindNode(core::NodeId id) const;
  /// kUnknownTopicOrPartition when it does not exist, or is not (any more) active.
  Result<PartitionRef> Find(std::string_view topic, std::int32_t partition) const;

 private:
  const core::CatalogSnapshot snapshot_;
  std::unordered_map<std::string_view, TopicEntry> by_name_;
  std::unordered_map<core::TopicId, const TopicEntry*> by_id_;
};

}  // namespace lanemq::broker
