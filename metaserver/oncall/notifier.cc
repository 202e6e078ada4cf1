#include "metaserver/oncall/notifier.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/log.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_routes.h"

namespace lanemq::metaserver {
namespace {

using core::ChannelType;
using std::chrono::milliseconds;

constexpr std::size_t kStatesPerPost = 500;
constexpr int kStatesRepeated = 5;  ///< Of resolved ones.
/// Telling that the database is back is not worth more.
constexpr int kBlindEndAttempts = 10;
constexpr std::string_view kPlatform;

}  // namespace

Notifier::Notifier(Options options, core::AlertStore& store, ChannelSender& sender,
                   const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      sender_(sender),
      clock_(clock),
      random_(Random::FromSystem()),
      pool_({.name = "alert-send", .threads = options_.threads, .queue_max = 100}) {}

void Notifier::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void Notifier::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
    const Deadline patience = Deadline::After(clock_, options_.stop_patience);
    while (running_ > 0 && !patience.HasPassed(clock_)) {
      idle_.WaitFor(mutex_, patience.Left(clock_));
    }
  }
  sender_.Abort();
  if (thread_.joinable()) thread_.join();
  pool_.Stop();
}

void Notifier::Update(ViewPtr view) {
  MutexLock lock(mutex_);
  view_ = std::move(view);
  is_news_ = true;
  wake_.NotifyAll();
}

std::map<std::string, Notifier::Counts> Notifier::Totals() const {
  MutexLock lock(mutex_);
  std::map<std::string, Counts> out;
  for (const auto& [name, lane] : lanes_) out[name] = lane->counts;
  return out;
}

void Notifier::Run() {
  for (;;) {
    Tick();
    MutexLock lock(mutex_);
    if (!is_stopping_ && !is_news_) wake_.WaitFor(mutex_, options_.tick);
    if (is_stopping_) return;
    is_news_ = false;
  }
}

void Notifier::Tick() {
  ViewPtr view;
  std::vector<Lane*> lanes;
  {
    MutexLock lock(mutex_);
    if (is_stopping_) return;
    view = view_;
    lanes = TakeLanes(view);
  }
  for (Lane* lane : lanes) {
    const bool is_slow = lane->failures > 0;  // Ours: it is marked busy.
    const bool is_posted = pool_.TryPost([this, lane, view, is_slow] {
      Work(*lane, view);
      MutexLock lock(mutex_);
      lane->is_busy = false;
      --running_;
      if (is_slow) --slow_running_;
      idle_.NotifyAll();
    });
    if (is_posted) continue;
    MutexLock lock(mutex_);
    lane->is_busy = false;
    --running_;
    if (is_slow) --slow_running_;
  }
  if (view != nullptr && view->fence) BeatWatchdog(view);
}

std::vector<Notifier::Lane*> Notifier::TakeLanes(const ViewPtr& view) {
  if (view != nullptr) {
    for (const core::AlertChannel& channel : view->channels) {
      auto& lane = lanes_[channel.name];
      if (lane == nullptr) lane = std::make_unique<Lane>(options_.times.cap_window);
      if (!lane->is_busy) lane->channel = channel;
    }
    std::erase_if(lanes_, [&](const auto& entry) {
      return !entry.second->is_busy &&
             std::ranges::none_of(view->channels, [&](const core::AlertChannel& channel) {
               return channel.name == entry.first;
             });
    });
  }
  std::vector<Lane*> all;
  for (const auto& [name, lane] : lanes_) {
    if (!lane->is_busy && lane->channel.is_on) all.push_back(lane.get());
  }
  if (all.empty()) return all;
  // Whose turn it is goes round, and those that work go first.
  std::ranges::rotate(all, all.begin() + static_cast<std::ptrdiff_t>(turn_++ % all.size()));
  std::ranges::stable_partition(all, [](const Lane* lane) { return lane->failures == 0; });
  std::vector<Lane*> taken;
  for (Lane* lane : all) {
    const bool has_work = (view != nullptr && (view->fence || view->blind)) || lane->blind;
    if (!has_work || running_ >= options_.threads) continue;
    if (lane->failures > 0 && slow_running_ >= options_.slow_max) continue;
    lane->is_busy = true;
    ++running_;
    if (lane->failures > 0) ++slow_running_;
    taken.push_back(lane);
  }
  return taken;
}

