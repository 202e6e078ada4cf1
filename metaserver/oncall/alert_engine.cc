#include "metaserver/oncall/alert_engine.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/alert/alert_kinds.h"

namespace lanemq::metaserver {

AlertEngine::AlertEngine(Options options, core::AlertStore& store, const LagBoard& board,
                         Notifier& notifier, const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      board_(board),
      notifier_(notifier),
      clock_(clock) {}

void AlertEngine::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void AlertEngine::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void AlertEngine::OnDuty() {
  MutexLock lock(mutex_);
  is_on_duty_ = true;
  has_turn_ = false;
  ++turn_.term;
}

void AlertEngine::OnEvaluated(const LagPicture& /*picture*/,
                              const std::optional<core::Fence>& fence) {
  MutexLock lock(mutex_);
  turn_.fence = fence;
  has_turn_ = true;
  wake_.NotifyAll();
}

void AlertEngine::OffDuty() {
  MutexLock lock(mutex_);
  is_on_duty_ = false;
  has_turn_ = false;
  ++turn_.term;  // What is being evaluated is of nobody's term.
  firing_.clear();
  channels_.clear();
  notifier_.Update(nullptr);
}

void AlertEngine::Run() {
  for (;;) {
    Turn turn;
    {
      MutexLock lock(mutex_);
      while (!is_stopping_ && !has_turn_) wake_.Wait(mutex_);
      if (is_stopping_) return;
      has_turn_ = false;
      turn = turn_;
    }
    Evaluate(turn);
  }
}

bool AlertEngine::IsCurrent(const Turn& turn) const {
  MutexLock lock(mutex_);
  return is_on_duty_ && !is_stopping_ && turn_.term == turn.term;
}

Deadline AlertEngine::ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

void AlertEngine::Evaluate(const Turn& turn) {
  if (std::exchange(term_seen_, turn.term) != turn.term) {
    for (ObservationSource* source : sources_) source->OnTerm();
    settings_due_ = expire_due_ = clock_.Now();
    well_at_ = clock_.Now();
    last_fence_.reset();
  }
  const auto picture = board_.Current();
  if (picture == nullptr) return;
  if (turn.fence) {
    last_fence_ = turn.fence;
    if (Apply(turn, *picture)) return Expire(*turn.fence);
  }
  if (clock_.Now() - well_at_ >= options_.blind_after) TellBlind(turn);
}

bool AlertEngine::Apply(const Turn& turn, const LagPicture& picture) {
  if (!RefreshSettings()) return false;
  const auto memory = store_.Load(ForCall());
  if (!memory.ok()) {
    NoteFailure("load", memory.error());
    return false;
  }
  const ObservationInput input{picture, *settings_, *memory, clock_.Now(), options_.time_scale};
  core::AlertObservations seen;
  for (ObservationSource* source : sources_) source->Observe(input, seen);
  const core::AlertChanges changes = core::PlanAlerts(*memory, seen, *settings_, options_.times);
  if (!changes.empty()) {
    if (!IsCurrent(turn)) return false;
    const Status applied = store_.Apply(changes, *turn.fence, ForCall());
    if (!applied.ok()) {
      NoteFailure("apply", applied.error());
      if (applied.error().code == ErrorCode::kFenced) {
        well_at_ = clock_.Now();  // The database is well; the term is over.
        Tell(turn, nullptr);
      }
      return false;
    }
  }
  well_at_ = clock_.Now();
  Note(*memory);
  TellView(turn, *memory);
  return true;
}

bool AlertEngine::RefreshSettings() {
  if (settings_ && clock_.Now() < settings_due_) return true;
  auto read = store_.LoadSettings(ForCall());
  if (!read.ok()) {
    NoteFailure("load_settings", read.error());
    return false;
  }
  settings_ = *std::move(read);
  settings_due_ = clock_.Now() + options_.settings_every;
  auto channels = store_.ChannelStates(ForCall());
  if (!channels.ok()) return true;
  MutexLock lock(mutex_);
  channels_ = *std::move(channels);
  return true;
}

void AlertEngine::Expire(const core::Fence& fence) {
  if (clock_.Now() < expire_due_) return;
  const auto gone = store_.Expire(options_.expire_max, fence, ForCall());
  if (!gone.ok()) return NoteFailure("expire", gone.error());
  if (*gone < options_.expire_max) expire_due_ = clock_.Now() + options_.expire_every;
}

void AlertEngine::TellView(const Turn& turn, const core::AlertMemory& memory) {
  auto view = std::make_shared<AlertView>();
  view->fence = turn.fence;
  view->now = memory.now;
  view->at = clock_.Now();
  view->channels = settings_->channels;
  view->silences = settings_->silences;
  Tell(turn, std::move(view));
}

void AlertEngine::TellBlind(const Turn& turn) {
  if (!settings_ || !last_fence_) return;  // Nobody is known to be told.
  const auto length =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - well_at_);
  auto view = std::make_shared<AlertView>();
  view->now = clock_.WallNow();
  view->at = clock_.Now();
  view->channels = settings_->channels;
  NoticeText& text = view->blind.emplace();
  text.cluster = options_.cluster ? options_.cluster() : "";
  text.notice = fmt::format("metadata-down-{}-{}", text.cluster, last_fence_->token.value);
  text.what = "fired";
  text.incident = text.notice;
  text.kind = "metadata_database_down";
  text.subject = "metadata database";
  text.severity = "page";
  text.summary = fmt::format("it has not answered for {}: no other alert moves or is told",
                             DurationText(length));
  Tell(turn, std::move(view));
}

void AlertEngine::Tell(const Turn& turn, std::shared_ptr<const AlertView> view) {
  // Under the lock: a term that ends meanwhile has the last word.
  MutexLock lock(mutex_);
  if (is_on_duty_ && turn_.term == turn.term) notifier_.Update(std::move(view));
}

void AlertEngine::Note(const core::AlertMemory& memory) {
  std::vector<core::Alert> firing;
  for (const core::Alert& alert : memory.open) {
    if (alert.state == core::AlertState::kFiring) firing.push_back(alert);
  }
  MutexLock lock(mutex_);
  firing_ = std::move(firing);
  evaluated_ = clock_.WallNow();
}

void AlertEngine::NoteFailure(std::string_view what, const Error& error) {
  LANEMQ_LOG(WARN, "alert.failed", {"what", what}, {"error", error.ToString()});
}

void AlertEngine::AddMetrics(TextMetrics& metrics) {
  using Type = TextMetrics::Type;
  const auto totals = notifier_.Totals();
  MutexLock lock(mutex_);
  if (evaluated_.micros == 0) return;
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> firing;
  for (const core::Alert& alert : firing_) {
    ++firing[{alert.kind, std::string(core::ToString(alert.severity)), alert.owner}];
  }
  metrics.Family("lanemq_alerts_firing", Type::kGauge, "Alerts that fire");
  for (const auto& [key, count] : firing) {
    const auto& [kind, severity, owner] = key;
    metrics.Series({{"kind", kind}, {"severity", severity}, {"owner", owner}}, count);
  }
  metrics.Family("lanemq_alert_notices_total", Type::kCounter,
                 "Attempts of this process to tell a channel");
  for (const auto& [channel, counts] : totals) {
    metrics.Series({{"channel", channel}, {"result", "delivered"}}, counts.delivered);
    metrics.Series({{"channel", channel}, {"result", "failed"}}, counts.failed);
  }
  metrics.Family("lanemq_alert_notices_queued", Type::kGauge, "Notices that wait to be sent");
  for (const core::ChannelState& channel : channels_) {
    metrics.Series({{"channel", channel.name}}, static_cast<std::int64_t>(channel.queued));
  }
  metrics.Family("lanemq_alert_evaluation_timestamp_seconds", Type::kGauge,
                 "When alerts were last evaluated and stored");
  metrics.Series("", static_cast<double>(evaluated_.micros) / 1e6);
}

}  // namespace lanemq::metaserver
