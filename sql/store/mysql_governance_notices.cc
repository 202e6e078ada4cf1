// Events of requests of MySqlGovernanceStore, until they are alert notices.
#include <optional>
#include <string>
#include <vector>

#include "common/core/alert/alert_kinds.h"
#include "common/core/policy/request_events.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/governance_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/mysql_alert_store_rows.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::RequestEvent;

constexpr std::int64_t kNoticesMax{core::GovernanceStore::kNoticesMax};

Result<std::int64_t> CountWaiting(Connection& connection) {
  std::int64_t waiting = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kCountRequestNotices, {kNoticesMax}, [&](const Row& row) {
        waiting = row.Int64(0);
        return false;
      }));
  return waiting;
}

/// Rows of the same request that say what is said again, or what is no longer so, go: somebody who
/// edits and submits all day fills no queue.
Status ForgetSuperseded(Connection& connection, const core::ChangeRequest* before,
                        const core::ChangeRequest& after, std::optional<RequestEvent> event) {
  if (before == nullptr) return {};
  const bool is_taken_back =
      before->state == core::RequestState::kPending && after.state != core::RequestState::kPending;
  if (!event && is_taken_back) event = RequestEvent::kSubmitted;
  if (!event || *event == RequestEvent::kBreakGlass) return {};
  std::vector<std::int64_t> ids;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadNoticesOfRequest,
                                          {after.id, ToString(*event)}, [&](const Row& row) {
                                            ids.push_back(row.Int64(0));
                                            return true;
                                          }));
  for (const std::int64_t id : ids) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteRequestNotice, {id})));
  }
  return {};
}

}  // namespace

Status InsertForOnCall(Connection& connection, const core::AlertNotice& notice) {
  // Of no term: whoever is on call sends it.
  return ToStatus(
      connection.Update(statements::kInsertAlertNotice,
                        {std::string_view(notice.notice), std::string_view(notice.channel),
                         std::string_view(notice.incident), ToString(notice.what),
                         ToSql(notice.state), std::string_view(notice.body), std::int64_t{0},
                         notice.queued_at.micros, notice.next_at.micros}));
}

Status KeepEvent(Connection& connection, Param now, const core::ChangeRequest* before,
                 const core::ChangeRequest& after) {
  const std::optional<RequestEvent> event = core::EventOf(before, after);
  LANEMQ_RETURN_IF_ERROR(ForgetSuperseded(connection, before, after, event));
  if (!event) return {};
  const bool is_urgent = *event == RequestEvent::kBreakGlass;
  if (!is_urgent) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t waiting, CountWaiting(connection));
    if (waiting >= kNoticesMax) return {};
  }
  return ToStatus(
      connection.Update(statements::kInsertRequestNotice,
                        {after.id, ToString(*event), std::int64_t{is_urgent ? 1 : 0}, now}));
}

Result<core::RequestNotices> MySqlGovernanceStore::LoadNotices(std::size_t max, Deadline deadline) {
  core::RequestNotices found;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    found = {};
    LANEMQ_ASSIGN_OR_RETURN(found.waiting, CountWaiting(connection));
    if (found.waiting == 0) return {};
    const auto limit = static_cast<std::int64_t>(max);
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadRequestNotices, {limit, limit}, [&](const Row& row) {
          const auto event = core::RequestEventFromString(row.String(2));
          // What only a newer version knows is left to one, or expires.
          if (event) {
            found.notices.push_back({row.Int64(0), row.Int64(1), *event, WallTime{row.Int64(3)}});
          }
          return true;
        }));
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kCountNoticesOfRequests, {now.get()}, [&](const Row& row) {
          found.told_lately = row.Int64(0);
          return false;
        }));
    return connection.Query(statements::kReadAlertClock, {now.get()}, [&](const Row& row) {
      found.now = WallTime{row.Int64(0)};
      return false;
    });
  });
  if (!read.ok()) return read.error();
  return found;
}

Result<bool> MySqlGovernanceStore::HandOver(const core::RequestNotice& event,
                                            std::span<const core::AlertNotice> notices,
                                            Deadline deadline) {
  bool is_first = false;
  const Status done =
      OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                                connection.Update(statements::kDeleteRequestNotice, {event.id}));
        is_first = rows > 0;
        if (!is_first) return {};
        for (const core::AlertNotice& notice : notices) {
          LANEMQ_RETURN_IF_ERROR(InsertForOnCall(connection, notice));
        }
        return {};
      }));
  if (!done.ok()) return done.error();
  return is_first;
}

Result<std::int64_t> MySqlGovernanceStore::ExpireNotices(std::size_t max, Deadline deadline) {
  std::int64_t expired = 0;
  const NowParam now(now_);
  const Status done =
      OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(expired,
                                connection.Update(statements::kExpireRequestNotices,
                                                  {now.get(), static_cast<std::int64_t>(max)}));
        return {};
      }));
  if (!done.ok()) return done.error();
  return expired;
}

}  // namespace lanemq::sql
