#include <algorithm>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/dead_letter_scan.h"
#include "sql/store/dead_letter_text.h"
#include "sql/store/meta_access.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

constexpr std::int32_t kDropsPerTransaction = 500;
/// With less than this left, Drop() begins no other transaction.
constexpr std::chrono::milliseconds kDropNearDeadline{500};

struct DropStep {
  std::int64_t count = 0;
  std::optional<LetterPlace> next;
};

Result<std::int64_t> DeleteLetters(Connection& connection, std::string_view group,
                                   std::span<const LetterHead> heads) {
  std::int64_t deleted = 0;
  LANEMQ_RETURN_IF_ERROR(
      ForEachPartition(group, heads, [&](const ChosenLetters& letters) -> Status {
        connection.Text() = DeleteLettersText(letters);
        LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                                connection.UpdateText("delete_dead_letters"));
        deleted += rows;
        return {};
      }));
  return deleted;
}

Result<DropStep> DropSome(Connection& connection, const LetterQuery& query,
                          const std::optional<LetterPlace>& after, const core::OperatorNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const LetterScan scan,
                          ScanLetters(connection, query, after, kDropsPerTransaction));
  const core::DeadLetterFilter& filter = query.filter;
  LANEMQ_ASSIGN_OR_RETURN(const auto locked, LockLetters(connection, query, scan.heads, false));
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t count,
                          DeleteLetters(connection, filter.group, locked));
  if (count > 0) {
    LANEMQ_RETURN_IF_ERROR(
        RecordDeed(connection, filter.group, "drop", count, DescribeFilter(filter), note));
  }
  return DropStep{count, scan.next};
}

/// One audit row a day, unless somebody did something since.
Status RecordExpiry(Connection& connection, std::string_view group, std::int64_t count,
                    std::chrono::microseconds age) {
  std::int64_t id = 0;
  bool is_todays = false;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kNewestDeed, {group}, [&](const Row& row) {
    id = row.Int64(0);
    is_todays = row.Int64(1) != 0;
    return false;
  }));
  if (is_todays) return ToStatus(connection.Update(statements::kAddToDeed, {count, id}));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age);
  return RecordDeed(connection, group, "expire", count,
                    "older than " + std::to_string(seconds.count()) + " s", {});
}

Result<std::int64_t> ExpireSome(Connection& connection, std::chrono::microseconds age,
                                std::int32_t max) {
  std::vector<std::string> groups;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kGroupsWithOldDeadLetters, {age.count()}, [&](const Row& row) {
        groups.push_back(row.String(0));
        return true;
      }));
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ServerNow(connection));
  const WallTime until{now.micros - age.count()};
  std::int64_t expired = 0;
  for (const std::string& group : groups) {
    const std::int64_t left = std::clamp(max, 1, kLettersTakenMax) - expired;
    if (left <= 0) break;
    const core::DeadLetterFilter filter{.group = group, .until = until};
    LANEMQ_ASSIGN_OR_RETURN(const auto oldest, OldestLetters(connection, group, until, left));
    LANEMQ_ASSIGN_OR_RETURN(const auto locked,
                            LockLetters(connection, {filter, std::nullopt}, oldest, false));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t count, DeleteLetters(connection, group, locked));
    if (count == 0) continue;
    LANEMQ_RETURN_IF_ERROR(RecordExpiry(connection, group, count, age));
    expired += count;
  }
  return expired;
}

}  // namespace

Result<core::DeadLetterStore::Dropped> MySqlDeadLetterStore::Drop(
    const core::DeadLetterFilter& filter, const core::OperatorNote& note, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckFilter(filter));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  // Those that die while it runs stay, or it might never end.
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ReadOn<WallTime>(nodes_, node_, deadline,
                                                               [&](Connection& connection, auto&) {
                                                                 return ServerNow(connection);
                                                               }));
  const LetterQuery query{filter, now};
  Dropped dropped;
  std::optional<LetterPlace> after;
  do {
    DropStep step;
    LANEMQ_RETURN_IF_ERROR(
        RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
          LANEMQ_ASSIGN_OR_RETURN(step, DropSome(connection, query, after, note));
          return {};
        }));
    dropped.count += step.count;
    after = step.next;
  } while (after && deadline.Left(nodes_.clock()) > kDropNearDeadline);
  dropped.is_complete = !after;
  return dropped;
}

Result<std::int64_t> MySqlDeadLetterStore::Expire(std::chrono::microseconds age, std::int32_t max,
                                                  const core::Fence& fence, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  std::int64_t expired = 0;
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
        LANEMQ_ASSIGN_OR_RETURN(expired, ExpireSome(connection, age, max));
        return {};
      }));
  return expired;
}

}  // namespace lanemq::sql
