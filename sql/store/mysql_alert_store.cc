#include "sql/store/mysql_alert_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "common/core/alert/alert_kinds.h"
#include "common/core/retry/error_text.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/mysql_alert_store_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::Alert;
using core::AlertChanges;
using core::AlertEvent;
using core::AlertMemory;
using core::AlertNotice;
using core::Fence;
using core::NoticeKind;
using core::NoticeState;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kSubjectBytesMax = 600;
constexpr std::size_t kOwnerBytesMax = 128;
constexpr std::size_t kTextBytesMax = 1'024;
constexpr std::size_t kCauseBytesMax = 32;
constexpr std::size_t kBodyBytesMax = 65'535;

Param OrNull(const std::optional<WallTime>& time) {
  return time ? Param{time->micros} : Param{SqlNull{}};
}

Status CheckLength(std::string_view what, std::string_view text, std::size_t max) {
  if (text.size() <= max) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("{} has {} bytes; {} at most", what, text.size(), max)};
}

Status CheckTexts(const AlertChanges& changes) {
  for (const Alert& alert : changes.put) {
    LANEMQ_RETURN_IF_ERROR(CheckLength("incident", alert.incident, kIdBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckLength("kind", alert.kind, kIdBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckLength("subject", alert.subject, kSubjectBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckLength("owner", alert.owner, kOwnerBytesMax));
  }
  for (const AlertNotice& notice : changes.notices) {
    LANEMQ_RETURN_IF_ERROR(CheckLength("notice", notice.notice, kIdBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckLength("channel", notice.channel, kIdBytesMax));
    LANEMQ_RETURN_IF_ERROR(CheckLength("body", notice.body, kBodyBytesMax));
  }
  return {};
}

/// Not kConflict within the transaction: that would be tried again, in vain.
Error Stale(const std::string& why) { return Error{ErrorCode::kFailedPrecondition, why}; }

Status Put(Connection& connection, const Alert& alert) {
  const std::string_view state = ToString(alert.state);
  const std::string_view severity = ToString(alert.severity);
  const std::string_view summary = core::CutErrorText(alert.summary, kTextBytesMax);
  const std::string_view cause = core::CutErrorText(alert.cause, kCauseBytesMax);
  const std::string_view why = core::CutErrorText(alert.inhibited_by, kIdBytesMax);
  const Param is_open =
      alert.state == core::AlertState::kResolved ? Param{SqlNull{}} : Param{std::int64_t{1}};
  const std::int64_t is_told = alert.is_told ? 1 : 0;
  const std::string_view owner = alert.owner;
  const std::string_view incident = alert.incident;
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t kept,
      connection.Update(statements::kUpdateAlert,
                        {state, severity, owner, summary, cause, alert.since.micros,
                         OrNull(alert.fired), OrNull(alert.resolved), OrNull(alert.false_since),
                         OrNull(alert.reminded), is_told, why, is_open, incident}));
  if (kept > 0) return {};
  const auto inserted = connection.Update(
      statements::kInsertAlert,
      {state, severity, owner, summary, cause, alert.since.micros, OrNull(alert.fired),
       OrNull(alert.resolved), OrNull(alert.false_since), OrNull(alert.reminded), is_told, why,
       is_open, incident, std::string_view(alert.kind), std::string_view(alert.subject)});
  if (inserted.ok() || inserted.error().code != ErrorCode::kAlreadyExists) {
    return ToStatus(inserted);
  }
  return Stale(fmt::format("{} of {} is not as it was loaded", alert.kind, alert.subject));
}

Status AddEvent(Connection& connection, const AlertEvent& event, Param now) {
  return ToStatus(connection.Update(
      statements::kInsertAlertEvent,
      {core::CutErrorText(event.incident, kIdBytesMax), now, core::CutErrorText(event.what, 32),
       core::CutErrorText(event.detail, kTextBytesMax)}));
}

/// Whether it is to be there, as AlertChanges::notices says.
Result<bool> IsWanted(Connection& connection, const AlertNotice& notice) {
  if (notice.what != NoticeKind::kResolved && notice.what != NoticeKind::kReminder) return true;
  std::int64_t tried = 0;
  std::int64_t waiting = 0;
  const Status read = connection.Query(
      statements::kCountNoticesOfIncident,
      {std::string_view(notice.incident), std::string_view(notice.channel)}, [&](const Row& row) {
        tried = row.Int64(0);
        waiting = row.Int64(1);
        return false;
      });
  if (!read.ok()) return read.error();
  return notice.what == NoticeKind::kResolved ? tried > 0 : waiting == 0;
}

Status Add(Connection& connection, const AlertNotice& notice, std::int64_t epoch) {
  LANEMQ_ASSIGN_OR_RETURN(const bool is_wanted, IsWanted(connection, notice));
  if (!is_wanted) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kInsertAlertNotice,
      {std::string_view(notice.notice), std::string_view(notice.channel),
       std::string_view(notice.incident), ToString(notice.what), ToSql(notice.state),
       std::string_view(notice.body), epoch, notice.queued_at.micros, notice.next_at.micros})));
  if (notice.what != NoticeKind::kMore) return {};
  const std::string why = "told by " + notice.notice;
  return ToStatus(connection.Update(statements::kDropFoldedNotices,
                                    {std::string_view(why), std::string_view(notice.channel)}));
}

}  // namespace

