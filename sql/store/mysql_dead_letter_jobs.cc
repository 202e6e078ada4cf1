#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/dead_letter_scan.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::RedriveJob;

constexpr std::int64_t kListedMax = 1'000;

Error NoRedrive(std::int64_t id) {
  return {ErrorCode::kNotFound, fmt::format("no redrive {}", id)};
}

Status QueryJobs(Connection& connection, const Statement& statement,
                 std::initializer_list<Param> params, std::vector<RedriveJob>& jobs) {
  Status decoded;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, params, [&](const Row& row) {
    auto job = ToRedriveJob(row);
    if (!job.ok()) {
      decoded = job.error();
      return false;
    }
    jobs.push_back(*std::move(job));
    return true;
  }));
  return decoded;
}

Result<std::optional<RedriveJob>> FindJob(Connection& connection, const Statement& statement,
                                          std::int64_t id) {
  std::vector<RedriveJob> jobs;
  LANEMQ_RETURN_IF_ERROR(QueryJobs(connection, statement, {id}, jobs));
  if (jobs.empty()) return std::optional<RedriveJob>();
  return std::optional(std::move(jobs.front()));
}

/// Removes the oldest finished jobs beyond the number that is kept.
Status TrimJobs(Connection& connection) {
  std::vector<std::int64_t> ids;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindRedrivesTooMany, {}, [&](const Row& row) {
        ids.push_back(row.Int64(0));
        return true;
      }));
  for (const std::int64_t id : ids) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteRedrive, {id})));
  }
  return {};
}

Status InsertJob(Connection& connection, const RedriveJob& job) {
  const std::string filter = FilterToJson(job.filter);
  const auto inserted = connection.Update(
      statements::kInsertRedrive,
      {job.id, std::string_view(job.filter.group), NameOf(job.target), std::string_view(filter),
       std::int64_t{job.per_second}, std::string_view(job.note.requested_by),
       std::string_view(job.note.reason)});
  if (!inserted.ok()) {
    Error error = inserted.error();
    // The same request came twice at once: look again.
    if (error.code == ErrorCode::kAlreadyExists) error.code = ErrorCode::kConflict;
    return error;
  }
  LANEMQ_RETURN_IF_ERROR(RecordDeed(
      connection, job.filter.group, "redrive", 0,
      fmt::format("job {} to the {}: {}", job.id, NameOf(job.target), DescribeFilter(job.filter)),
      job.note));
  return TrimJobs(connection);
}

}  // namespace

Result<RedriveJob> MySqlDeadLetterStore::BeginRedrive(const RedriveJob& job, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckFilter(job.filter));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  RedriveJob begun;
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(auto stored, FindJob(connection, statements::kReadRedrive, job.id));
        if (!stored) {
          LANEMQ_RETURN_IF_ERROR(InsertJob(connection, job));
          LANEMQ_ASSIGN_OR_RETURN(stored, FindJob(connection, statements::kReadRedrive, job.id));
        }
        if (!stored) return Error{ErrorCode::kUnknownServerError, "a stored redrive is not there"};
        begun = *std::move(stored);
        return {};
      }));
  return begun;
}

Result<std::vector<RedriveJob>> MySqlDeadLetterStore::ListRedrives(std::string_view group,
                                                                   bool only_running,
                                                                   std::int32_t max,
                                                                   Deadline deadline) {
  using Jobs = std::vector<RedriveJob>;
  const std::int64_t limit = std::clamp<std::int64_t>(max, 1, kListedMax);
  const auto read = [&](Connection& connection, auto&) -> Result<Jobs> {
    Jobs jobs;
    if (!group.empty()) {
      LANEMQ_RETURN_IF_ERROR(QueryJobs(connection, statements::kListGroupRedrives,
                                       {group, std::int64_t{only_running ? 1 : 0}, limit}, jobs));
    } else {
      LANEMQ_RETURN_IF_ERROR(QueryJobs(
          connection, only_running ? statements::kListRunningRedrives : statements::kListRedrives,
          {limit}, jobs));
    }
    return jobs;
  };
  return ReadOn<Jobs>(nodes_, node_, deadline, read);
}

Result<RedriveJob> MySqlDeadLetterStore::GetRedrive(std::int64_t id, Deadline deadline) {
  const auto read = [&](Connection& connection, auto&) -> Result<RedriveJob> {
    LANEMQ_ASSIGN_OR_RETURN(auto job, FindJob(connection, statements::kReadRedrive, id));
    if (!job) return NoRedrive(id);
    return *std::move(job);
  };
  return ReadOn<RedriveJob>(nodes_, node_, deadline, read);
}

Status MySqlDeadLetterStore::CancelRedrive(std::int64_t id, const core::OperatorNote& note,
                                           Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  return RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const auto job, FindJob(connection, statements::kLockRedrive, id));
    if (!job) return NoRedrive(id);
    if (job->state != core::RedriveState::kRunning) return {};
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kCancelRedrive, {id})));
    return RecordDeed(connection, job->filter.group, "cancel", job->moved,
                      fmt::format("job {}", id), note);
  });
}

}  // namespace lanemq::sql
