#include "sql/store/mysql_canary_registry.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "common/base/log.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"

namespace lanemq::sql {
namespace {

using core::CanaryReport;
using core::RegisteredCanary;

/// A canary that is away for so long is gone, not broken.
constexpr std::chrono::hours kForgetAfter{24};

/// Columns of read_canary_reports.
enum Column : unsigned {
  kInstance,
  kNode,
  kOk,
  kLate,
  kLost,
  kDuplicates,
  kProduceErrors,
  kP50,
  kP99,
  kLastOkAge,
  kLastError,
  kReported,
  kSilentFor,
};

RegisteredCanary FromRow(const Row& row) {
  RegisteredCanary canary;
  CanaryReport& report = canary.report;
  report.instance = row.String(kInstance);
  report.node = row.String(kNode);
  report.ok = row.Int64(kOk);
  report.late = row.Int64(kLate);
  report.lost = row.Int64(kLost);
  report.duplicates = row.Int64(kDuplicates);
  report.produce_errors = row.Int64(kProduceErrors);
  report.p50 = std::chrono::microseconds{row.Int64(kP50)};
  report.p99 = std::chrono::microseconds{row.Int64(kP99)};
  report.last_ok_age = std::chrono::milliseconds{row.Int64(kLastOkAge)};
  report.last_error = row.String(kLastError);
  canary.reported = WallTime{row.Int64(kReported)};
  canary.silent_for = std::chrono::microseconds{row.Int64(kSilentFor)};
  return canary;
}

Result<std::int64_t> Refresh(Connection& connection, const CanaryReport& report, Param now) {
  return connection.Update(
      statements::kRefreshCanaryReport,
      {report.ok, report.late, report.lost, report.duplicates, report.produce_errors,
       std::int64_t{report.p50.count()}, std::int64_t{report.p99.count()},
       std::int64_t{report.last_ok_age.count()}, std::string_view(report.last_error), now,
       std::string_view(report.instance), std::string_view(report.node)});
}

Status Keep(Connection& connection, const CanaryReport& report, Param now) {
  LANEMQ_ASSIGN_OR_RETURN(std::int64_t kept, Refresh(connection, report, now));
  if (kept > 0) return {};
  const auto inserted =
      connection.Update(statements::kInsertCanaryReport,
                        {std::string_view(report.instance), std::string_view(report.node), now,
                         static_cast<std::int64_t>(core::CanaryRegistry::kRowsMax)});
  if (!inserted.ok()) return inserted.error();
  LANEMQ_ASSIGN_OR_RETURN(kept, Refresh(connection, report, now));
  if (kept > 0) return {};
  return Error{ErrorCode::kInsufficientCapacity,
               fmt::format("the cluster knows {} canaries already (one per instance and data "
                           "node); silent ones are forgotten after a day",
                           core::CanaryRegistry::kRowsMax)};
}

}  // namespace

Status MySqlCanaryRegistry::Report(std::span<const CanaryReport> reports, Deadline deadline) {
  return OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    for (const CanaryReport& report : reports) {
      LANEMQ_RETURN_IF_ERROR(Keep(connection, report, now.get()));
    }
    return {};
  }));
}

Result<std::vector<RegisteredCanary>> MySqlCanaryRegistry::List(Deadline deadline) {
  std::vector<RegisteredCanary> canaries;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    canaries.clear();
    return connection.Query(statements::kReadCanaryReports, {now.get()}, [&](const Row& row) {
      canaries.push_back(FromRow(row));
      return true;
    });
  });
  if (!read.ok()) return read.error();
  const auto silent = std::stable_partition(
      canaries.begin(), canaries.end(),
      [](const RegisteredCanary& canary) { return canary.silent_for < kForgetAfter; });
  if (silent != canaries.end()) {
    // Whoever lists next tries again.
    const Status forgotten = ForgetSilent(std::span(silent, canaries.end()), deadline);
    if (!forgotten.ok()) {
      LANEMQ_LOG(WARN, "canary.forget_failed", {"error", forgotten.error().ToString()});
    }
    canaries.erase(silent, canaries.end());
  }
  return canaries;
}

Status MySqlCanaryRegistry::ForgetSilent(std::span<const RegisteredCanary> silent,
                                         Deadline deadline) {
  const std::int64_t seconds = std::chrono::seconds(kForgetAfter).count();
  return OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    for (const RegisteredCanary& canary : silent) {
      const auto deleted =
          connection.Update(statements::kForgetSilentCanary,
                            {std::string_view(canary.report.instance),
                             std::string_view(canary.report.node), now.get(), seconds});
      if (!deleted.ok()) return deleted.error();
    }
    return {};
  }));
}

}  // namespace lanemq::sql