Status MySqlAlertStore::Fenced(const Fence& fence, Deadline deadline, const Body& body) {
  return Change(deadline, [&](Connection& connection, Param now) -> Status {
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    return body(connection, now);
  });
}

Status MySqlAlertStore::Change(Deadline deadline, const Body& body) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    return body(connection, now.get());
  }));
}

Result<AlertMemory> MySqlAlertStore::Load(Deadline deadline) {
  AlertMemory memory;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    memory = {};
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadAlertClock, {now.get()}, [&](const Row& row) {
          memory.now = WallTime{row.Int64(0)};
          return false;
        }));
    const std::int64_t open_max{kOpenMax};
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadOpenAlerts, {open_max}, [&](const Row& row) {
          memory.open.push_back(AlertFromRow(row));
          return true;
        }));
    std::set<std::pair<std::string, std::string>> known;
    const auto keep = [&](const Row& row) {
      AlertNotice notice = NoticeFromRow(row);
      if (known.emplace(notice.notice, notice.channel).second) {
        memory.notices.push_back(std::move(notice));
      }
      return true;
    };
    const std::int64_t max{kNoticesMax};
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadNoticesOfOpenAlerts, {max}, keep));
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadFoldedNotices, {max}, keep));
    return connection.Query(statements::kReadRecentNotices, {now.get(), max}, keep);
  });
  if (!read.ok()) return read.error();
  return memory;
}

Status MySqlAlertStore::Apply(const AlertChanges& changes, const Fence& fence, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckTexts(changes));
  Status done = Fenced(fence, deadline, [&](Connection& connection, Param now) -> Status {
    for (const std::string& incident : changes.forget) {
      LANEMQ_RETURN_IF_ERROR(
          ToStatus(connection.Update(statements::kForgetAlert, {std::string_view(incident)})));
    }
    for (const Alert& alert : changes.put) LANEMQ_RETURN_IF_ERROR(Put(connection, alert));
    for (const AlertEvent& event : changes.events) {
      LANEMQ_RETURN_IF_ERROR(AddEvent(connection, event, now));
    }
    for (const auto& [incident, channel] : changes.drop) {
      LANEMQ_RETURN_IF_ERROR(
          ToStatus(connection.Update(statements::kDropUntriedNotices,
                                     {std::string_view(incident), std::string_view(channel)})));
    }
    for (const AlertNotice& notice : changes.notices) {
      LANEMQ_RETURN_IF_ERROR(Add(connection, notice, fence.token.value));
    }
    return {};
  });
  if (!done.ok() && done.error().code == ErrorCode::kFailedPrecondition) {
    return Error{ErrorCode::kConflict, done.error().message};
  }
  return done;
}

Result<std::vector<AlertNotice>> MySqlAlertStore::Due(std::string_view channel, std::int64_t epoch,
                                                      std::size_t max, Deadline deadline) {
  std::vector<AlertNotice> due;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    due.clear();
    return connection.Query(
        statements::kReadDueNotices,
        {channel, now.get(), epoch, now.get(), channel, static_cast<std::int64_t>(max)},
        [&](const Row& row) {
          due.push_back(NoticeFromRow(row));
          return true;
        });
  });
  if (!read.ok()) return read.error();
  return due;
}

Status MySqlAlertStore::BeginSending(const AlertNotice& notice, const Fence& fence,
                                     Deadline deadline) {
  return Fenced(fence, deadline, [&](Connection& connection, Param now) -> Status {
    const std::int64_t epoch = fence.token.value;
    const std::int64_t before = notice.attempts;
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t begun,
        connection.Update(statements::kBeginSendingNotice,
                          {epoch, before + 1, now, std::string_view(notice.notice),
                           std::string_view(notice.channel), before, epoch, before + 1}));
    if (begun > 0) return {};
    return Error{ErrorCode::kNotFound,
                 fmt::format("notice {} to {} is not to be sent", notice.notice, notice.channel)};
  });
}

