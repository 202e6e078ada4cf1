#include "sql/store/audit_search.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/core/audit/audit_merge.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_batch.h"
#include "sql/store/audit_rows.h"

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
        bytes(search.bytes_max),
        before(search.before_id.value_or(std::numeric_limits<std::int64_t>::max())) {}

  std::int64_t result;
  std::int64_t from;
  std::int64_t until;
  std::size_t bytes;  ///< That one statement reads, but one event at least.
  std::int64_t before;
  std::int64_t floor = 0;  ///< No smaller id need be looked at.
  std::int64_t rows = 0;
};

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

Result<AuditBatch> ReadEvents(Connection& connection, const Statement& statement,
                              const Bounds& bounds, std::initializer_list<Param> params) {
  AuditBatch batch(static_cast<std::size_t>(bounds.rows), bounds.bytes);
  const Status read = connection.Query(
      statement, params, [&](const Row& row) { return batch.Add(AuditEventFromRow(row)); });
  if (!read.ok()) return read.error();
  return batch;
}

/// The next `bounds.rows` events, newest first, as far as `bounds.bytes` go.
Result<AuditBatch> Next(Connection& connection, const AuditSearch& search, AuditTables tables,
                        const Bounds& bounds) {
  const std::string_view actor = search.actor;
  const std::string_view kind = search.object_kind;
  const std::string_view name = search.object_name;
  const std::string_view action = search.action;
  if (IsOfOneObject(search)) {
    const std::initializer_list<Param> params = {
        kind,          name,          actor,       actor,        action,        action,
        bounds.result, bounds.result, bounds.from, bounds.until, bounds.before, bounds.rows};
    LANEMQ_ASSIGN_OR_RETURN(
        AuditBatch own, ReadEvents(connection, statements::kSearchAuditOfObject, bounds, params));
    if (tables == AuditTables::kEvents) return own;
    LANEMQ_ASSIGN_OR_RETURN(
        AuditBatch others,
        ReadEvents(connection, statements::kSearchAuditAboutObject, bounds, params));
    return AuditBatch::Merge(std::move(own), std::move(others));
  }
  if (!actor.empty()) {
    return ReadEvents(connection, statements::kSearchAuditOfActor, bounds,
                      {actor, kind, kind, name, name, action, action, bounds.result, bounds.result,
                       bounds.from, bounds.until, bounds.before, bounds.rows});
  }
  return ReadEvents(connection, statements::kSearchAudit, bounds,
                    {kind, kind, name, name, action, action, bounds.result, bounds.result,
                     bounds.from, bounds.until, bounds.before, bounds.floor, bounds.rows});
}

/// Until the page is full, by events or bytes, or there are no more.
Status Fill(Connection& connection, const AuditSearch& search, AuditTables tables, Bounds bounds,
            AuditPage& page) {
  std::size_t bytes = 0;
  for (;;) {
    const std::size_t wanted = std::min(kRowsAtOnce, search.max + 1 - page.events.size());
    bounds.rows = static_cast<std::int64_t>(wanted);
    LANEMQ_ASSIGN_OR_RETURN(AuditBatch batch, Next(connection, search, tables, bounds));
    for (core::AuditEvent& event : batch.events()) {
      bytes += core::BytesOf(event);
      const bool is_over = bytes > search.bytes_max && !page.events.empty();
      page.has_more = is_over || page.events.size() == search.max;
      if (page.has_more) return {};
      bounds.before = event.id;
      page.events.push_back(std::move(event));
    }
    if (batch.is_all()) return {};
  }
}

}  // namespace

Status CheckSearch(const AuditSearch& search) {
  if (search.max >= 1 && search.max <= AuditSearch::kPageMax) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("{} events are wanted; 1 to {}", search.max, AuditSearch::kPageMax)};
}

Result<AuditPage> SearchAudit(Connection& connection, const AuditSearch& search, AuditTables tables,
                              Param now) {
  LANEMQ_RETURN_IF_ERROR(CheckSearch(search));
  AuditPage page;
  Bounds bounds(search);
  if (LooksThroughAll(search) && (search.from || HasOtherConditions(search))) {
    LANEMQ_ASSIGN_OR_RETURN(const auto floor, ReadFloor(connection, search, bounds, now));
    if (!floor) return page;
    bounds.floor = *floor;
  }
  LANEMQ_RETURN_IF_ERROR(Fill(connection, search, tables, bounds, page));
  return page;
}

}  // namespace lanemq::sql
