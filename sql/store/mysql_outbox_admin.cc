#include "sql/store/mysql_outbox_admin.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/outbox_plan_text.h"
#include "sql/store/outbox_rows.h"
#include "sql/store/outbox_text.h"

namespace lanemq::sql {
namespace {

using core::OutboxMessage;

/// Of one answer of List(); one larger row comes alone.
constexpr std::size_t kListBytesMax = 16u << 20;

/// What no topic's name has would be an error of the server's.
bool IsPossible(const std::optional<std::string>& topic) {
  return !topic || std::all_of(topic->begin(), topic->end(),
                               [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Status CheckIds(const std::vector<std::int64_t>& ids) {
  if (ids.size() <= static_cast<std::size_t>(core::OutboxAdmin::kRowsMax)) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("{} ids at once; at most {}", ids.size(), core::OutboxAdmin::kRowsMax)};
}

Result<std::set<std::int64_t>> ReadPlannedIds(Connection& connection) {
  std::set<std::int64_t> planned;
  Status decoded;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOutboxPlans, {}, [&](const Row& row) {
    const auto plan = ParsePlanText(row.String(0));
    if (!plan.ok()) {
      decoded = plan.error();
      return false;
    }
    for (const core::OutboxGroup& group : plan->groups) {
      planned.insert(group.ids.begin(), group.ids.end());
    }
    return true;
  }));
  if (!decoded.ok()) return decoded.error();
  return planned;
}

}  // namespace

Result<std::vector<OutboxMessage>> MySqlOutboxAdmin::List(core::OutboxState state,
                                                          const std::optional<std::string>& topic,
                                                          std::int64_t after_id, std::int32_t limit,
                                                          Deadline deadline) {
  const std::int32_t rows_max = std::min(limit, kRowsMax);
  std::vector<OutboxMessage> messages;
  if (rows_max <= 0 || !IsPossible(topic)) return messages;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        messages.clear();
        std::size_t bytes = 0;
        connection.Text() = SelectInStateText(state, topic, after_id, rows_max);
        return connection.StreamText("list_outbox", rows_max, [&](const Row& row) {
          messages.push_back(ToOutboxMessage(row));
          bytes += core::SizeOf(*messages.back().record);
          return bytes < kListBytesMax;
        });
      }));
  if (!done.ok()) return done.error();
  return messages;
}

Result<std::vector<core::OutboxHold>> MySqlOutboxAdmin::Holds(std::int32_t limit,
                                                              Deadline deadline) {
  std::vector<core::OutboxHold> holds;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        holds.clear();
        Status decoded;
        const NowParam now(now_);
        const std::int64_t rows_max = std::clamp(limit, 0, kRowsMax);
        LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kListOutboxHolds, {now.get(), rows_max},
                                                [&](const Row& row) {
                                                  auto hold = ToOutboxHold(row);
                                                  if (hold.ok()) {
                                                    holds.push_back(*std::move(hold));
                                                  } else {
                                                    decoded = hold.error();
                                                  }
                                                  return decoded.ok();
                                                }));
        return decoded;
      }));
  if (!done.ok()) return done.error();
  return holds;
}

Result<std::int64_t> MySqlOutboxAdmin::Retry(const std::vector<std::int64_t>& ids,
                                             Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckIds(ids));
  std::int64_t revived = 0;
  if (ids.empty()) return revived;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        connection.Text() = ReviveRowsText(ids);
        LANEMQ_ASSIGN_OR_RETURN(revived, connection.UpdateText("retry_outbox_rows"));
        return {};
      }));
  if (!done.ok()) return done.error();
  return revived;
}

Result<std::int64_t> MySqlOutboxAdmin::RetryDead(const std::optional<std::string>& topic,
                                                 Deadline deadline) {
  std::vector<std::int64_t> ids;
  if (!IsPossible(topic)) return 0;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        ids.clear();
        connection.Text() = SelectIdsInStateText(core::OutboxState::kDead, topic, 0, kRowsMax);
        return connection.QueryText("find_dead_outbox_rows", [&](const Row& row) {
          ids.push_back(row.Int64(0));
          return true;
        });
      }));
  if (!done.ok()) return done.error();
  return Retry(ids, deadline);
}

Result<std::int64_t> MySqlOutboxAdmin::RetryHolds(Deadline deadline) {
  std::int64_t due = 0;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(
            due, connection.Update(statements::kRetryOutboxHolds, {now.get(), now.get()}));
        return {};
      }));
  if (!done.ok()) return done.error();
  return due;
}

Result<std::int64_t> MySqlOutboxAdmin::Drop(const std::vector<std::int64_t>& ids,
                                            Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckIds(ids));
  std::int64_t dropped = 0;
  if (ids.empty()) return dropped;
  const Status done =
      OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        // First, so that their rows are locked while plans are looked at.
        connection.Text() = DeleteDeadText(ids);
        LANEMQ_ASSIGN_OR_RETURN(dropped, connection.UpdateText("drop_outbox_rows"));
        LANEMQ_ASSIGN_OR_RETURN(const auto planned, ReadPlannedIds(connection));
        for (const std::int64_t id : ids) {
          if (planned.contains(id)) {
            return Error{ErrorCode::kInvalidRequest,
                         fmt::format("a relay may be sending message {}", id)};
          }
        }
        return {};
      }));
  if (done.ok()) return dropped;
  Error error = done.error();
  if (error.code == ErrorCode::kInvalidRequest) error.code = ErrorCode::kFailedPrecondition;
  return error;
}

Result<std::vector<core::OutboxPeer>> MySqlOutboxAdmin::Peers(Deadline deadline) {
  core::OutboxView view;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(view, ReadOutboxView(connection, now.get(), 0));
        return {};
      }));
  if (!done.ok()) return done.error();
  return std::move(view.peers);
}

Result<core::OutboxStats> MySqlOutboxAdmin::Stats(Deadline deadline) {
  core::OutboxStats stats;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(stats, ReadOutboxStats(connection, now.get()));
        return {};
      }));
  if (!done.ok()) return done.error();
  return stats;
}

}  // namespace lanemq::sql
