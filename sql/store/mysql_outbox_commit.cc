// Commit() of a MySqlOutboxStore: the hot path of a relay.
#include <vector>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_outbox_store.h"
#include "sql/store/outbox_fence.h"
#include "sql/store/outbox_plan_text.h"
#include "sql/store/outbox_rows.h"
#include "sql/store/outbox_text.h"

namespace lanemq::sql {
namespace {

using core::OutboxChange;
using core::OutboxSession;

/// Sends Text().
Status Send(Connection& connection, std::string_view name) {
  const auto done = connection.UpdateText(name);
  return done.ok() ? Status{} : Status{done.error()};
}

/// Stores the plan, or only locks the session's row: the fence either way.
Status StorePlan(Connection& connection, const OutboxSession& session, const OutboxChange& change) {
  if (!change.plan) return FenceOutbox(connection, session);
  const std::string text = change.plan->groups.empty() ? "" : ToPlanText(*change.plan);
  const Param plan = text.empty() ? Param{SqlNull{}} : Param{std::string_view(text)};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t found,
      connection.Update(statements::kStoreOutboxPlan, {plan, session.id, session.epoch.value}));
  return found == 1 ? Status{} : Status{OutboxFenced(session)};
}

/// Whether one statement does it all.
bool IsPlanAlone(const OutboxChange& change) {
  return change.published.empty() && change.held.empty() && change.dead.empty() &&
         change.holds.empty() && change.ended_holds.empty() && change.released_buckets.empty();
}

}  // namespace

Status MySqlOutboxStore::Commit(const OutboxSession& session, const OutboxChange& change,
                                Deadline deadline) {
  if (IsPlanAlone(change)) {
    return OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) {
      return StorePlan(connection, session, change);
    }));
  }
  return OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(StorePlan(connection, session, change));
    LANEMQ_RETURN_IF_ERROR(WriteRows(connection, change));
    LANEMQ_RETURN_IF_ERROR(WriteHolds(connection, change));
    if (change.released_buckets.empty()) return {};
    connection.Text() = ReleaseBucketsText(session.id, change.released_buckets);
    return Send(connection, "release_outbox_buckets");
  }));
}

Status MySqlOutboxStore::WriteRows(Connection& connection, const OutboxChange& change) const {
  LANEMQ_RETURN_IF_ERROR(
      InOutboxParts(change.published, kOutboxIdsPerStatement, [&](auto ids) -> Status {
        connection.Text() =
            options_.is_archiving ? KeepPublishedText(ids, NowText()) : DeletePublishedText(ids);
        return Send(connection, "finish_outbox_rows");
      }));
  LANEMQ_RETURN_IF_ERROR(
      InOutboxParts(change.held, kOutboxIdsPerStatement, [&](auto ids) -> Status {
        connection.Text() = HoldRowsText(ids);
        return Send(connection, "hold_outbox_rows");
      }));
  return InOutboxParts(change.dead, kOutboxTextsPerStatement, [&](auto rows) -> Status {
    connection.Text() = BuryRowsText(rows);
    return Send(connection, "bury_outbox_rows");
  });
}

Status MySqlOutboxStore::WriteHolds(Connection& connection, const OutboxChange& change) const {
  LANEMQ_RETURN_IF_ERROR(
      InOutboxParts(change.holds, kOutboxTextsPerStatement, [&](auto holds) -> Status {
        connection.Text() = StoreHoldsText(holds, NowText());
        return Send(connection, "store_outbox_holds");
      }));
  return InOutboxParts(change.ended_holds, kOutboxTextsPerStatement, [&](auto keys) -> Status {
    connection.Text() = EndHoldsText(keys);
    return Send(connection, "end_outbox_holds");
  });
}

}  // namespace lanemq::sql
