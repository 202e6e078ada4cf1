#include "metaserver/oncall/facts_board.h"

#include <algorithm>

#include "common/core/store/outbox_registry.h"

namespace lanemq::metaserver {
namespace {

bool IsUsed(const core::CatalogSnapshot& snapshot, core::NodeId id) {
  const auto at = std::ranges::find(snapshot.nodes, id, &core::DataNode::id);
  return at != snapshot.nodes.end() && at->state != core::NodeState::kDisabled;
}

}  // namespace

FactsBoard::FactsBoard(Options options, Stores stores, const SnapshotCache& cache,
                       const Clock& clock)
    : options_(std::move(options)), stores_(std::move(stores)), cache_(cache), clock_(clock) {}

FactsBoard::~FactsBoard() {
  OffDuty();
  std::vector<Node> nodes;
  std::vector<Cluster> clusters;
  MutexLock lock(mutex_);
  nodes.swap(leaving_nodes_);
  clusters.swap(leaving_clusters_);
}

void FactsBoard::OnEvaluated(const LagPicture& picture,
                             const std::optional<core::Fence>& /*fence*/) {
  rounds_ = picture.nodes;
  const auto snapshot = cache_.Current();
  MutexLock lock(mutex_);
  UpdateReaders(*snapshot);
}

void FactsBoard::UpdateReaders(const core::CatalogSnapshot& snapshot) {
  std::erase_if(leaving_nodes_, [](const Node& node) { return node.thread->is_done(); });
  std::erase_if(leaving_clusters_, [](const Cluster& one) { return one.thread->is_done(); });
  const auto gone =
      std::ranges::partition(nodes_, [&](const Node& node) { return IsUsed(snapshot, node.node); });
  for (Node& node : gone) {
    node.thread->RequestStop();
    leaving_nodes_.push_back(std::move(node));
  }
  nodes_.erase(gone.begin(), gone.end());
  for (const core::DataNode& node : snapshot.nodes) {
    const bool is_read =
        std::ranges::any_of(nodes_, [&](const Node& one) { return one.node == node.id; });
    if (is_read || node.state == core::NodeState::kDisabled) continue;
    auto reader = std::make_unique<NodeFactsReader>(
        options_.times, node.id, stores_.facts_on(node.id), stores_.nodes, cache_, clock_);
    auto thread = std::make_unique<Repeater>([&reader = *reader] { reader.Tick(); },
                                             options_.times.every, clock_);
    nodes_.push_back({node.id, std::move(reader), std::move(thread)});
  }
  if (cluster_) return;
  auto reader = std::make_unique<ClusterFactsReader>(options_.times, stores_.leases,
                                                     stores_.canaries, clock_);
  auto thread = std::make_unique<Repeater>([&reader = *reader] { reader.Tick(); },
                                           options_.times.every, clock_);
  cluster_.emplace(Cluster{std::move(reader), std::move(thread)});
}

void FactsBoard::OffDuty() {
  MutexLock lock(mutex_);
  for (Node& node : nodes_) {
    node.thread->RequestStop();
    leaving_nodes_.push_back(std::move(node));
  }
  nodes_.clear();
  if (!cluster_) return;
  cluster_->thread->RequestStop();
  leaving_clusters_.push_back(*std::move(cluster_));
  cluster_.reset();
}

FactsView FactsBoard::Look() const {
  FactsView view;
  view.catalog = cache_.Current();
  view.outboxes_well_since = stores_.outboxes.well_since();
  view.outboxes = stores_.outboxes.Worst(core::OutboxRegistry::kOutboxesMax);
  view.capacities = options_.capacities;
  // Two readings may fail, and one may take its time.
  view.age_max = 3 * options_.times.every + options_.times.timeout;
  view.slow_age_max = 3 * options_.times.slow_every + options_.times.timeout;
  MutexLock lock(mutex_);
  for (const Node& node : nodes_) view.nodes.push_back(node.reader->Look());
  if (cluster_) view.cluster = cluster_->reader->Look();
  return view;
}

std::map<std::string, std::chrono::milliseconds> FactsBoard::CanaryFailingFor() const {
  std::map<std::string, std::chrono::milliseconds> failing;
  const FactsView view = Look();
  const MonotonicTime now = clock_.Now();
  const auto* canaries = view.cluster.canaries.Fresh(now, view.age_max);
  if (canaries == nullptr || canaries->empty() || view.catalog == nullptr) return failing;
  for (const core::DataNode& node : view.catalog->nodes) {
    const CanarySummary summary = SummariseCanaries(
        *canaries, node.name, now - view.cluster.canaries.at, options_.canary_silent_after);
    if (summary.live > 0) failing[node.name] = summary.failing;
  }
  return failing;
}

}  // namespace lanemq::metaserver
