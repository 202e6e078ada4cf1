#include "tests/conformance/fake_alert_store.h"

#include <algorithm>
#include <tuple>

#include "common/core/alert/alert_kinds.h"
#include "common/core/retry/error_text.h"

namespace lanemq::testing {

using core::Alert;
using core::AlertEvent;
using core::AlertNotice;
using core::AlertState;
using core::CutErrorText;
using core::Fence;
using core::NoticeState;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kTextMax = 1'024;

bool IsTooLong(const core::AlertChanges& changes) {
  return std::any_of(changes.put.begin(), changes.put.end(),
                     [](const Alert& alert) {
                       return alert.incident.size() > 64 || alert.kind.size() > 64 ||
                              alert.subject.size() > 600 || alert.owner.size() > 128;
                     }) ||
         std::any_of(changes.notices.begin(), changes.notices.end(), [](const AlertNotice& notice) {
           return notice.notice.size() > 64 || notice.channel.size() > 64 ||
                  notice.body.size() > 65'535;
         });
}

bool IsWaiting(const AlertNotice& notice) {
  return notice.state == NoticeState::kQueued || notice.state == NoticeState::kSending;
}

}  // namespace

void FakeAlertStore::SetTerm(const std::string& lease, core::FencingToken token) {
  MutexLock lock(mutex_);
  terms_[lease] = token;
}

void FakeAlertStore::Advance(microseconds by) {
  MutexLock lock(mutex_);
  world_.Advance(by);
}

void FakeAlertStore::FailNextWrite(ErrorCode code, bool after_effect) {
  MutexLock lock(mutex_);
  faults_.push_back({code, after_effect});
}

void FakeAlertStore::SetDown(bool is_down) {
  MutexLock lock(mutex_);
  is_down_ = is_down;
}

std::vector<AlertNotice> FakeAlertStore::Notices() const {
  MutexLock lock(mutex_);
  return world_.notices();
}

Status FakeAlertStore::CheckUp() const {
  if (!is_down_) return {};
  return Error{ErrorCode::kMetadataUnavailable, "the fake is down"};
}

Status FakeAlertStore::Write(const Fence* fence, const std::function<Status()>& body) {
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::optional<Fault> fault;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
    if (!fault->after_effect) return Error{fault->code, "asked for"};
  }
  if (fence != nullptr) {
    const auto term = terms_.find(fence->lease);
    if (term == terms_.end() || term->second != fence->token) {
      return Error{ErrorCode::kFenced, "the term is over"};
    }
  }
  Status done = body();
  if (fault && done.ok()) return Error{fault->code, "asked for"};
  return done;
}

AlertNotice* FakeAlertStore::Find(const AlertNotice& notice) {
  for (AlertNotice& stored : world_.notices()) {
    if (stored.notice == notice.notice && stored.channel == notice.channel) return &stored;
  }
  return nullptr;
}

void FakeAlertStore::AddEvent(AlertEvent event) {
  event.at = world_.now();
  event.detail = CutErrorText(event.detail, kTextMax);
  events_.push_back(std::move(event));
}

Result<core::AlertMemory> FakeAlertStore::Load(Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  return world_.Load();
}

Status FakeAlertStore::Apply(const core::AlertChanges& changes, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  if (IsTooLong(changes)) return Error{ErrorCode::kInvalidRequest, "a text is too long"};
  return Write(&fence, [&]() -> Status {
    mutex_.AssertHeld();
    core::AlertChanges cut = changes;
    for (Alert& alert : cut.put) {
      alert.summary = CutErrorText(alert.summary, kTextMax);
      alert.cause = CutErrorText(alert.cause, 32);
    }
    for (AlertNotice& notice : cut.notices) notice.epoch = fence.token.value;
    if (!world_.Apply(cut)) return Error{ErrorCode::kConflict, "not as it was loaded"};
    for (const AlertEvent& event : cut.events) AddEvent(event);
    return {};
  });
}

Result<std::vector<AlertNotice>> FakeAlertStore::Due(std::string_view channel, std::int64_t epoch,
                                                     std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::vector<AlertNotice> due;
  const auto found = channels_.find(channel);
  if (found == channels_.end() || !found->second.is_on) return due;
  for (const AlertNotice* notice : world_.Waiting()) {
    const bool is_in_doubt = notice->state == NoticeState::kSending && notice->epoch != epoch;
    const bool is_due = is_in_doubt || notice->next_at <= world_.now();
    if (notice->channel == channel && is_due) due.push_back(*notice);
  }
  std::stable_sort(due.begin(), due.end(), [](const AlertNotice& a, const AlertNotice& b) {
    return std::tie(a.queued_at, a.notice) < std::tie(b.queued_at, b.notice);
  });
  if (due.size() > max) due.resize(max);
  return due;
}

