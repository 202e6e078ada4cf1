#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/catalog.h"
#include "common/core/types/ids.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class MetadataResponse;
}

namespace lanemq::client {

/// A topic as clients need it.
struct TopicView {
  core::TopicId id;
  core::TopicState state = core::TopicState::kActive;
  /// By partition; nullopt when no broker was alive.
  std::vector<std::optional<core::BrokerId>> preferred;

  [[nodiscard]] std::int32_t partitions() const {
    return static_cast<std::int32_t>(preferred.size());
  }
  [[nodiscard]] bool IsUsable() const {
    return state == core::TopicState::kActive && !preferred.empty();
  }
};

/// What one metadata reply said; immutable once published.
struct MetadataView {
  std::int64_t version = -1;  ///< -1: nothing is known yet.
  std::string cluster_id;
  std::vector<core::Broker> brokers;
  std::vector<rpc::Endpoint> metaservers;
  std::map<std::string, TopicView> topics;
  std::set<std::string>
      asked;  ///< The topics it was asked for: others are not absent, but unknown.

  [[nodiscard]] const core::Broker* FindBroker(core::BrokerId id) const;
  [[nodiscard]] const TopicView* FindTopic(const std::string& name) const;
  /// True when each of these that is not there was asked for, and does not exist.
  [[nodiscard]] bool Covers(const std::set<std::string>& names) const;
};

using MetadataPtr = std::shared_ptr<const MetadataView>;

[[nodiscard]] rpc::Endpoint EndpointOf(const core::Broker& broker);
/// Reads a reply that carries lists (is_unchanged is false).
[[nodiscard]] MetadataView ViewOf(const idl::MetadataResponse& response,
                                  std::set<std::string> asked);

}  // namespace lanemq::client
