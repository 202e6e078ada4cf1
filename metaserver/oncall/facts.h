#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/store/canary_registry.h"
#include "common/core/store/node_admin.h"
#include "common/core/store/node_facts.h"
#include "common/core/store/outbox_registry.h"
#include "metaserver/catalog/snapshot_cache.h"

namespace lanemq::metaserver {

/// Something that is read again and again, as it was read last.
template <typename T>
struct Fact {
  std::shared_ptr<const T> value;           ///< nullptr: no reading has succeeded yet.
  MonotonicTime at;                         ///< When it was read.
  std::optional<MonotonicTime> well_since;  ///< Every reading since then has succeeded.

  void Take(Result<T> read, MonotonicTime now) {
    if (!read.ok()) {
      well_since.reset();
      return;
    }
    value = std::make_shared<const T>(*std::move(read));
    at = now;
    if (!well_since) well_since = now;
  }
  /// nullptr: it is older than that.
  [[nodiscard]] const T* Fresh(MonotonicTime now, std::chrono::nanoseconds age_max) const {
    return value && now - at <= age_max ? value.get() : nullptr;
  }
};

/// What is known of one data node.
struct NodeFactsView {
  core::NodeId node;
  Fact<core::NodeFacts> facts;
  Fact<std::int64_t> used_bytes;
  Fact<core::NodeHealth> health;
};

struct SlotFacts {
  std::int32_t unheld = 0;  ///< Slots of groups whose lease nobody holds.
  bool has_jobs = false;    ///< Somebody holds the lease of the background jobs.
};

/// What is known of the cluster.
struct ClusterFactsView {
  Fact<SlotFacts> leases;
  Fact<std::vector<core::RegisteredCanary>> canaries;
};

/// Bytes that data nodes may use, as an operator declared them.
struct NodeCapacities {
  std::int64_t others = 0;  ///< Of nodes that are not named; 0: not declared.
  std::map<std::string, std::int64_t, std::less<>> named;

  /// 0: not declared.
  [[nodiscard]] std::int64_t Of(std::string_view node) const;
};
/// "n1=500000000000,n2=100000000000", with one number without a name for the others; "" is none.
/// kInvalidConfig says what is wrong.
Result<NodeCapacities> ParseCapacities(std::string_view text);

/// Everything that is known, for observations and metrics.
struct FactsView {
  SnapshotCache::SnapshotPtr catalog;
  std::vector<NodeFactsView> nodes;  ///< Those that are read: not disabled ones.
  ClusterFactsView cluster;
  std::vector<core::RegisteredOutbox> outboxes;
  std::optional<MonotonicTime> outboxes_well_since;  ///< As Fact::well_since.
  NodeCapacities capacities;
  std::chrono::nanoseconds age_max{0};       ///< Facts that are older are not known.
  std::chrono::nanoseconds slow_age_max{0};  ///< The same of used bytes and health.

  /// nullptr: nothing is known of it.
  [[nodiscard]] const NodeFactsView* Find(core::NodeId node) const;
};

/// What was acknowledged survives a crash of the node's machine.
[[nodiscard]] bool IsDurable(const core::NodeHealth& health);

/// What the canaries tell of a data node, all together.
struct CanarySummary {
  int known = 0;                        ///< That have ever reported on it, and are remembered.
  int live = 0;                         ///< Those whose report is not too old.
  std::chrono::milliseconds silent{0};  ///< Since the youngest report.
  /// Since one had a message back, if none had since it last reported.
  std::chrono::milliseconds age{0};
  /// Of live ones: since one had a message back, at the least.
  std::chrono::milliseconds failing{0};
  std::chrono::milliseconds p50{0};  ///< Of live ones, at the least.
  std::string last_error;            ///< Of a live one that has one.
};
/// `unread`: since the canaries were read. Reports older than `silent_after` are of canaries that
/// live no more.
[[nodiscard]] CanarySummary SummariseCanaries(const std::vector<core::RegisteredCanary>& canaries,
                                              std::string_view node,
                                              std::chrono::nanoseconds unread,
                                              std::chrono::milliseconds silent_after);

}  // namespace lanemq::metaserver
