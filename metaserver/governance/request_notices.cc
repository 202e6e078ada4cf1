#include "metaserver/governance/request_notices.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "common/core/alert/alert_routes.h"
#include "common/core/alert/notice_planner.h"
#include "metaserver/governance/actor.h"

namespace lanemq::metaserver {
namespace {

using core::RequestEvent;

constexpr std::size_t kExpireMax = 1'000;
/// Broken glass without a channel that is read past, for what has one.
constexpr std::size_t kUnheardMax = 1'000;
constexpr std::chrono::minutes kSetAsideFor{1};

core::AlertSeverity SeverityOf(RequestEvent event) {
  return event == RequestEvent::kBreakGlass ? core::AlertSeverity::kPage
                                            : core::AlertSeverity::kTicket;
}

std::string Summary(const core::StoredRequest& stored, RequestEvent event) {
  const core::ChangeRequest& request = stored.request;
  const std::string name =
      fmt::format("request {} of {}{}{}", request.id, core::ToString(request.author),
                  stored.title.empty() ? "" : ": ", stored.title);
  switch (event) {
    case RequestEvent::kSubmitted:
      return name + " waits for your yes";
    case RequestEvent::kBreakGlass:
      return fmt::format("{} is applied without the yes that it needs: {}", name,
                         request.break_glass_reason.value_or(""));
    case RequestEvent::kApproved:
    case RequestEvent::kDeclined:
    case RequestEvent::kExpired:
    case RequestEvent::kApplied:
    case RequestEvent::kFailed:
    case RequestEvent::kUndone:
      // Why is of the state that it is in by now.
      const bool is_still_so = core::ToString(request.state) == core::ToString(event);
      return fmt::format("{} is {}{}{}", name, core::ToString(event),
                         is_still_so && !request.reason.empty() ? ": " : "",
                         is_still_so ? request.reason : "");
  }
  return name;
}

core::AlertNotice NoticeOf(const core::RequestNotice& event, const core::StoredRequest& stored,
                           const std::string& channel, const std::string& owner, WallTime now) {
  core::NoticeBody body;
  core::Alert& alert = body.alert;
  alert.incident = fmt::format("request-{}", event.request);
  alert.kind = fmt::format("change_request_{}", core::ToString(event.event));
  alert.subject = fmt::format("request {}", event.request);
  alert.state = core::AlertState::kFiring;
  alert.severity = SeverityOf(event.event);
  alert.owner = owner;
  alert.summary = Summary(stored, event.event);
  alert.cause = fmt::format("lanemq request show {}", event.request);
  alert.since = event.at;
  alert.fired = event.at;
  core::AlertNotice notice;
  notice.notice =
      fmt::format("request-{}-{}-{}", event.request, core::ToString(event.event), event.id);
  notice.channel = channel;
  notice.incident = alert.incident;
  notice.queued_at = now;
  notice.next_at = now;
  notice.body = core::ToText(body);
  return notice;
}

}  // namespace

void RequestNotices::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void RequestNotices::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void RequestNotices::Wake() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyAll();
}

RequestNotices::Counts RequestNotices::Totals() const {
  MutexLock lock(mutex_);
  return counts_;
}

void RequestNotices::Run() {
  for (;;) {
    Round();
    MutexLock lock(mutex_);
    if (!is_stopping_ && !is_woken_) wake_.WaitFor(mutex_, options_.every);
    if (is_stopping_) return;
    is_woken_ = false;
  }
}

void RequestNotices::Round() {
  if (clock_.Now() >= expire_due_) Expire();
  const std::size_t past = std::min(unheard_.size() + set_aside_events_, kUnheardMax);
  const auto found = store_.LoadNotices(options_.batch + past, ForCall());
  Status done = found.ok() ? HandOverAll(*found) : Status{found.error()};
  if (!done.ok()) {
    LANEMQ_LOG(DEBUG, "governance.notices_wait", {"error", done.error().ToString()});
  }
  MutexLock lock(mutex_);
  if (found.ok()) counts_.waiting = found->waiting;
  if (!done.ok()) ++counts_.failed;
}

void RequestNotices::Expire() {
  const auto expired = store_.ExpireNotices(kExpireMax, ForCall());
  if (!expired.ok()) return;
  const bool has_more = *expired == static_cast<std::int64_t>(kExpireMax);
  expire_due_ = clock_.Now() + (has_more ? std::chrono::milliseconds{0} : options_.expire_every);
  if (*expired == 0) return;
  LANEMQ_LOG(WARN, "governance.notices_expired", {"count", *expired});
  MutexLock lock(mutex_);
  counts_.expired += *expired;
}

bool RequestNotices::IsTurnOf(const core::RequestNotice& event, std::size_t& turns) {
  if (!unheard_.contains(event.id)) return true;
  if (event.id <= last_turn_ || turns == 0) return false;
  --turns;
  last_turn_ = event.id;
  return true;
}