Status FakeAlertStore::BeginSending(const AlertNotice& notice, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  return Write(&fence, [&]() -> Status {
    mutex_.AssertHeld();
    AlertNotice* const stored = Find(notice);
    const std::int64_t epoch = fence.token.value;
    const bool is_first =
        stored != nullptr && IsWaiting(*stored) && stored->attempts == notice.attempts;
    const bool is_repeated = stored != nullptr && stored->state == NoticeState::kSending &&
                             stored->epoch == epoch && stored->attempts == notice.attempts + 1;
    if (!is_first && !is_repeated) return Error{ErrorCode::kNotFound, "not to be sent"};
    stored->state = NoticeState::kSending;
    stored->epoch = epoch;
    stored->attempts = notice.attempts + 1;
    stored->next_at = Ago(-std::chrono::minutes{2});
    return {};
  });
}

Status FakeAlertStore::EndSending(const AlertNotice& notice, bool is_sent,
                                  std::optional<milliseconds> retry_in, std::string_view answer,
                                  const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  return Write(&fence, [&]() -> Status {
    mutex_.AssertHeld();
    AlertNotice* const stored = Find(notice);
    if (stored == nullptr || stored->state != NoticeState::kSending ||
        stored->epoch != fence.token.value) {
      return {};
    }
    stored->state = is_sent    ? NoticeState::kSent
                    : retry_in ? NoticeState::kQueued
                               : NoticeState::kFailed;
    stored->next_at = is_sent ? world_.now() : Ago(-retry_in.value_or(milliseconds{0}));
    stored->last_error = is_sent ? std::string_view() : CutErrorText(answer, kTextMax);
    if (is_sent) sent_[{stored->notice, stored->channel}] = world_.now();
    if (stored->state == NoticeState::kQueued) return {};
    std::string detail = std::string(ToString(notice.what)) + " to " + notice.channel;
    if (!answer.empty()) detail += ": " + std::string(CutErrorText(answer, kTextMax));
    AddEvent({{}, notice.incident, is_sent ? "delivered" : "delivery_failed", detail});
    return {};
  });
}

Result<std::int64_t> FakeAlertStore::Expire(std::int32_t max, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  std::int64_t expired = 0;
  const Status done = Write(&fence, [&]() -> Status {
    mutex_.AssertHeld();
    const auto erase = [&](auto& rows, const auto& is_old) {
      std::int32_t left = max;
      for (auto row = rows.begin(); row != rows.end() && left > 0;) {
        const bool is_gone = is_old(*row);
        row = is_gone ? rows.erase(row) : std::next(row);
        left -= is_gone ? 1 : 0;
      }
      expired += max - left;
    };
    const WallTime quarter = Ago(hours{90 * 24});
    const WallTime month = Ago(hours{30 * 24});
    const WallTime day = Ago(hours{25});
    erase(world_.alerts(), [&](const auto& item) {
      return item.second.resolved && *item.second.resolved < quarter;
    });
    erase(events_, [&](const AlertEvent& event) { return event.at < quarter; });
    erase(world_.notices(), [&](const AlertNotice& notice) {
      const auto alert = world_.alerts().find(notice.incident);
      const bool is_open =
          alert != world_.alerts().end() && alert->second.state != AlertState::kResolved;
      return notice.queued_at < month && !is_open;
    });
    erase(silences_, [&](const auto& item) { return item.second.until < quarter; });
    for (AlertNotice& notice : world_.notices()) {
      if (notice.state != NoticeState::kQueued || notice.queued_at >= day) continue;
      notice.state = NoticeState::kDropped;
      ++expired;
    }
    return {};
  });
  if (!done.ok()) return done.error();
  return expired;
}

Result<std::vector<Alert>> FakeAlertStore::List(hours resolved_for, std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::vector<Alert> alerts;
  for (const auto& [incident, alert] : world_.alerts()) {
    const bool is_open = alert.state != AlertState::kResolved;
    const bool is_recent = resolved_for.count() > 0 && alert.resolved >= Ago(resolved_for);
    if (is_open || is_recent) alerts.push_back(alert);
  }
  const auto rank = [](const Alert& alert) {
    const int state = alert.state == AlertState::kFiring    ? 0
                      : alert.state == AlertState::kPending ? 1
                                                            : 2;
    return std::tuple(state, -static_cast<int>(alert.severity), -alert.since.micros,
                      std::string_view(alert.incident));
  };
  std::sort(alerts.begin(), alerts.end(),
            [&](const Alert& a, const Alert& b) { return rank(a) < rank(b); });
  if (alerts.size() > max) alerts.resize(max);
  return alerts;
}

Result<std::vector<AlertEvent>> FakeAlertStore::ListEvents(std::string_view incident,
                                                           std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::vector<AlertEvent> events;
  for (auto event = events_.rbegin(); event != events_.rend() && events.size() < max; ++event) {
    if (incident.empty() || event->incident == incident) events.push_back(*event);
  }
  return events;
}

}  // namespace lanemq::testing
