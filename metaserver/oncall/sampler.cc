#include "metaserver/oncall/sampler.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

Sampler::Sampler(Options options, core::DataNode node, std::unique_ptr<core::LagSource> source,
                 SnapshotCache& cache, const Clock& clock, std::function<void()> on_round)
    : options_(options),
      node_(std::move(node)),
      source_(std::move(source)),
      cache_(cache),
      clock_(clock),
      on_round_(std::move(on_round)),
      lag_(node_.id, options_.quiet) {
  view_.round.node = node_.id;
  view_.round.name = node_.name;
  view_.round.began_to_sample = clock_.Now();
}

void Sampler::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void Sampler::RequestStop() {
  MutexLock lock(mutex_);
  is_stopping_ = true;
  wake_.NotifyAll();
}

void Sampler::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

void Sampler::Run() {
  for (;;) {
    const Deadline next = Deadline::After(clock_, options_.interval);
    Tick();
    MutexLock lock(mutex_);
    while (!is_stopping_ && !next.HasPassed(clock_)) wake_.WaitFor(mutex_, next.Left(clock_));
    if (is_stopping_) return;
  }
}

void Sampler::Tick() {
  const MonotonicTime began = clock_.Now();
  const Status done = Round();
  const MonotonicTime ended = clock_.Now();
  bool is_news = false;
  {
    MutexLock lock(mutex_);
    NodeRound& round = view_.round;
    is_news = round.is_ok != done.ok();
    round.is_ok = done.ok();
    round.took = std::chrono::duration_cast<std::chrono::microseconds>(ended - began);
    if (done.ok()) {
      view_.samples = lag_.samples();
      round.at = view_.samples->at;
      round.finished = ended;
      round.rows_dropped = view_.samples->rows_dropped;
      ++round.rounds;
      round.failures_in_a_row = 0;
      round.error.clear();
    } else {
      ++round.failures;
      ++round.failures_in_a_row;
      round.error = done.error().ToString();
      round.has_answered = done.error().code == ErrorCode::kConflict;
    }
  }
  if (is_news && !done.ok()) {
    LANEMQ_LOG(WARN, "lag.round_failed", {"node", node_.name}, {"error", done.error().ToString()});
  }
  on_round_();
}

std::vector<core::PartitionLocation> Sampler::Partitions() const {
  const auto snapshot = cache_.Current();
  std::vector<core::PartitionLocation> all;
  for (const core::Topic& topic : snapshot->topics) {
    if (topic.state != core::TopicState::kActive) continue;
    for (const core::Partition& partition : topic.partitions) {
      if (partition.node == node_.id) all.push_back(topic.LocationOf(partition));
    }
  }
  std::ranges::sort(all);
  return all;
}

Status Sampler::Round() {
  const Deadline deadline = Deadline::After(clock_, options_.round_timeout);
  // Twice: a table may go away between the catalogue and the statement.
  for (int attempt = 0;; ++attempt) {
    const NodeLag::Plan plan = lag_.Next(Partitions());
    auto round = source_->Sample({.partitions = plan.partitions,
                                  .known_ends = plan.known_ends,
                                  .rows_max = options_.rows_max},
                                 deadline);
    if (round.ok()) {
      lag_.Take(plan, *std::move(round));
      return {};
    }
    const bool may_repeat =
        round.error().code == ErrorCode::kConflict && attempt == 0 && !deadline.HasPassed(clock_);
    if (!may_repeat) return round.error();
    cache_.Reload();
  }
}

Sampler::View Sampler::Look() const {
  MutexLock lock(mutex_);
  return view_;
}

}  // namespace lanemq::metaserver