Status RequestNotices::HandOverAll(const core::RequestNotices& found) {
  std::erase_if(unheard_, [&](std::int64_t id) {
    return std::ranges::find(found.notices, id, &core::RequestNotice::id) == found.notices.end();
  });
  if (unheard_.empty() || *unheard_.rbegin() <= last_turn_) last_turn_ = 0;
  if (found.notices.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings, alerts_.LoadSettings(ForCall()));
  std::int64_t left = options_.per_minute - found.told_lately;
  std::size_t turns = options_.batch;
  std::erase_if(set_aside_, [&](const auto& one) { return one.second <= clock_.Now(); });
  set_aside_events_ = 0;
  WallTime at = found.now;
  for (const core::RequestNotice& event : found.notices) {
    const bool is_urgent = event.event == RequestEvent::kBreakGlass;
    if (!is_urgent && left <= 0) return {};
    // One after the other: what has happened to a request is sent in this order.
    ++at.micros;
    if (set_aside_.contains(event.request)) {
      ++set_aside_events_;
      continue;
    }
    if (!IsTurnOf(event, turns)) continue;
    const Result<bool> is_told = HandOver(event, settings, at);
    if (is_told.ok()) {
      if (*is_told && !is_urgent) --left;
    } else if (RetryOf(is_told.error().code) == Retry::kNever) {
      SetAside(event, is_told.error());
    } else {
      return is_told.error();
    }
  }
  return {};
}

void RequestNotices::SetAside(const core::RequestNotice& event, const Error& why) {
  LANEMQ_LOG(WARN, "governance.notice_set_aside", {"request", event.request},
             {"event", core::ToString(event.event)}, {"error", why.ToString()});
  set_aside_[event.request] = clock_.Now() + kSetAsideFor;
  ++set_aside_events_;
}

Result<bool> RequestNotices::HandOver(const core::RequestNotice& event,
                                      const core::AlertSettings& settings, WallTime now) {
  LANEMQ_ASSIGN_OR_RETURN(const auto stored, store_.FindRequest(event.request, ForCall()));
  // Nobody is asked for what is decided, or taken back.
  const bool is_overtaken = stored && event.event == RequestEvent::kSubmitted &&
                            stored->request.state != core::RequestState::kPending;
  std::vector<core::AlertNotice> notices;
  if (stored && !is_overtaken) {
    for (const auto& [channel, owner] : ChannelsOf(event, stored->request, settings)) {
      notices.push_back(NoticeOf(event, *stored, channel, owner, now));
    }
  }
  if (stored && notices.empty() && event.event == RequestEvent::kBreakGlass) {
    if (unheard_.insert(event.id).second) {
      LANEMQ_LOG(ERROR, "governance.break_glass_unheard", {"request", event.request},
                 {"to_do", "set an alert channel without owners, for pages"});
    }
    return false;
  }
  LANEMQ_ASSIGN_OR_RETURN(const bool is_first, store_.HandOver(event, notices, ForCall()));
  if (!is_first) return false;
  MutexLock lock(mutex_);
  if (is_overtaken) {
    ++counts_.overtaken;
  } else {
    ++(notices.empty() ? counts_.unheard : counts_.told);
  }
  return !notices.empty();
}

std::map<std::string, std::string> RequestNotices::ChannelsOf(
    const core::RequestNotice& event, const core::ChangeRequest& request,
    const core::AlertSettings& settings) const {
  const auto book = book_();
  std::set<std::string> teams;
  bool is_for_operators = event.event == RequestEvent::kBreakGlass;
  if (core::IsForApprovers(event.event)) {
    for (const core::Approver& approver : request.approvers) {
      switch (approver.kind) {
        case core::Approver::Kind::kTeamLeads:
        case core::Approver::Kind::kOwnerLeads:
          teams.insert(approver.team);
          break;
        case core::Approver::Kind::kOperators:
        case core::Approver::Kind::kAdmins:
          is_for_operators = true;
          break;
      }
    }
  } else {
    const core::Actor author = ActorOf(book.get(), false, request.author);
    for (const auto& [team, role] : author.teams) teams.insert(team);
  }
  std::map<std::string, std::string> channels;
  for (const core::AlertChannel& channel : settings.channels) {
    if (!channel.is_on) continue;
    const auto routed = std::ranges::find_if(teams, [&](const std::string& name) {
      const core::Team* team = book ? book->FindTeam(name) : nullptr;
      return team != nullptr && team->oncall_route == channel.name;
    });
    if (routed != teams.end()) {
      channels[channel.name] = *routed;
    } else if (is_for_operators && channel.owners.empty() &&
               core::IsRouted(channel, "", SeverityOf(event.event))) {
      channels[channel.name] = "";
    }
  }
  return channels;
}

}  // namespace lanemq::metaserver
