#include "sql/store/mysql_audit_log.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditPage;
using core::AuditSearch;

/// What the column's times can be compared with: up to the year 2200.
constexpr std::int64_t kMicrosMax = 7'258'118'400'000'000;

/// The conditions that all searches have, as parameters.
struct Bounds {
  explicit Bounds(const AuditSearch& search)
      : result(search.result ? static_cast<std::int64_t>(*search.result) : 0),
        from(std::clamp<std::int64_t>(search.from ? search.from->micros : 0, 0, kMicrosMax)),
        until(std::clamp<std::int64_t>(search.until ? search.until->micros : kMicrosMax, 0,
                                       kMicrosMax)),
        before(search.before_id.value_or(std::numeric_limits<std::int64_t>::max())),
        rows(static_cast<std::int64_t>(search.max) + 1) {}

  std::int64_t result;
  std::int64_t from;
  std::int64_t until;
  std::int64_t before;
  std::int64_t rows;  ///< One more than wanted, to know whether there are more.
};

Status Find(Connection& connection, const AuditSearch& search, const RowVisitor& visit) {
  const Bounds bounds(search);
  const std::string_view actor = search.actor;
  const std::string_view kind = search.object_kind;
  const std::string_view name = search.object_name;
  const std::string_view action = search.action;
  if (!kind.empty() && !name.empty()) {
    return connection.Query(statements::kSearchAuditOfObject,
                            {kind, name, actor, actor, action, action, bounds.result, bounds.result,
                             bounds.from, bounds.until, bounds.before, bounds.rows},
                            visit);
  }
  if (!actor.empty()) {
    return connection.Query(statements::kSearchAuditOfActor,
                            {actor, kind, kind, name, name, action, action, bounds.result,
                             bounds.result, bounds.from, bounds.until, bounds.before, bounds.rows},
                            visit);
  }
  return connection.Query(statements::kSearchAudit,
                          {kind, kind, name, name, action, action, bounds.result, bounds.result,
                           bounds.from, bounds.until, bounds.before, bounds.rows},
                          visit);
}

}  // namespace

Status MySqlAuditLog::AppendDenied(const core::AuditNote& note,
                                   const core::AuditedChange& attempted, Deadline deadline) {
  return OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    return AppendAudit(connection, note, attempted, core::AuditResult::kDenied, now.get());
  }));
}

Result<AuditPage> MySqlAuditLog::Search(const AuditSearch& search, Deadline deadline) {
  if (search.max < 1 || search.max > AuditSearch::kPageMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{} events are wanted; 1 to {}", search.max, AuditSearch::kPageMax)};
  }
  AuditPage page;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    page = {};
    return Find(connection, search, [&](const Row& row) {
      page.has_more = page.events.size() == search.max;
      if (!page.has_more) page.events.push_back(AuditEventFromRow(row));
      return !page.has_more;
    });
  });
  if (!read.ok()) return read.error();
  return page;
}

Result<std::int64_t> MySqlAuditLog::Expire(std::chrono::microseconds age, std::size_t max,
                                           const core::Fence& fence, Deadline deadline) {
  std::int64_t expired = 0;
  const Status done = RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    LANEMQ_ASSIGN_OR_RETURN(expired, connection.Update(statements::kExpireAuditEvents,
                                                       {now.get(), std::int64_t{age.count()},
                                                        static_cast<std::int64_t>(max)}));
    return {};
  });
  if (!done.ok()) return OfMetadata(done.error());
  return expired;
}

}  // namespace lanemq::sql
