#include "metaserver/governance/request_notices.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "metaserver/governance/actor.h"

namespace lanemq::metaserver {
namespace {

using core::RequestNotice;

std::string_view NameOf(RequestNotice::What what) {
  switch (what) {
    case RequestNotice::What::kApprovalWanted:
      return "approval_wanted";
    case RequestNotice::What::kDecided:
      return "decided";
    case RequestNotice::What::kBreakGlass:
      return "break_glass";
  }
  return "";
}

std::string Summary(const core::ChangeRequest& request, const std::string& title,
                    RequestNotice::What what) {
  const std::string name =
      fmt::format("request {} of {}{}{}", request.id, core::ToString(request.author),
                  title.empty() ? "" : ": ", title);
  switch (what) {
    case RequestNotice::What::kApprovalWanted:
      return name + " waits for your yes";
    case RequestNotice::What::kDecided:
      return fmt::format("{} is {}{}{}", name, core::ToString(request.state),
                         request.reason.empty() ? "" : ": ", request.reason);
    case RequestNotice::What::kBreakGlass:
      return fmt::format("{} is applied without the yes that it needs: {}", name,
                         request.break_glass_reason.value_or(""));
  }
  return name;
}

}  // namespace

RequestNotices::RequestNotices(Options options, core::AlertStore& store, ChannelSender& sender,
                               std::function<std::shared_ptr<const core::AccessBook>()> book,
                               const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      sender_(sender),
      book_(std::move(book)),
      clock_(clock) {}

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

RequestNotices::Counts RequestNotices::Totals() const {
  MutexLock lock(mutex_);
  return counts_;
}

std::vector<std::string> RequestNotices::RoutesOf(const core::ChangeRequest& request,
                                                  const RequestNotice& notice) const {
  const auto book = book_();
  std::set<std::string> teams;
  bool is_for_operators = false;
  for (const core::Approver& approver : notice.to) {
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
  if (notice.to.empty()) {
    const core::Actor author = ActorOf(book.get(), false, request.author);
    for (const auto& [team, role] : author.teams) teams.insert(team);
  }
  std::set<std::string> routes;
  for (const std::string& name : teams) {
    const core::Team* team = book ? book->FindTeam(name) : nullptr;
    if (team != nullptr && !team->oncall_route.empty()) routes.insert(team->oncall_route);
  }
  // The glass is broken in front of everybody.
  if (is_for_operators || notice.what == RequestNotice::What::kBreakGlass) routes.insert("");
  return {routes.begin(), routes.end()};
}

void RequestNotices::Tell(const core::ChangeRequest& request, const std::string& title,
                          const RequestNotice& notice) {
  NoticeText text;
  text.notice =
      fmt::format("request-{}-{}-{}", request.id, NameOf(notice.what), request.changed_at.micros);
  text.what = "fired";
  text.incident = fmt::format("request-{}", request.id);
  text.kind = fmt::format("change_request_{}", NameOf(notice.what));
  text.subject = fmt::format("request {}", request.id);
  text.severity = notice.what == RequestNotice::What::kBreakGlass ? "page" : "ticket";
  text.summary = Summary(request, title, notice.what);
  text.cause = fmt::format("lanemq request show {}", request.id);
  text.fired = request.changed_at;
  for (std::string& route : RoutesOf(request, notice)) {
    MutexLock lock(mutex_);
    const MonotonicTime now = clock_.Now();
    if (now - minute_ >= std::chrono::minutes{1}) {
      minute_ = now;
      in_minute_ = 0;
    }
    const bool is_urgent = notice.what == RequestNotice::What::kBreakGlass;
    const bool is_full = (is_urgent ? urgent_ : queue_).size() >= options_.queue_max;
    if (is_full || (!is_urgent && in_minute_ >= options_.per_minute)) {
      if (++counts_.dropped == 1 || counts_.dropped % 100 == 0) {
        LANEMQ_LOG(WARN, "governance.notices_dropped", {"so_far", counts_.dropped},
                   {"request", request.id});
      }
      continue;
    }
    Job job{std::move(route), text, is_urgent, 0, now, {}};
    if (is_urgent) {
      const auto later = std::find_if(urgent_.begin(), urgent_.end(),
                                      [&](const Job& other) { return other.due > now; });
      urgent_.insert(later, std::move(job));
    } else {
      ++in_minute_;
      queue_.push_back(std::move(job));
    }
    wake_.NotifyAll();
  }
}

std::optional<RequestNotices::Job> RequestNotices::Take() {
  MutexLock lock(mutex_);
  while (!is_stopping_) {
    const MonotonicTime now = clock_.Now();
    const bool is_urgent = !urgent_.empty() && urgent_.front().due <= now;
    if (is_urgent || !queue_.empty()) {
      std::deque<Job>& from = is_urgent ? urgent_ : queue_;
      Job job = std::move(from.front());
      from.pop_front();
      return job;
    }
    if (urgent_.empty()) {
      wake_.Wait(mutex_);
    } else {
      wake_.WaitFor(mutex_,
                    std::chrono::ceil<std::chrono::milliseconds>(urgent_.front().due - now));
    }
  }
  return std::nullopt;
}

void RequestNotices::Run() {
  while (auto job = Take()) {
    job->text.cluster = options_.cluster();
    Send(*std::move(job));
  }
}

void RequestNotices::Failed(Job job, std::set<std::string> channels) {
  const auto failed = static_cast<std::int64_t>(std::max<std::size_t>(channels.size(), 1));
  if (!job.is_urgent || ++job.attempts >= options_.urgent_attempts ||
      urgent_.size() >= options_.queue_max) {
    counts_.failed += failed;
    return;
  }
  job.left = std::move(channels);
  job.due = clock_.Now() + options_.urgent_pause;
  urgent_.push_back(std::move(job));
}

void RequestNotices::Send(Job job) {
  const auto settings = store_.LoadSettings(Deadline::After(clock_, options_.call_timeout));
  if (!settings.ok()) {
    LANEMQ_LOG(WARN, "governance.notice_failed", {"notice", job.text.notice},
               {"error", settings.error().ToString()});
    MutexLock lock(mutex_);
    std::set<std::string> left = job.left;
    Failed(std::move(job), std::move(left));
    return;
  }
  std::set<std::string> failed;
  for (const core::AlertChannel& channel : settings->channels) {
    const bool is_meant =
        job.channel.empty() ? channel.owners.empty() : channel.name == job.channel;
    const bool was_told = !job.left.empty() && !job.left.contains(channel.name);
    if (!is_meant || was_told || !channel.is_on) continue;
    const Delivery delivery = sender_.Send(channel, job.text);
    if (delivery.is_delivered) {
      MutexLock lock(mutex_);
      ++counts_.sent;
      continue;
    }
    LANEMQ_LOG(WARN, "governance.notice_failed", {"notice", job.text.notice},
               {"channel", channel.name}, {"attempt", job.attempts + 1});
    failed.insert(channel.name);
  }
  if (failed.empty()) return;
  MutexLock lock(mutex_);
  Failed(std::move(job), std::move(failed));
}

}  // namespace lanemq::metaserver
