#include "common/core/alert/alert_notices.h"

#include <utility>

#include <fmt/format.h>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_routes.h"
#include "common/core/alert/notice_planner.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kExamplesMax = 10;

bool IsTelling(NoticeKind what) {
  return what == NoticeKind::kFired || what == NoticeKind::kReminder;
}

}  // namespace

AlertNotices::AlertNotices(const AlertMemory& memory, const AlertSettings& settings,
                           const AlertTimes& times)
    : memory_(memory), settings_(settings), times_(times) {
  for (const AlertChannel& channel : settings.channels) {
    if (channel.is_on && channel.type != ChannelType::kAlertmanager) channels_[channel.name];
  }
  for (const AlertNotice& notice : memory.notices) Remember(notice);
}

void AlertNotices::Remember(const AlertNotice& notice) {
  if (IsTelling(notice.what)) {
    told_[notice.incident].insert(notice.channel);
    if (notice.attempts > 0) tried_[notice.incident].insert(notice.channel);
  }
  const auto channel = channels_.find(notice.channel);
  if (channel == channels_.end()) return;
  const std::chrono::microseconds age{memory_.now.micros - notice.queued_at.micros};
  if (age >= times_.cap_window) return;
  if (notice.what == NoticeKind::kMore) {
    channel->second.has_more = true;
  } else if (notice.state != NoticeState::kFolded && notice.state != NoticeState::kDropped) {
    ++channel->second.in_window;
  }
}

void AlertNotices::TellFired(const Alert& alert) {
  for (const AlertChannel* channel : ChannelsFor(alert, settings_.channels)) {
    Queue(NoticeKind::kFired, alert.incident + "-fired", alert, channel->name);
    told_[alert.incident].insert(channel->name);
  }
}

void AlertNotices::TellReminder(const Alert& alert) {
  // Reminders are at least this far apart, so each has a number of its own.
  const std::int64_t fired = alert.fired.value_or(alert.since).micros;
  const std::chrono::microseconds every = times_.remind_every;
  const auto number = (memory_.now.micros - fired) / every.count();
  for (const AlertChannel* channel : ChannelsFor(alert, settings_.channels)) {
    Queue(NoticeKind::kReminder, fmt::format("{}-reminder-{}", alert.incident, number), alert,
          channel->name);
    told_[alert.incident].insert(channel->name);
  }
}

void AlertNotices::TellResolved(const Alert& alert, const Alert* worse) {
  const auto told = told_.find(alert.incident);
  if (told == told_.end()) return;
  const auto told_worse = worse == nullptr ? told_.end() : told_.find(worse->incident);
  for (const std::string& channel : told->second) {
    dropped_.emplace(alert.incident, channel);
    if (!channels_.contains(channel)) continue;
    if (told_worse != told_.end() && told_worse->second.contains(channel)) continue;
    // Whether it was tried is for the store to say, in the transaction: it may be in this moment.
    Queue(NoticeKind::kResolved, alert.incident + "-resolved", alert, channel);
  }
}

bool AlertNotices::WasTried(std::string_view incident, std::string_view channel) const {
  const auto tried = tried_.find(incident);
  return tried != tried_.end() && tried->second.contains(std::string(channel));
}

void AlertNotices::Queue(NoticeKind what, std::string id, const Alert& alert,
                         const std::string& channel) {
  AlertNotice notice;
  notice.notice = std::move(id);
  notice.channel = channel;
  notice.incident = alert.incident;
  notice.what = what;
  notice.queued_at = memory_.now;
  notice.next_at = memory_.now;
  NoticeBody body;
  body.what = what;
  body.alert = alert;
  notice.body = ToText(body);
  Channel& state = channels_[channel];
  // A recovery that nobody waits for takes no place.
  const bool counts = what != NoticeKind::kResolved || WasTried(alert.incident, channel);
  if (state.in_window >= kNoticesPerWindow) {
    notice.state = NoticeState::kFolded;
    if (counts) Fold(state, what, alert.incident, &alert);
  } else if (counts) {
    ++state.in_window;
  }
  notices_.push_back(std::move(notice));
}

void AlertNotices::Fold(Channel& channel, NoticeKind what, const std::string& incident,
                        const Alert* alert) {
  ++(what == NoticeKind::kResolved ? channel.resolved : channel.fired);
  if (channel.examples.size() >= kExamplesMax) return;
  channel.examples.push_back(alert == nullptr ? incident : alert->kind + ": " + alert->subject);
}

bool AlertNotices::IsDropped(const AlertNotice& notice) const {
  return IsTelling(notice.what) && dropped_.contains({notice.incident, notice.channel});
}

void AlertNotices::Finish(AlertChanges& changes) {
  std::map<std::string_view, const Alert*> alerts;
  for (const Alert& alert : memory_.open) alerts[alert.incident] = &alert;
  for (const AlertNotice& notice : memory_.notices) {
    const auto channel = channels_.find(notice.channel);
    if (notice.state != NoticeState::kFolded || channel == channels_.end()) continue;
    if (IsDropped(notice)) continue;
    const auto alert = alerts.find(notice.incident);
    Fold(channel->second, notice.what, notice.incident,
         alert == alerts.end() ? nullptr : alert->second);
  }
  changes.drop.assign(dropped_.begin(), dropped_.end());
  changes.notices = std::move(notices_);
  for (auto& [name, channel] : channels_) {
    if (channel.has_more || channel.fired + channel.resolved == 0) continue;
    AlertNotice more;
    more.notice = fmt::format("more-{}", memory_.now.micros);
    more.channel = name;
    more.what = NoticeKind::kMore;
    more.queued_at = memory_.now;
    more.next_at = memory_.now;
    NoticeBody body;
    body.what = NoticeKind::kMore;
    body.more_fired = channel.fired;
    body.more_resolved = channel.resolved;
    body.examples = std::move(channel.examples);
    more.body = ToText(body);
    changes.notices.push_back(std::move(more));
  }
}

}  // namespace lanemq::core
