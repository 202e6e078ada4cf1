#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "metaserver/discovery/outbox_board.h"
#include "metaserver/oncall/facts.h"
#include "metaserver/oncall/facts_reader.h"
#include "metaserver/oncall/on_call_part.h"

namespace lanemq::metaserver {

/// Has everything read that alerts are about besides lag, while this metaserver is on call: each
/// data node on a thread of its own, so that one that hangs holds up nobody.
///
/// Thread safety: Look() from any thread; the rest as OnCallPart says.
class FactsBoard final : public OnCallPart {
 public:
  struct Options {
    FactsTimes times;
    /// Canaries whose reports are older live no more, in metrics.
    std::chrono::milliseconds canary_silent_after{120'000};
    NodeCapacities capacities;
  };
  /// Not owned; they outlive it.
  struct Stores {
    std::function<std::unique_ptr<core::NodeFactsSource>(core::NodeId)> facts_on;
    core::NodeAdmin& nodes;
    core::LeaseStore& leases;
    core::CanaryRegistry& canaries;
    const OutboxBoard& outboxes;
  };

  FactsBoard(Options options, Stores stores, const SnapshotCache& cache, const Clock& clock);
  /// Waits for the readings under way.
  ~FactsBoard() override;

  void OnEvaluated(const LagPicture& picture, const std::optional<core::Fence>& fence) override;
  void OffDuty() override;
  /// lanemq_node_*, lanemq_dead_letters, lanemq_delayed_*, lanemq_data_loss_*, lanemq_canary_*.
  void AddMetrics(TextMetrics& metrics) override;

  [[nodiscard]] FactsView Look() const;
  /// By the node's name: since when no live canary had a message back. Without canaries empty.
  [[nodiscard]] std::map<std::string, std::chrono::milliseconds> CanaryFailingFor() const;

 private:
  /// A reader with its thread, which ends first.
  struct Node {
    core::NodeId node;
    std::unique_ptr<NodeFactsReader> reader;
    std::unique_ptr<Repeater> thread;
  };
  struct Cluster {
    std::unique_ptr<ClusterFactsReader> reader;
    std::unique_ptr<Repeater> thread;
  };

  void UpdateReaders(const core::CatalogSnapshot& snapshot) LANEMQ_REQUIRES(mutex_);
  void AddNodeMetrics(const FactsView& view, TextMetrics& metrics) const;
  void AddMessageMetrics(const FactsView& view, TextMetrics& metrics) const;
  void AddCanaryMetrics(const FactsView& view, TextMetrics& metrics);

  const Options options_;
  const Stores stores_;
  const SnapshotCache& cache_;
  const Clock& clock_;

  // Of the thread that evaluates.
  std::vector<NodeRound> rounds_;
  /// What canaries have ever lost: by node, and what each had reported. A counter, also when a
  /// canary is forgotten.
  std::map<std::string, std::int64_t> lost_;
  std::map<std::pair<std::string, std::string>, std::int64_t> lost_seen_;

  mutable Mutex mutex_;
  std::vector<Node> nodes_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Cluster> cluster_ LANEMQ_GUARDED_BY(mutex_);
  /// Told to stop; nobody waits for them.
  std::vector<Node> leaving_nodes_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<Cluster> leaving_clusters_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
