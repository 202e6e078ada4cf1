#include "sql/store/mysql_outbox_registry.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "common/core/audit/audited_changes.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/settled_change.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::OutboxReport;
using core::RegisteredOutbox;

/// Columns of read_outbox_reports and lock_outbox_report.
enum Column : unsigned {
  kName,
  kRelay,
  kReady,
  kHeld,
  kDead,
  kHolds,
  kOldestAge,
  kRelays,
  kUnownedBuckets,
  kPublished,
  kFailed,
  kLastError,
  kVersion,
  kFirstSeen,
  kReported,
  kSilentFor,
};

Param OrNull(const std::optional<std::int64_t>& value) {
  return value ? Param{*value} : Param{SqlNull{}};
}

std::optional<std::int64_t> Optional(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Int64(column));
}

RegisteredOutbox FromRow(const Row& row) {
  RegisteredOutbox outbox;
  OutboxReport& report = outbox.report;
  report.outbox = row.String(kName);
  report.relay = row.String(kRelay);
  report.ready = row.Int64(kReady);
  report.held = row.Int64(kHeld);
  report.dead = row.Int64(kDead);
  report.holds = Optional(row, kHolds);
  report.oldest_age = std::chrono::milliseconds{row.Int64(kOldestAge)};
  report.relays = static_cast<std::int32_t>(row.Int64(kRelays));
  report.unowned_buckets = static_cast<std::int32_t>(row.Int64(kUnownedBuckets));
  report.published = Optional(row, kPublished);
  report.failed = Optional(row, kFailed);
  report.last_error = row.String(kLastError);
  report.version = row.String(kVersion);
  outbox.first_seen = WallTime{row.Int64(kFirstSeen)};
  outbox.reported = WallTime{row.Int64(kReported)};
  outbox.silent_for = std::chrono::microseconds{row.Int64(kSilentFor)};
  return outbox;
}

Result<std::int64_t> Refresh(Connection& connection, const OutboxReport& report,
                             std::string_view reporter, Param now) {
  return connection.Update(
      statements::kRefreshOutboxReport,
      {std::string_view(report.relay), reporter, reporter, report.ready, report.held, report.dead,
       OrNull(report.holds), std::int64_t{report.oldest_age.count()}, std::int64_t{report.relays},
       std::int64_t{report.unowned_buckets}, OrNull(report.published), OrNull(report.failed),
       std::string_view(report.last_error), std::string_view(report.version), now,
       std::string_view(report.outbox), reporter, reporter, now});
}

/// Why the report could not be kept.
Error WhyNot(Connection& connection, const std::string& outbox, std::size_t outboxes_max) {
  std::optional<std::string> reporter;
  const Status read = connection.Query(statements::kFindOutboxReporter, {std::string_view(outbox)},
                                       [&](const Row& row) {
                                         reporter = row.String(0);
                                         return false;
                                       });
  if (!read.ok()) return read.error();
  if (reporter) {
    return {ErrorCode::kClusterAuthorizationFailed,
            fmt::format("outbox '{}' is reported by {}: choose another name, or have an operator "
                        "run `lanemq outbox forget {}`",
                        outbox, *reporter, outbox)};
  }
  return {ErrorCode::kInsufficientCapacity,
          fmt::format("the cluster has {} outboxes already; `lanemq outbox forget` those that are "
                      "gone",
                      outboxes_max)};
}

}  // namespace

Status MySqlOutboxRegistry::Report(const OutboxReport& report, std::string_view reporter,
                                   Deadline deadline) {
  return OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_ASSIGN_OR_RETURN(std::int64_t kept, Refresh(connection, report, reporter, now.get()));
    if (kept > 0) return {};
    const auto inserted = connection.Update(
        statements::kInsertOutboxReport,
        {std::string_view(report.outbox), now.get(), now.get(), std::int64_t{kOutboxesMax}});
    if (!inserted.ok()) return inserted.error();
    LANEMQ_ASSIGN_OR_RETURN(kept, Refresh(connection, report, reporter, now.get()));
    if (kept > 0) return {};
    return WhyNot(connection, report.outbox, kOutboxesMax);
  }));
}

Result<std::vector<RegisteredOutbox>> MySqlOutboxRegistry::List(Deadline deadline) {
  std::vector<RegisteredOutbox> outboxes;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    outboxes.clear();
    return connection.Query(statements::kReadOutboxReports, {now.get()}, [&](const Row& row) {
      outboxes.push_back(FromRow(row));
      return true;
    });
  });
  if (!read.ok()) return read.error();
  return outboxes;
}

Status MySqlOutboxRegistry::Forget(std::string_view outbox, const core::AuditNote& note,
                                   Deadline deadline) {
  return RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    std::optional<RegisteredOutbox> found;
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockOutboxReport, {change.now(), outbox},
                                            [&](const Row& row) {
                                              found = FromRow(row);
                                              return false;
                                            }));
    if (!found) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no outbox '{}'", outbox)};
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteOutboxReport, {outbox})));
    return change.Tell(core::OutboxForgotten(found->report));
  });
}

}  // namespace lanemq::sql