void Notifier::Work(Lane& lane, const ViewPtr& view) {
  const bool is_blind = view != nullptr && view->blind.has_value();
  bool is_fine = true;
  if (is_blind) {
    is_fine = SendBlind(lane, &*view->blind);
  } else if (lane.blind) {
    is_fine = SendBlind(lane, nullptr);
  }
  if (view != nullptr && view->fence && is_fine) {
    const bool is_state = lane.channel.type == ChannelType::kAlertmanager;
    // Alerts are told to Alertmanager by repetition; what is stored for it are events of requests.
    if (!is_state || SendStates(lane, *view)) static_cast<void>(SendNotices(lane, *view));
  }
}

bool Notifier::SendNotices(Lane& lane, const AlertView& view) {
  if (lane.unsettled && !Settle(lane)) return true;  // The database's fault, not the channel's.
  const auto due =
      store_.Due(lane.channel.name, view.fence->token.value, options_.batch, ForCall());
  if (!due.ok()) {
    LANEMQ_LOG(DEBUG, "alert.due_failed", {"channel", lane.channel.name},
               {"error", due.error().ToString()});
    return true;
  }
  for (const core::AlertNotice& notice : *due) {
    if (!IsCurrent(view) || lane.unsettled || !lane.pace.Take(clock_.Now())) return true;
    const Status begun = store_.BeginSending(notice, *view.fence, ForCall());
    if (!begun.ok()) {
      if (begun.error().code == ErrorCode::kNotFound) continue;
      if (begun.error().code == ErrorCode::kFenced) LoseTerm(*view.fence);
      if (begun.error().code == ErrorCode::kOutcomeUnknown) {
        // Perhaps it is marked; nothing was sent.
        lane.unsettled = {notice, false, milliseconds{1}, "the database's answer was lost",
                          *view.fence};
      }
      return true;
    }
    if (!SendOne(lane, notice, view)) return false;
  }
  return true;
}

bool Notifier::SendOne(Lane& lane, const core::AlertNotice& notice, const AlertView& view) {
  Delivery delivery;
  if (auto text = ReadNotice(notice); text.ok()) {
    // Not of "more", nor of what is no alert: events of requests.
    const bool has_runbook = core::FindAlertKind(text->kind) != nullptr;
    text->runbook = has_runbook ? RunbookUrl(options_.runbook_url, text->kind) : "";
    text->cluster = Cluster();
    delivery = sender_.Send(lane.channel, *text);
  } else {
    delivery.answer = text.error().message;
  }
  Count(lane, delivery);
  core::AlertNotice tried = notice;
  ++tried.attempts;
  std::optional<milliseconds> retry_in;
  {
    MutexLock lock(mutex_);
    retry_in = core::RetryIn(tried, Now(view), options_.times, random_);
  }
  lane.unsettled = {std::move(tried), delivery.is_delivered, retry_in, delivery.answer,
                    *view.fence};
  Settle(lane);
  return delivery.is_delivered;
}

bool Notifier::Settle(Lane& lane) {
  const Unsettled& last = *lane.unsettled;
  const Status ended = store_.EndSending(last.notice, last.is_sent, last.retry_in, last.answer,
                                         last.fence, ForCall());
  if (!ended.ok()) {
    // Fenced: whoever is on call now takes it as in doubt.
    if (ended.error().code == ErrorCode::kFenced) {
      LoseTerm(last.fence);
    } else if (ended.error().code != ErrorCode::kNotFound) {
      return false;
    }
  }
  lane.unsettled.reset();
  return true;
}

bool Notifier::SendStates(Lane& lane, const AlertView& view) {
  const MonotonicTime now = clock_.Now();
  if (now < lane.states_due) return true;
  const auto every = options_.times.alertmanager_every;
  const auto resolved_for = std::chrono::microseconds{every} * kStatesRepeated;
  auto alerts = store_.List(std::chrono::ceil<std::chrono::hours>(resolved_for),
                            core::AlertStore::kOpenMax, ForCall());
  if (!alerts.ok()) return true;
  lane.states_due = now + every;
  const WallTime at = Now(view);
  std::erase_if(*alerts, [&](const core::Alert& alert) {
    const bool is_old = alert.resolved && alert.resolved->micros < at.micros - resolved_for.count();
    return !alert.fired || is_old || !alert.inhibited_by.empty() ||
           !core::IsRouted(lane.channel, alert.owner, alert.severity) ||
           core::SilenceOf({alert.kind, alert.subject}, at, view.silences) != nullptr;
  });
  const auto lasts = std::max<std::chrono::microseconds>(15 * every, std::chrono::seconds{15});
  for (std::size_t first = 0; first < alerts->size(); first += kStatesPerPost) {
    if (!IsCurrent(view)) return true;
    const auto some =
        std::span(*alerts).subspan(first, std::min(kStatesPerPost, alerts->size() - first));
    const Delivery delivery =
        sender_.SendStates(lane.channel, AlertmanagerBody(some, options_.runbook_url, Cluster(),
                                                          WallTime{at.micros + lasts.count()}));
    Count(lane, delivery);
    if (!delivery.is_delivered) return false;
  }
  return true;
}

