#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/node_admin.h"

namespace lanemq::testing {

/// Audit logs of data nodes in memory, by the node's name; nodes may hang. Nothing else is asked.
class TestNodeAudit final : public core::NodeAdmin {
 public:
  void Append(const std::string& node, std::int64_t at) {
    MutexLock lock(mutex_);
    std::vector<core::AuditEvent>& log = logs_[node];
    core::AuditEvent event;
    event.id = static_cast<std::int64_t>(log.size()) + 1;
    event.at = WallTime{at};
    log.push_back(std::move(event));
  }
  /// These do not answer, whatever deadline they were given, until they are there again.
  void SetAway(std::set<std::string> nodes) {
    MutexLock lock(mutex_);
    away_ = std::move(nodes);
    wake_.NotifyAll();
  }
  /// The newest search.
  [[nodiscard]] core::AuditSearch last() const {
    MutexLock lock(mutex_);
    return last_;
  }

  Result<core::AuditPage> SearchAudit(const core::DataNode& node, const core::AuditSearch& search,
                                      Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    while (away_.contains(node.name)) wake_.Wait(mutex_);
    last_ = search;
    core::AuditPage page;
    const std::vector<core::AuditEvent>& log = logs_[node.name];
    for (auto at = log.rbegin(); at != log.rend(); ++at) {
      if (search.before_id && at->id >= *search.before_id) continue;
      page.has_more = page.events.size() == search.max;
      if (page.has_more) break;
      page.events.push_back(*at);
    }
    return page;
  }
  Status Prepare(const core::DataNode&, Deadline) override { return NotAsked(); }
  Result<std::int64_t> CountPartitions(const core::DataNode&, Deadline) override {
    return NotAsked();
  }
  Result<core::NodeHealth> Health(const core::DataNode&, Deadline) override { return NotAsked(); }
  Result<core::NodeProbe> Probe(const core::DataNode&, Deadline) override { return NotAsked(); }
  Result<core::NodeInventory> Inventory(const core::DataNode&, Deadline) override {
    return NotAsked();
  }
  Result<std::vector<core::NodeTableFacts>> LookAt(const core::DataNode&,
                                                   std::span<const core::NodeTable>,
                                                   Deadline) override {
    return NotAsked();
  }

 private:
  static Error NotAsked() { return {ErrorCode::kUnknownServerError, "not asked for"}; }

  mutable Mutex mutex_;
  CondVar wake_;
  std::map<std::string, std::vector<core::AuditEvent>> logs_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::string> away_ LANEMQ_GUARDED_BY(mutex_);
  core::AuditSearch last_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::testing
