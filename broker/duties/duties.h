#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <prometheus/registry.h>

#include "broker/duties/node_duties.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

/// The duties of every data node of the catalogue, as far as this broker gets their leases: what
/// becomes due is delivered, redrives go on, what is too old is removed. They need no metadata
/// database.
///
/// Each node has a thread of its own, so that one that hangs does not stop the others.
/// Thread safety: every method from any thread.
class Duties {
 public:
  Duties(Stores& stores, prometheus::Registry& registry, DutyOptions options, std::string owner,
         const Clock& clock,
         std::function<std::optional<core::PartitionLocation>(const core::PartitionKey&)> locate,
         std::function<void(const core::PartitionKey&, core::Offset end)> on_appended);
  ~Duties();

  /// The catalogue's data nodes, after Stores knows them: begins with new ones, ends with those
  /// that went away, moved or were disabled. Does not wait for databases.
  void UpdateNodes(std::span<const core::DataNode> nodes);
  /// This broker has stored delayed messages on the node, the earliest due then.
  void OnScheduled(core::NodeId node, WallTime earliest_due);
  /// Gives up every lease and joins. Idempotent; UpdateNodes() does nothing from then on.
  void Stop();

 private:
  DutyMetrics metrics_;
  const DutyContext context_;
  Mutex mutex_;
  std::map<core::NodeId, std::shared_ptr<NodeDuties>> nodes_ LANEMQ_GUARDED_BY(mutex_);
  /// Told to end; kept until they have.
  std::vector<std::shared_ptr<NodeDuties>> ending_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopped_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::broker
