#include "sql/store/mysql_lag_history.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/lag_history_text.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"

namespace lanemq::sql {
namespace {

using core::Fence;
using core::LagHistoryRow;
using core::LagTier;
using core::TopicId;
using std::chrono::microseconds;

constexpr std::int64_t kDeletesPerTransaction = 1'000;
constexpr int kHoursOfNorm = 24;
constexpr std::size_t kUsesPerStatement = 500;

/// Columns of everything that reads rows.
enum Column : unsigned {
  kGroup,
  kTopic,
  kAt,
  kLagMessages,
  kLagMessagesMax,
  kLagMsMax,
  kProduced,
  kConsumed,
  kMembers,
  kWorstStatus,
  kPartitions,
};

LagHistoryRow FromRow(const Row& row) {
  return {.group = row.String(kGroup),
          .topic = TopicId{row.Int64(kTopic)},
          .at = WallTime{row.Int64(kAt)},
          .lag_messages = row.Int64(kLagMessages),
          .lag_messages_max = row.Int64(kLagMessagesMax),
          .lag_max = std::chrono::milliseconds{row.Int64(kLagMsMax)},
          .produced = row.Int64(kProduced),
          .consumed = row.Int64(kConsumed),
          .members = static_cast<std::int32_t>(row.Int64(kMembers)),
          .worst_status = row.String(kWorstStatus),
          .partitions = row.String(kPartitions)};
}

/// Columns of read_last_uses.
core::LastUse LastUseFromRow(const Row& row) {
  enum UseColumn : unsigned { kId, kWatched, kProducedAt, kConsumedAt, kProducedSum, kConsumedSum };
  core::LastUse use{.topic = TopicId{row.Int64(kId)},
                    .watched_since = WallTime{row.Int64(kWatched)},
                    .produced_at = {},
                    .consumed_at = {},
                    .produced = row.Int64(kProducedSum),
                    .consumed = row.Int64(kConsumedSum)};
  if (!row.IsNull(kProducedAt)) use.produced_at = WallTime{row.Int64(kProducedAt)};
  if (!row.IsNull(kConsumedAt)) use.consumed_at = WallTime{row.Int64(kConsumedAt)};
  return use;
}

Result<std::vector<LagHistoryRow>> ReadRows(Connection& connection, const Statement& statement,
                                            std::initializer_list<Param> params) {
  std::vector<LagHistoryRow> rows;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, params, [&](const Row& row) {
    rows.push_back(FromRow(row));
    return true;
  }));
  return rows;
}

std::int64_t BucketMicros(const LagTier& tier) { return microseconds{tier.bucket}.count(); }

std::int64_t RoundDown(std::int64_t time, std::int64_t bucket) { return time - time % bucket; }
std::int64_t RoundUp(std::int64_t time, std::int64_t bucket) {
  return RoundDown(time + bucket - 1, bucket);
}

std::int64_t FirstKept(const LagTier& tier, WallTime now) {
  return now.micros - microseconds{tier.kept}.count();
}

}  // namespace

Status MySqlLagHistory::Change(const Fence& fence, Deadline deadline,
                               const std::function<Status(Connection&)>& body) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    return body(connection);
  }));
}

Result<WallTime> MySqlLagHistory::ReadNow(Connection& connection) const {
  const NowParam now(now_);
  WallTime time;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadLagClock, {now.get()}, [&](const Row& row) {
        time = WallTime{row.Int64(0)};
        return false;
      }));
  return time;
}

Result<WallTime> MySqlLagHistory::Now(Deadline deadline) {
  WallTime time;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(time, ReadNow(connection));
    return {};
  });
  if (!done.ok()) return done.error();
  return time;
}

Status MySqlLagHistory::Write(std::span<const LagHistoryRow> rows, const Fence& fence,
                              Deadline deadline) {
  while (!rows.empty()) {
    const auto now = rows.first(LagRowsPerStatement(rows));
    LANEMQ_RETURN_IF_ERROR(Change(fence, deadline, [&](Connection& connection) -> Status {
      connection.Text() = SaveLagText(now);
      const auto saved = connection.UpdateText("save_lag");
      return saved.ok() ? Status{} : Status{saved.error()};
    }));
    rows = rows.subspan(now.size());
  }
  return {};
}

// A transaction per bucket: ten thousand groups and topics are a hundred thousand rows of it.
Status MySqlLagHistory::RollUp(std::int32_t from_tier, WallTime since, WallTime until,
                               const Fence& fence, Deadline deadline) {
  if (from_tier < 0 || from_tier + 1 >= std::ssize(core::kLagTiers)) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("tier {} has no next", from_tier)};
  }
  const LagTier& tier = core::kLagTiers[from_tier];
  const LagTier& next = core::kLagTiers[from_tier + 1];
  const std::int64_t width = BucketMicros(next);
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, Now(deadline));
  // What begins earlier may have lost rows already, and what is there of it is better.
  const std::int64_t first =
      RoundUp(std::max({since.micros, FirstKept(tier, now), std::int64_t{0}}), width);
  const std::int64_t end = std::min(RoundUp(until.micros, width), RoundDown(now.micros, width));
  for (std::int64_t bucket = first; bucket < end; bucket += width) {
    LANEMQ_RETURN_IF_ERROR(Change(fence, deadline, [&](Connection& connection) -> Status {
      const auto rolled = connection.Update(
          statements::kRollUpLag,
          {std::int64_t{next.number}, bucket, std::int64_t{tier.number}, bucket, bucket + width});
      return rolled.ok() ? Status{} : Status{rolled.error()};
    }));
  }
  return {};
}

