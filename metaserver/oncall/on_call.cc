#include "metaserver/oncall/on_call.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "metaserver/coordinator/slot_directory.h"

namespace lanemq::metaserver {
namespace {

/// What a metaserver that takes over goes on from is at most this old.
constexpr std::chrono::seconds kLoadedAge{900};
constexpr std::size_t kLoadedMax = 50'000;
constexpr std::chrono::milliseconds kPause{500};

bool IsRead(const GroupWatcher& watcher) {
  const auto book = watcher.Current();
  return book && book->objectives;
}

}  // namespace

OnCall::OnCall(Options options, Stores stores, SnapshotCache& cache, const Clock& clock)
    : options_(std::move(options)),
      stores_(std::move(stores)),
      cache_(cache),
      clock_(clock),
      lease_({std::string(kLeaseName), options_.owner, options_.lease, options_.call_timeout},
             stores_.leases, clock),
      evaluation_(options_.evaluation) {}

OnCall::~OnCall() { Stop(); }

void OnCall::Start() {
  duty_ = std::jthread([this] { RunDuty(); });
  work_ = std::jthread([this] { RunWork(); });
}

void OnCall::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  // The work first: it writes the last rows under the lease.
  if (work_.joinable()) work_.join();
  if (duty_.joinable()) {
    duty_.join();
    lease_.Release();
  }
}

void OnCall::Wake() {
  MutexLock lock(mutex_);
  has_news_ = true;
  wake_.NotifyAll();
}

bool OnCall::IsOver() const {
  MutexLock lock(mutex_);
  return is_stopping_ || !is_on_call_;
}

std::optional<core::Fence> OnCall::CurrentFence() const {
  {
    MutexLock lock(mutex_);
    if (fenced_) return std::nullopt;
  }
  const auto token = lease_.Token();
  if (!token) return std::nullopt;
  return core::Fence{std::string(kLeaseName), *token};
}

void OnCall::NoteFenced(const Error& why) {
  MutexLock lock(mutex_);
  fenced_ = why;
  wake_.NotifyAll();
}

// ---------------------------------------------------------------- the duty

void OnCall::RunDuty() {
  for (;;) {
    TickDuty();
    MutexLock lock(mutex_);
    const Deadline next = Deadline::After(clock_, options_.tick);
    while (!is_stopping_ && !fenced_ && !next.HasPassed(clock_)) {
      wake_.WaitFor(mutex_, next.Left(clock_));
    }
    if (is_stopping_) return;
  }
}

void OnCall::TickDuty() {
  std::optional<Error> fenced;
  {
    MutexLock lock(mutex_);
    fenced = std::exchange(fenced_, std::nullopt);
  }
  if (fenced) lease_.Lose(*fenced);
  const LeaseHolder::Step step = lease_.Tick();
  if (step.failure) {
    LANEMQ_LOG(DEBUG, "on_call.lease_failed", {"error", step.failure->ToString()});
  }
  bool is_on_call = false;
  {
    MutexLock lock(mutex_);
    const bool was = is_on_call_;
    if (step.token) {
      is_on_call_ = true;
      holder_ = Holder{options_.self, *step.token};
      term_ += step.is_new ? 1 : 0;
    } else if (step.is_elsewhere) {
      is_on_call_ = false;
    }
    // Otherwise nobody else is known to be: the last holder goes on, without a fence.
    is_on_call = is_on_call_;
    if (is_on_call != was || step.is_new) wake_.NotifyAll();
  }
  if (!is_on_call) ReadHolder();
}

void OnCall::ReadHolder() {
  const auto running =
      stores_.leases.Running(kLeaseName, Deadline::After(clock_, options_.call_timeout));
  // Without an answer the last one is worth more than none.
  if (!running.ok()) return;
  std::optional<Holder> holder;
  for (const core::Lease& lease : *running) {
    if (lease.name != kLeaseName) continue;
    if (const auto endpoint = EndpointOfOwner(lease.owner)) {
      holder = Holder{*endpoint, lease.token};
    }
  }
  MutexLock lock(mutex_);
  holder_ = holder;
}

Result<OnCall::Holder> OnCall::FindHolder() const {
  constexpr std::int64_t kRetryAfterMs = 500;
  MutexLock lock(mutex_);
  if (holder_) return *holder_;
  return Error{ErrorCode::kCoordinatorNotAvailable, "no metaserver is on call yet", kRetryAfterMs};
}

