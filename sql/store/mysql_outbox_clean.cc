// Clean() of a MySqlOutboxStore: an archive's old rows, a bucket after the other.
//
// Rows that were just deleted stay in the index until the server purges them, so each batch begins
// behind the last one; what was published late, below, is met by the next pass.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_outbox_store.h"
#include "sql/store/outbox_fence.h"
#include "sql/store/outbox_rows.h"
#include "sql/store/outbox_text.h"

namespace lanemq::sql {
namespace {

/// Of one Clean().
constexpr std::int32_t kCleanRowsMax = 10'000;

}  // namespace

Result<MySqlOutboxStore::Cleaning> MySqlOutboxStore::BeginCleaning(
    Connection& connection, std::chrono::seconds keep) const {
  Cleaning cleaning;
  const NowParam now(now_);
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kPublishedOutboxFronts, {now.get(), std::int64_t{keep.count()}},
                       [&](const Row& row) {
                         cleaning.buckets.push_back(static_cast<std::int32_t>(row.Int64(0)));
                         return true;
                       }));
  return cleaning;
}

Result<std::int64_t> MySqlOutboxStore::CleanFirst(Connection& connection, std::chrono::seconds keep,
                                                  std::int64_t wanted, Cleaning& cleaning) const {
  const std::int32_t bucket = cleaning.buckets.front();
  std::vector<std::int64_t> ids;
  std::int64_t seen = 0;
  std::int64_t last = cleaning.after_id;
  const std::string before = fmt::format("{}-INTERVAL {} SECOND", NowText(), keep.count());
  connection.Text() = SelectPublishedText(bucket, cleaning.after_id, before, wanted);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("old_outbox_rows", [&](const Row& row) {
    ++seen;
    last = row.Int64(0);
    if (row.Int64(1) != 0) ids.push_back(last);
    return true;
  }));
  std::int64_t deleted = 0;
  if (!ids.empty()) {
    connection.Text() = DeleteOldPublishedText(ids);
    LANEMQ_ASSIGN_OR_RETURN(deleted, connection.UpdateText("clean_outbox"));
  }
  cleaning.after_id = last;
  // Ids and times of publishing grow together, nearly: behind young rows there are few old ones.
  if (seen < wanted || ids.empty()) {
    cleaning.buckets.erase(cleaning.buckets.begin());
    cleaning.after_id = 0;
  }
  return deleted;
}

Result<std::int64_t> MySqlOutboxStore::Clean(std::chrono::seconds keep, std::int32_t rows_max,
                                             Deadline deadline) {
  const std::int64_t wanted = std::min(rows_max, kCleanRowsMax);
  if (wanted <= 0) return 0;
  Cleaning cleaning;
  {
    MutexLock lock(cleaning_mutex_);
    cleaning = std::exchange(cleaning_, {});
  }
  std::int64_t cleaned = 0;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        // What is left of the last pass, and then, if it was the end of it, a new one.
        for (int pass = 0; pass < 2 && cleaned < wanted; ++pass) {
          if (cleaning.buckets.empty()) {
            LANEMQ_ASSIGN_OR_RETURN(cleaning, BeginCleaning(connection, keep));
            if (cleaning.buckets.empty()) break;
          }
          while (cleaned < wanted && !cleaning.buckets.empty()) {
            LANEMQ_ASSIGN_OR_RETURN(const std::int64_t deleted,
                                    CleanFirst(connection, keep, wanted - cleaned, cleaning));
            cleaned += deleted;
          }
        }
        return {};
      }));
  if (!done.ok()) return done.error();
  MutexLock lock(cleaning_mutex_);
  cleaning_ = std::move(cleaning);
  return cleaned;
}

}  // namespace lanemq::sql