Status MySqlAlertStore::EndSending(const AlertNotice& notice, bool is_sent,
                                   std::optional<milliseconds> retry_in, std::string_view answer,
                                   const Fence& fence, Deadline deadline) {
  const NoticeState state = is_sent    ? NoticeState::kSent
                            : retry_in ? NoticeState::kQueued
                                       : NoticeState::kFailed;
  const std::string_view cut = core::CutErrorText(answer, kTextBytesMax);
  return Fenced(fence, deadline, [&](Connection& connection, Param now) -> Status {
    const microseconds wait = is_sent ? milliseconds{0} : retry_in.value_or(milliseconds{0});
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t ended,
        connection.Update(statements::kEndSendingNotice,
                          {ToSql(state), now, std::int64_t{wait.count()},
                           is_sent ? Param{std::int64_t{1}} : Param{SqlNull{}}, now,
                           is_sent ? std::string_view() : cut, std::string_view(notice.notice),
                           std::string_view(notice.channel), fence.token.value}));
    if (ended == 0 || state == NoticeState::kQueued) return {};
    std::string detail = fmt::format("{} to {}", ToString(notice.what), notice.channel);
    if (!answer.empty()) detail += fmt::format(": {}", cut);
    return AddEvent(connection,
                    {{}, notice.incident, is_sent ? "delivered" : "delivery_failed", detail}, now);
  });
}

Result<std::int64_t> MySqlAlertStore::Expire(std::int32_t max, const Fence& fence,
                                             Deadline deadline) {
  std::int64_t expired = 0;
  const Status done = Fenced(fence, deadline, [&](Connection& connection, Param now) -> Status {
    expired = 0;
    for (const Statement& statement :
         {statements::kExpireAlerts, statements::kExpireAlertEvents,
          statements::kExpireAlertNotices, statements::kDropStaleNotices,
          statements::kExpireAlertSilences}) {
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                              connection.Update(statement, {now, std::int64_t{max}}));
      expired += rows;
    }
    return {};
  });
  if (!done.ok()) return done.error();
  return expired;
}

Result<std::vector<Alert>> MySqlAlertStore::List(std::chrono::hours resolved_for, std::size_t max,
                                                 Deadline deadline) {
  std::vector<Alert> alerts;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    alerts.clear();
    const auto keep = [&](const Row& row) {
      alerts.push_back(AlertFromRow(row));
      return true;
    };
    const std::int64_t open_max{kOpenMax};
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOpenAlerts, {open_max}, keep));
    if (resolved_for.count() <= 0) return {};
    const microseconds age = resolved_for;
    return connection.Query(statements::kReadResolvedAlerts,
                            {now.get(), std::int64_t{age.count()}, static_cast<std::int64_t>(max)},
                            keep);
  });
  if (!read.ok()) return read.error();
  // The statements' orders are those of their indexes: which of too many are told is decided here.
  const auto rank = [](const Alert& alert) {
    const int state = alert.state == core::AlertState::kFiring    ? 0
                      : alert.state == core::AlertState::kPending ? 1
                                                                  : 2;
    return std::tuple(state, alert.severity == core::AlertSeverity::kPage ? 0 : 1,
                      -alert.since.micros, std::string_view(alert.incident));
  };
  std::sort(alerts.begin(), alerts.end(),
            [&](const Alert& a, const Alert& b) { return rank(a) < rank(b); });
  if (alerts.size() > max) alerts.resize(max);
  return alerts;
}

Result<std::vector<AlertEvent>> MySqlAlertStore::ListEvents(std::string_view incident,
                                                            std::size_t max, Deadline deadline) {
  std::vector<AlertEvent> events;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    events.clear();
    const auto keep = [&](const Row& row) {
      events.push_back({WallTime{row.Int64(0)}, row.String(1), row.String(2), row.String(3)});
      return true;
    };
    const auto most = static_cast<std::int64_t>(max);
    if (incident.empty()) return connection.Query(statements::kReadAlertEvents, {most}, keep);
    return connection.Query(statements::kReadIncidentEvents, {incident, most}, keep);
  });
  if (!read.ok()) return read.error();
  return events;
}

}  // namespace lanemq::sql
