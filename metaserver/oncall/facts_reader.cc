#include "metaserver/oncall/facts_reader.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/base/log.h"
#include "common/core/store/group_store.h"
#include "metaserver/jobs/job_runner.h"

namespace lanemq::metaserver {
namespace {

constexpr std::string_view kSlotLeases = "group-slot-";

}  // namespace

Repeater::Repeater(std::function<void()> call, std::chrono::milliseconds every, const Clock& clock)
    : call_(std::move(call)), every_(every), clock_(clock), thread_([this] { Run(); }) {}

Repeater::~Repeater() { RequestStop(); }

void Repeater::RequestStop() {
  MutexLock lock(mutex_);
  is_stopping_ = true;
  wake_.NotifyAll();
}

void Repeater::Run() {
  for (;;) {
    const Deadline next = Deadline::After(clock_, every_);
    call_();
    MutexLock lock(mutex_);
    while (!is_stopping_ && !next.HasPassed(clock_)) wake_.WaitFor(mutex_, next.Left(clock_));
    if (is_stopping_) break;
  }
  is_done_ = true;
}

NodeFactsReader::NodeFactsReader(FactsTimes times, core::NodeId node,
                                 std::unique_ptr<core::NodeFactsSource> source,
                                 core::NodeAdmin& admin, const SnapshotCache& cache,
                                 const Clock& clock)
    : times_(times),
      node_(node),
      source_(std::move(source)),
      admin_(admin),
      cache_(cache),
      clock_(clock),
      slow_due_(clock.Now()) {
  view_.node = node;
}

void NodeFactsReader::Tick() {
  core::NodeFactsQuery query = times_.query;
  for (const core::Topic& topic : cache_.Current()->topics) {
    if (topic.state == core::TopicState::kDeleting) query.deleted.push_back(topic.id);
  }
  std::ranges::sort(query.deleted);
  auto facts = source_->Read(query, ForCall());
  if (!facts.ok()) {
    LANEMQ_LOG(DEBUG, "facts.not_read", {"node", node_.value}, {"error", facts.error().ToString()});
  }
  {
    MutexLock lock(mutex_);
    view_.facts.Take(std::move(facts), clock_.Now());
  }
  if (clock_.Now() < slow_due_) return;
  slow_due_ = clock_.Now() + times_.slow_every;
  auto bytes = source_->UsedBytes(ForCall());
  if (!bytes.ok()) {
    LANEMQ_LOG(DEBUG, "facts.bytes_not_read", {"node", node_.value},
               {"error", bytes.error().ToString()});
  }
  auto health = ReadHealth();
  MutexLock lock(mutex_);
  view_.used_bytes.Take(std::move(bytes), clock_.Now());
  view_.health.Take(std::move(health), clock_.Now());
}

Result<core::NodeHealth> NodeFactsReader::ReadHealth() {
  // Its address may have changed.
  const auto snapshot = cache_.Current();
  const auto node = std::ranges::find(snapshot->nodes, node_, &core::DataNode::id);
  if (node == snapshot->nodes.end()) return Error{ErrorCode::kNotFound, "the node is gone"};
  return admin_.Health(*node, ForCall());
}

NodeFactsView NodeFactsReader::Look() const {
  MutexLock lock(mutex_);
  return view_;
}

ClusterFactsReader::ClusterFactsReader(FactsTimes times, core::LeaseStore& leases,
                                       core::CanaryRegistry& canaries, const Clock& clock)
    : times_(times), leases_(leases), canaries_(canaries), clock_(clock) {}

void ClusterFactsReader::Tick() {
  auto leases = ReadLeases();
  {
    MutexLock lock(mutex_);
    view_.leases.Take(leases, clock_.Now());
  }
  auto canaries = canaries_.List(ForCall());
  MutexLock lock(mutex_);
  view_.canaries.Take(std::move(canaries), clock_.Now());
}

Result<SlotFacts> ClusterFactsReader::ReadLeases() {
  LANEMQ_ASSIGN_OR_RETURN(const auto slots, leases_.Running(kSlotLeases, ForCall()));
  LANEMQ_ASSIGN_OR_RETURN(const auto jobs, leases_.Running(JobRunner::kLeaseName, ForCall()));
  std::set<std::string, std::less<>> held;
  for (const core::Lease& lease : slots) held.insert(lease.name);
  SlotFacts facts;
  for (int slot = 0; slot < core::kGroupSlots; ++slot) {
    facts.unheld += held.contains(core::GroupSlotLease(slot)) ? 0 : 1;
  }
  facts.has_jobs = std::ranges::any_of(
      jobs, [](const core::Lease& lease) { return lease.name == JobRunner::kLeaseName; });
  return facts;
}

ClusterFactsView ClusterFactsReader::Look() const {
  MutexLock lock(mutex_);
  return view_;
}

}  // namespace lanemq::metaserver