bool Notifier::SendBlind(Lane& lane, const NoticeText* begins) {
  const bool is_state = lane.channel.type == ChannelType::kAlertmanager;
  // Alertmanager forgets what is not repeated.
  const bool is_told =
      begins != nullptr && !is_state && lane.blind && lane.blind->notice == begins->notice;
  const bool is_for = core::IsRouted(lane.channel, kPlatform, core::AlertSeverity::kPage);
  if (is_told || !is_for || clock_.Now() < lane.blind_due) return true;
  NoticeText text = begins != nullptr ? *begins : *lane.blind;
  text.runbook = RunbookUrl(options_.runbook_url, text.kind);
  if (begins == nullptr) {
    text.what = "resolved";
    text.notice += "-over";
    text.summary = "the metadata database answers again";
  }
  const Delivery delivery = sender_.Send(lane.channel, text);
  Count(lane, delivery);
  lane.blind_failures = delivery.is_delivered ? 0 : lane.blind_failures + 1;
  if (delivery.is_delivered && begins != nullptr) lane.blind = *begins;
  const bool is_over = delivery.is_delivered || lane.blind_failures >= kBlindEndAttempts;
  if (is_over && begins == nullptr) {
    lane.blind.reset();
    lane.blind_failures = 0;
  }
  const auto wait = std::min(options_.times.retry_first * (1 << std::min(lane.blind_failures, 12)),
                             options_.times.retry_max);
  const auto repeat = is_state ? options_.times.alertmanager_every : milliseconds{0};
  lane.blind_due = clock_.Now() + (delivery.is_delivered ? repeat : wait);
  return delivery.is_delivered;
}

void Notifier::BeatWatchdog(const ViewPtr& view) {
  const MonotonicTime now = clock_.Now();
  const auto every = options_.times.alertmanager_every;
  // A sign of life of the evaluation, not of this thread.
  if (options_.watchdog_url.empty() || now < watchdog_due_ || now - view->at > every) return;
  watchdog_due_ = now + every;
  nlohmann::ordered_json body = {{"cluster", Cluster()}, {"metaserver", options_.self}};
  const bool is_posted = pool_.TryPost([this, text = body.dump()] {
    const Delivery delivery = sender_.Beat(options_.watchdog_url, text);
    if (!delivery.is_delivered) {
      LANEMQ_LOG(WARN, "alert.watchdog_failed", {"answer", delivery.answer});
    }
  });
  if (!is_posted) LANEMQ_LOG(WARN, "alert.watchdog_skipped");
}

void Notifier::Count(Lane& lane, const Delivery& delivery) {
  MutexLock lock(mutex_);
  ++(delivery.is_delivered ? lane.counts.delivered : lane.counts.failed);
  // Only an attempt says how the channel is: one that waits for its next is no better.
  lane.failures = delivery.is_delivered ? 0 : lane.failures + 1;
  if (delivery.is_delivered) return;
  LANEMQ_LOG(WARN, "alert.not_delivered", {"channel", lane.channel.name},
             {"answer", delivery.answer});
}

void Notifier::LoseTerm(const core::Fence& fence) {
  MutexLock lock(mutex_);
  if (view_ != nullptr && view_->fence && view_->fence->token == fence.token) view_.reset();
}

bool Notifier::IsCurrent(const AlertView& view) const {
  MutexLock lock(mutex_);
  return !is_stopping_ && view_ != nullptr && view_->fence &&
         view_->fence->token == view.fence->token;
}

Deadline Notifier::ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

WallTime Notifier::Now(const AlertView& view) const {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(clock_.Now() - view.at);
  return {view.now.micros + passed.count()};
}

std::string Notifier::Cluster() const { return options_.cluster ? options_.cluster() : ""; }

}  // namespace lanemq::metaserver