Result<std::int64_t> MySqlLagHistory::Expire(std::int32_t max, const Fence& fence,
                                             Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, Now(deadline));
  std::int64_t expired = 0;
  for (const LagTier& tier : core::kLagTiers) {
    while (expired < max) {
      const std::int64_t limit = std::min(max - expired, kDeletesPerTransaction);
      std::int64_t deleted = 0;
      LANEMQ_RETURN_IF_ERROR(Change(fence, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(
            deleted, connection.Update(statements::kExpireLag,
                                       {std::int64_t{tier.number}, FirstKept(tier, now), limit}));
        return {};
      }));
      expired += deleted;
      if (deleted < limit) break;
    }
  }
  return expired;
}

Result<std::vector<LagHistoryRow>> MySqlLagHistory::Newest(std::chrono::seconds age,
                                                           std::size_t max, Deadline deadline) {
  std::vector<LagHistoryRow> rows;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ReadNow(connection));
    const std::int64_t oldest = now.micros - microseconds{age}.count();
    LANEMQ_ASSIGN_OR_RETURN(rows, ReadRows(connection, statements::kReadNewestLag,
                                           {oldest, static_cast<std::int64_t>(max)}));
    return {};
  });
  if (!done.ok()) return done.error();
  return rows;
}

Result<std::vector<LagHistoryRow>> MySqlLagHistory::Read(std::string_view group, TopicId topic,
                                                         std::int32_t tier, WallTime from,
                                                         WallTime until, std::size_t max,
                                                         Deadline deadline) {
  std::vector<LagHistoryRow> rows;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(rows, ReadRows(connection, statements::kReadLag,
                                           {group, topic.value, std::int64_t{tier}, from.micros,
                                            until.micros - 1, static_cast<std::int64_t>(max)}));
    return {};
  });
  if (!done.ok()) return done.error();
  return rows;
}

// A look-up per hour: the groups' rows of those hours lie between.
Result<std::vector<LagHistoryRow>> MySqlLagHistory::ProducedHourly(std::size_t max,
                                                                   Deadline deadline) {
  const std::int64_t hour = BucketMicros(core::kLagTiers[2]);
  std::vector<LagHistoryRow> rows;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    rows.clear();
    LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ReadNow(connection));
    for (int back = kHoursOfNorm; back > 0 && rows.size() < max; --back) {
      LANEMQ_ASSIGN_OR_RETURN(auto found, ReadRows(connection, statements::kReadProducedInHour,
                                                   {RoundDown(now.micros, hour) - back * hour,
                                                    static_cast<std::int64_t>(max - rows.size())}));
      std::move(found.begin(), found.end(), std::back_inserter(rows));
    }
    return {};
  });
  if (!done.ok()) return done.error();
  return rows;
}

Result<std::vector<core::LastUse>> MySqlLagHistory::LastUses(std::size_t max, Deadline deadline) {
  std::vector<core::LastUse> uses;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    uses.clear();
    const Status read = connection.Query(statements::kReadLastUses,
                                         {static_cast<std::int64_t>(max)}, [&](const Row& row) {
                                           uses.push_back(LastUseFromRow(row));
                                           return true;
                                         });
    return read;
  });
  if (!done.ok()) return done.error();
  return uses;
}

Status MySqlLagHistory::WriteLastUses(std::span<const core::LastUse> uses, const Fence& fence,
                                      Deadline deadline) {
  while (!uses.empty()) {
    const auto now = uses.first(std::min(uses.size(), kUsesPerStatement));
    LANEMQ_RETURN_IF_ERROR(Change(fence, deadline, [&](Connection& connection) -> Status {
      connection.Text() = SaveLastUsesText(now);
      const auto saved = connection.UpdateText("save_last_uses");
      return saved.ok() ? Status{} : Status{saved.error()};
    }));
    uses = uses.subspan(now.size());
  }
  return {};
}

// Read without locks and outside the fence: nobody who writes topics waits for this, nor this for
// them while it holds the lease. The id of a topic that is gone never comes again.
Result<std::int64_t> MySqlLagHistory::ForgetLastUses(std::int32_t max, const Fence& fence,
                                                     Deadline deadline) {
  std::vector<TopicId> gone;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    gone.clear();
    return connection.Query(statements::kReadUsesToForget, {std::int64_t{max}},
                            [&](const Row& row) {
                              gone.push_back(TopicId{row.Int64(0)});
                              return true;
                            });
  });
  if (!read.ok()) return read.error();
  std::int64_t forgotten = 0;
  for (std::span<const TopicId> rest = gone; !rest.empty();) {
    const auto now = rest.first(std::min(rest.size(), kUsesPerStatement));
    std::int64_t deleted = 0;
    LANEMQ_RETURN_IF_ERROR(Change(fence, deadline, [&](Connection& connection) -> Status {
      connection.Text() = ForgetLastUsesText(now);
      LANEMQ_ASSIGN_OR_RETURN(deleted, connection.UpdateText("forget_last_uses"));
      return {};
    }));
    forgotten += deleted;
    rest = rest.subspan(now.size());
  }
  return forgotten;
}

}  // namespace lanemq::sql