// ---------------------------------------------------------------- the work

void OnCall::RunWork() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!is_stopping_ && !is_on_call_) wake_.Wait(mutex_);
      if (is_stopping_) return;
    }
    LANEMQ_LOG(INFO, "on_call.begins", {"owner", options_.owner});
    Serve();
    LANEMQ_LOG(INFO, "on_call.ends", {"owner", options_.owner});
  }
}

void OnCall::Serve() {
  evaluation_.Clear();
  exposition_.Clear();
  GroupWatcher watcher(options_.groups,
                       {&stores_.groups, stores_.alerts, stores_.history, stores_.describe}, clock_,
                       [this] { Wake(); });
  watcher.Start();
  std::unique_ptr<HistoryWriter> writer;
  if (stores_.history != nullptr) {
    writer = std::make_unique<HistoryWriter>(
        options_.history, *stores_.history,
        [this](const std::string& group, core::TopicId topic) {
          return evaluation_.SavedTracks(group, topic);
        },
        [this](const Error& why) { NoteFenced(why); }, clock_);
  }
  std::vector<OnCallPart*> parts = parts_;
  if (Load(writer.get())) {
    if (writer) {
      writer->Start();
      parts_.insert(parts_.begin(), writer.get());
    }
    term_seen_ = -1;
    MonotonicTime last;
    do {
      UpdateSamplers();
      if (!WaitForRounds(last, watcher)) break;
      last = clock_.Now();
      // Judged by the wrong objectives, everything would be in trouble.
      if (IsRead(watcher)) Evaluate(watcher);
    } while (!IsOver());
    for (OnCallPart* part : parts) part->OffDuty();
  }
  StopSamplers();
  watcher.Stop();
  if (writer) {
    if (CurrentFence()) writer->Flush();
    writer->Stop();
  }
  parts_ = std::move(parts);
  board_.Publish(nullptr);
  MutexLock lock(mutex_);
  metrics_.clear();
}

bool OnCall::Load(HistoryWriter* writer) {
  if (writer == nullptr) return !IsOver();
  const Deadline give_up = Deadline::After(clock_, options_.load_timeout);
  for (;;) {
    const auto rows = stores_.history->Newest(kLoadedAge, kLoadedMax,
                                              Deadline::After(clock_, options_.call_timeout));
    if (rows.ok()) {
      evaluation_.Load(*rows, clock_.Now());
      writer->Load(*rows);
      LANEMQ_LOG(INFO, "on_call.loaded", {"rows", rows->size()});
      return !IsOver();
    }
    LANEMQ_LOG(WARN, "on_call.not_loaded", {"error", rows.error().ToString()});
    if (IsOver()) return false;
    if (give_up.HasPassed(clock_)) return true;
    MutexLock lock(mutex_);
    wake_.WaitFor(mutex_, kPause);
  }
}

void OnCall::UpdateSamplers() {
  const auto snapshot = cache_.Current();
  const auto find = [&](const core::DataNode& node) {
    return std::ranges::find(snapshot->nodes, node.id, &core::DataNode::id);
  };
  std::erase_if(samplers_, [&](const std::unique_ptr<Sampler>& sampler) {
    const auto found = find(sampler->node());
    return found == snapshot->nodes.end() || found->state == core::NodeState::kDisabled;
  });
  std::size_t nodes = 0;
  for (const core::DataNode& node : snapshot->nodes) {
    nodes += node.state == core::NodeState::kDisabled ? 0 : 1;
  }
  for (const core::DataNode& node : snapshot->nodes) {
    const bool is_sampled = std::ranges::any_of(
        samplers_, [&](const auto& sampler) { return sampler->node().id == node.id; });
    if (is_sampled || node.state == core::NodeState::kDisabled) continue;
    Sampler::Options options = options_.sampler;
    options.rows_max = std::min(options.rows_max, options_.rows_max / nodes);
    auto& sampler = samplers_.emplace_back(std::make_unique<Sampler>(
        options, node, stores_.lag_on(node.id), cache_, clock_, [this] { Wake(); }));
    sampler->Start();
  }
  std::ranges::sort(samplers_, {}, [](const auto& sampler) { return sampler->node().id; });
}

void OnCall::StopSamplers() {
  for (const auto& sampler : samplers_) sampler->RequestStop();
  samplers_.clear();
  rounds_seen_.clear();
}

