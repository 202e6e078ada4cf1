#include "sql/store/mysql_audit_log.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

/// Rows that one statement reads: as many documents are in memory at once.
constexpr std::size_t kRowsAtOnce = 32;

/// What a search asks for, as parameters; `before` and `rows` are of its next statement.
struct Bounds {
  explicit Bounds(const AuditSearch& search)
      : result(search.result ? static_cast<std::int64_t>(*search.result) : 0),
        from(std::clamp<std::int64_t>(search.from ? search.from->micros : 0, 0, kMicrosMax)),
        until(std::clamp<std::int64_t>(search.until ? search.until->micros : kMicrosMax, 0,
                                       kMicrosMax)),
        before(search.before_id.value_or(std::numeric_limits<std::int64_t>::max())) {}

  std::int64_t result;
  std::int64_t from;
  std::int64_t until;
  std::int64_t before;
  std::int64_t floor = 0;  ///< No smaller id need be looked at.
  std::int64_t rows = 0;
};

using Events = std::vector<core::AuditEvent>;

std::size_t SizeOf(const core::AuditEvent& event) {
  return sizeof(event) + event.note.actor.size() + event.note.on_behalf_of.size() +
         event.note.source.size() + event.note.request_id.size() + event.note.action.size() +
         event.note.reason.size() + event.change.object_kind.size() +
         event.change.object_name.size() + event.change.before_json.size() +
         event.change.after_json.size();
}

bool IsOfOneObject(const AuditSearch& search) {
  return !search.object_kind.empty() && !search.object_name.empty();
}

/// Whether every event is looked at, as far as `floor`.
bool LooksThroughAll(const AuditSearch& search) {
  return search.actor.empty() && !IsOfOneObject(search);
}

bool HasOtherConditions(const AuditSearch& search) {
  return !search.object_kind.empty() || !search.object_name.empty() || !search.action.empty() ||
         search.result.has_value();
}

/// The smallest id that a search by time has to look at; nullopt: there is no event so new.
Result<std::optional<std::int64_t>> ReadFloor(Connection& connection, const AuditSearch& search,
                                              const Bounds& bounds, Param now) {
  std::optional<std::int64_t> floor;
  const Param from = search.from ? Param{bounds.from} : Param{SqlNull{}};
  const Status read =
      connection.Query(statements::kReadAuditFloor, {from, now, bounds.until}, [&](const Row& row) {
        floor = row.Int64(0);
        return false;
      });
  if (!read.ok()) return read.error();
  return floor;
}

/// The newest of both, each once.
Events Merge(Events a, Events b, std::size_t max) {
  const auto is_newer = [](const core::AuditEvent& x, const core::AuditEvent& y) {
    return x.id > y.id;
  };
  Events all;
  std::merge(std::make_move_iterator(a.begin()), std::make_move_iterator(a.end()),
             std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()),
             std::back_inserter(all), is_newer);
  const auto same = [](const core::AuditEvent& x, const core::AuditEvent& y) {
    return x.id == y.id;
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  if (all.size() > max) all.resize(max);
  return all;
}

Result<Events> ReadEvents(Connection& connection, const Statement& statement,
                          std::initializer_list<Param> params) {
  Events events;
  const Status read = connection.Query(statement, params, [&](const Row& row) {
    events.push_back(AuditEventFromRow(row));
    return true;
  });
  if (!read.ok()) return read.error();
  return events;
}

/// The next `bounds.rows` events, newest first.
Result<Events> Next(Connection& connection, const AuditSearch& search, const Bounds& bounds) {
  const std::string_view actor = search.actor;
  const std::string_view kind = search.object_kind;
  const std::string_view name = search.object_name;
  const std::string_view action = search.action;
  if (IsOfOneObject(search)) {
    const std::initializer_list<Param> params = {
        kind,          name,          actor,       actor,        action,        action,
        bounds.result, bounds.result, bounds.from, bounds.until, bounds.before, bounds.rows};
    LANEMQ_ASSIGN_OR_RETURN(Events own,
                            ReadEvents(connection, statements::kSearchAuditOfObject, params));
    LANEMQ_ASSIGN_OR_RETURN(Events others,
                            ReadEvents(connection, statements::kSearchAuditAboutObject, params));
    return Merge(std::move(own), std::move(others), static_cast<std::size_t>(bounds.rows));
  }
  if (!actor.empty()) {
    return ReadEvents(connection, statements::kSearchAuditOfActor,
                      {actor, kind, kind, name, name, action, action, bounds.result, bounds.result,
                       bounds.from, bounds.until, bounds.before, bounds.rows});
  }
  return ReadEvents(connection, statements::kSearchAudit,
                    {kind, kind, name, name, action, action, bounds.result, bounds.result,
                     bounds.from, bounds.until, bounds.before, bounds.floor, bounds.rows});
}

/// Until the page is full, by events or bytes, or there are no more.
Status Fill(Connection& connection, const AuditSearch& search, Bounds bounds, AuditPage& page) {
  std::size_t bytes = 0;
  for (;;) {
    const std::size_t wanted = std::min(kRowsAtOnce, search.max + 1 - page.events.size());
    bounds.rows = static_cast<std::int64_t>(wanted);
    LANEMQ_ASSIGN_OR_RETURN(Events events, Next(connection, search, bounds));
    const bool is_all = events.size() < wanted;
    for (core::AuditEvent& event : events) {
      bytes += SizeOf(event);
      const bool is_over = bytes > AuditSearch::kPageBytesMax && !page.events.empty();
      page.has_more = is_over || page.events.size() == search.max;
      if (page.has_more) return {};
      bounds.before = event.id;
      page.events.push_back(std::move(event));
    }
    if (is_all) return {};
  }
}

}  // namespace

Status MySqlAuditLog::Append(const core::AuditNote& note, const core::AuditedChange& change,
                             core::AuditResult result, Deadline deadline) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    return AppendAudit(connection, note, change, result, now.get());
  }));
}

Status MySqlAuditLog::AppendDenied(const core::AuditNote& note,
                                   const core::AuditedChange& attempted, Deadline deadline) {
  return Append(note, attempted, core::AuditResult::kDenied, deadline);
}

Status MySqlAuditLog::AppendDone(const core::AuditNote& note, const core::AuditedChange& done,
                                 Deadline deadline) {
  return Append(note, done, core::AuditResult::kOk, deadline);
}

Result<AuditPage> MySqlAuditLog::Search(const AuditSearch& search, Deadline deadline) {
  if (search.max < 1 || search.max > AuditSearch::kPageMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{} events are wanted; 1 to {}", search.max, AuditSearch::kPageMax)};
  }
  AuditPage page;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    page = {};
    Bounds bounds(search);
    if (LooksThroughAll(search) && (search.from || HasOtherConditions(search))) {
      LANEMQ_ASSIGN_OR_RETURN(const auto floor, ReadFloor(connection, search, bounds, now.get()));
      if (!floor) return {};
      bounds.floor = *floor;
    }
    return Fill(connection, search, bounds, page);
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
    return ToStatus(
        connection.Update(statements::kExpireAuditObjects, {static_cast<std::int64_t>(max)}));
  });
  if (!done.ok()) return OfMetadata(done.error());
  return expired;
}

}  // namespace lanemq::sql
