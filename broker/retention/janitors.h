#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/registry.h>

#include "broker/retention/node_janitor.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

/// Retention on every data node of the catalogue, as far as this broker gets their leases. Needs no
/// metadata database: settings are those of the catalogue that this broker has, while a metaserver
/// confirms it (see JanitorOptions::catalog_age_max).
///
/// Each node has a thread of its own, so that one that hangs does not stop the others.
/// Thread safety: every method from any thread.
class Janitors {
 public:
  Janitors(Stores& stores, prometheus::Registry& registry, JanitorOptions options,
           std::string owner, const Clock& clock,
           std::function<void(const core::PartitionKey&, core::Offset start)> on_start,
           std::function<std::optional<MonotonicTime>()> confirmed_at);
  ~Janitors();

  /// The catalogue, after Stores knows its nodes: begins with new nodes, ends with those that went
  /// away, moved or were disabled. Does not wait for databases.
  void Update(const core::CatalogSnapshot& catalog);
  /// To be written down on the partition's node: soon, and once, unless too many are.
  void RecordLoss(const core::PartitionKey& key, core::Offset from, core::Offset to,
                  const std::string& broker);
  /// Gives up every lease and joins. Idempotent; Update() does nothing from then on.
  void Stop();

 private:
  RetentionMetrics metrics_;
  const JanitorContext context_;
  Mutex mutex_;
  std::map<core::NodeId, std::shared_ptr<NodeJanitor>> nodes_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::PartitionKey, core::NodeId> node_of_ LANEMQ_GUARDED_BY(mutex_);
  /// Told to end; kept until they have.
  std::vector<std::shared_ptr<NodeJanitor>> ending_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopped_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::broker