bool OnCall::HaveAllRounds() const {
  for (std::size_t i = 0; i < samplers_.size(); ++i) {
    const NodeRound round = samplers_[i]->Look().round;
    const std::int64_t seen = i < rounds_seen_.size() ? rounds_seen_[i] : 0;
    if (round.rounds + round.failures <= seen) return false;
  }
  return !samplers_.empty();
}

bool OnCall::WaitForRounds(MonotonicTime last, const GroupWatcher& watcher) {
  const Deadline late{std::max(last, clock_.Now() - options_.sampler.interval) +
                      options_.sampler.interval + options_.sampler.round_timeout / 2};
  for (;;) {
    if (IsOver()) return false;
    if ((HaveAllRounds() && IsRead(watcher)) || late.HasPassed(clock_)) return true;
    MutexLock lock(mutex_);
    if (!has_news_ && !is_stopping_) wake_.WaitFor(mutex_, late.Left(clock_));
    has_news_ = false;
  }
}

void OnCall::WaitForDetails(GroupWatcher& watcher) {
  constexpr std::chrono::seconds kLongest{1};
  const auto is_known = [&] {
    const auto book = watcher.Current();
    return std::ranges::all_of(evaluation_.wanted(), [&](const auto& wanted) {
      return book->details.contains(wanted.first);
    });
  };
  // Who does not answer is not waited for in each evaluation.
  if (!watcher.Want(evaluation_.wanted())) return;
  const Deadline end = Deadline::After(clock_, kLongest);
  while (!is_known() && !end.HasPassed(clock_) && !IsOver()) {
    MutexLock lock(mutex_);
    if (!has_news_ && !is_stopping_) wake_.WaitFor(mutex_, end.Left(clock_));
    has_news_ = false;
  }
}

void OnCall::Evaluate(GroupWatcher& watcher) {
  Evaluation::Input input;
  input.catalog = cache_.Current();
  input.book = watcher.Current();
  if (stores_.canary_failing_for) input.canary_failing_for = stores_.canary_failing_for();
  rounds_seen_.clear();
  for (const auto& sampler : samplers_) {
    Sampler::View view = sampler->Look();
    rounds_seen_.push_back(view.round.rounds + view.round.failures);
    input.nodes.push_back(std::move(view));
  }
  input.now = clock_.Now();
  input.wall = clock_.WallNow();
  LagPicture picture = evaluation_.Evaluate(input);
  auto took = clock_.Now() - input.now;
  WaitForDetails(watcher);
  const MonotonicTime again = clock_.Now();
  input.book = watcher.Current();
  evaluation_.FindCauses(picture, input);
  took += clock_.Now() - again;

  const std::int64_t term = [&] {
    MutexLock lock(mutex_);
    return term_;
  }();
  if (std::exchange(term_seen_, term) != term) {
    for (OnCallPart* part : parts_) part->OnDuty();
  }
  const auto published = std::make_shared<const LagPicture>(std::move(picture));
  board_.Publish(published);
  const auto fence = CurrentFence();
  for (OnCallPart* part : parts_) part->OnEvaluated(*published, fence);
  RenderMetrics(*published, std::chrono::duration<double>(took).count());
}

void OnCall::RenderMetrics(const LagPicture& picture, double seconds) {
  TextMetrics text(options_.series_max);
  {
    MutexLock lock(mutex_);
    text.Reserve(metrics_.size() + metrics_.size() / 8);
  }
  // Parts first: they are few, and alerts are about them.
  for (OnCallPart* part : parts_) part->AddMetrics(text);
  exposition_.Write(picture, clock_.Now(), seconds, text);
  series_dropped_ += text.dropped();
  std::string rendered = text.Take();
  TextMetrics end(1);
  end.Family("lanemq_metrics_series_dropped_total", TextMetrics::Type::kCounter,
             "Series beyond the limit, summed over all renderings");
  end.Series("", series_dropped_);
  rendered += end.Take();
  MutexLock lock(mutex_);
  metrics_ = std::move(rendered);
}

std::string OnCall::MetricsText() const {
  TextMetrics text(1);
  text.Family("lanemq_oncall_is_holder", TextMetrics::Type::kGauge,
              "1 on the metaserver that samples lag and sends alerts");
  MutexLock lock(mutex_);
  text.Series("", std::int64_t{is_on_call_ ? 1 : 0});
  std::string all = text.Take();
  all += metrics_;
  return all;
}

}  // namespace lanemq::metaserver
