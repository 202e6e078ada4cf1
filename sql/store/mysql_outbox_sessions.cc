// Sessions of a MySqlOutboxStore: leases, buckets, adoption.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_outbox_store.h"
#include "sql/store/outbox_fence.h"
#include "sql/store/outbox_plan_text.h"
#include "sql/store/outbox_rows.h"
#include "sql/store/outbox_text.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::FencingToken;
using core::OutboxAdoption;
using core::OutboxSession;

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kAddressBytesMax = 255;

std::int64_t Micros(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

struct DeadSession {
  FencingToken epoch;
  std::string plan;
};

Result<std::optional<DeadSession>> LockDead(Connection& connection, std::int64_t id, Param now) {
  std::optional<DeadSession> dead;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockDeadOutboxSession, {id, now}, [&](const Row& row) {
        dead = DeadSession{FencingToken{row.Int64(0)}, row.String(1)};
        return false;
      }));
  return dead;
}

/// The rows of a plan, as many as are there, are added to `messages`.
Status ReadPlanned(Connection& connection, const core::OutboxPlan& plan,
                   std::vector<core::OutboxMessage>& messages) {
  std::vector<std::int64_t> ids;
  for (const core::OutboxGroup& group : plan.groups) {
    ids.insert(ids.end(), group.ids.begin(), group.ids.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return InOutboxParts(ids, kOutboxIdsPerStatement, [&](auto part) -> Status {
    connection.Text() = SelectOutboxIdsText(part);
    return connection.StreamText("read_outbox_plan_rows", static_cast<std::int64_t>(part.size()),
                                 [&](const Row& row) {
                                   messages.push_back(ToOutboxMessage(row));
                                   return true;
                                 });
  });
}

Result<std::vector<std::int32_t>> ReadOwn(Connection& connection, std::int64_t session) {
  std::vector<std::int32_t> own;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kOwnOutboxBuckets, {session}, [&](const Row& row) {
        own.push_back(static_cast<std::int32_t>(row.Int64(0)));
        return true;
      }));
  return own;
}

}  // namespace

Error OutboxFenced(const OutboxSession& session) {
  return Error{ErrorCode::kFenced,
               fmt::format("outbox session {}: epoch {} is over", session.id, session.epoch.value)};
}

Result<std::optional<FencingToken>> LockOutboxSession(Connection& connection,
                                                      std::int64_t session) {
  std::optional<FencingToken> epoch;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockOutboxSession, {session}, [&](const Row& row) {
        epoch = FencingToken{row.Int64(0)};
        return false;
      }));
  return epoch;
}

Status FenceOutbox(Connection& connection, const OutboxSession& session) {
  LANEMQ_ASSIGN_OR_RETURN(const auto epoch, LockOutboxSession(connection, session.id));
  return epoch == session.epoch ? Status{} : Status{OutboxFenced(session)};
}

Result<OutboxSession> MySqlOutboxStore::Open(const std::string& name,
                                             const std::string& wake_address,
                                             std::chrono::milliseconds ttl, Deadline deadline) {
  const std::string fit_name = ToColumnText(name, kNameBytesMax);
  const std::string fit_address = ToColumnText(wake_address, kAddressBytesMax);
  OutboxSession session{0, FencingToken{1}};
  const Status done =
      OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_RETURN_IF_ERROR(
            connection.Update(statements::kOpenOutboxSession,
                              {std::string_view(fit_name), std::string_view(fit_address), now.get(),
                               Micros(ttl), now.get()}));
        return connection.Query(statements::kOpenedOutboxSession, {}, [&](const Row& row) {
          session.id = row.Int64(0);
          return false;
        });
      }));
  if (!done.ok()) return done.error();
  return session;
}

Result<core::OutboxView> MySqlOutboxStore::Renew(const OutboxSession& session,
                                                 std::chrono::milliseconds ttl, Deadline deadline) {
  core::OutboxView view;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(
            const std::int64_t extended,
            connection.Update(statements::kRenewOutboxSession,
                              {now.get(), Micros(ttl), session.id, session.epoch.value}));
        if (extended == 0) return OutboxFenced(session);
        LANEMQ_ASSIGN_OR_RETURN(view, ReadOutboxView(connection, now.get(), session.id));
        return {};
      }));
  if (!done.ok()) return done.error();
  return view;
}

Result<std::vector<std::int32_t>> MySqlOutboxStore::Take(const OutboxSession& session,
                                                         const std::vector<std::int32_t>& buckets,
                                                         Deadline deadline) {
  std::vector<std::int32_t> wanted;
  for (const std::int32_t bucket : buckets) {
    if (bucket >= 0 && bucket < core::kOutboxBuckets) wanted.push_back(bucket);
  }
  std::sort(wanted.begin(), wanted.end());  // One order for all: no deadlocks.
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<std::int32_t> own;
  const Status done =
      OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        LANEMQ_RETURN_IF_ERROR(FenceOutbox(connection, session));
        if (!wanted.empty()) {
          connection.Text() = TakeBucketsText(session.id, wanted);
          LANEMQ_RETURN_IF_ERROR(connection.UpdateText("take_outbox_buckets"));
        }
        LANEMQ_ASSIGN_OR_RETURN(own, ReadOwn(connection, session.id));
        return {};
      }));
  if (!done.ok()) return done.error();
  return own;
}

Result<std::optional<OutboxAdoption>> MySqlOutboxStore::Adopt(std::int64_t dead_session,
                                                              std::chrono::milliseconds ttl,
                                                              Deadline deadline) {
  std::optional<OutboxAdoption> adoption;
  const Status done =
      OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        adoption.reset();
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(auto dead, LockDead(connection, dead_session, now.get()));
        if (!dead) return {};
        OutboxAdoption taken;
        taken.session = {dead_session, FencingToken{dead->epoch.value + 1}};
        LANEMQ_ASSIGN_OR_RETURN(taken.plan, ParsePlanText(dead->plan));
        LANEMQ_RETURN_IF_ERROR(ToStatus(
            connection.Update(statements::kAdoptOutboxSession,
                              {taken.session.epoch.value, now.get(), Micros(ttl), dead_session})));
        LANEMQ_RETURN_IF_ERROR(ReadPlanned(connection, taken.plan, taken.messages));
        adoption = std::move(taken);
        return {};
      }));
  if (!done.ok()) return done.error();
  return adoption;
}

Result<std::vector<core::OutboxMessage>> MySqlOutboxStore::ReadAdopted(const OutboxSession& session,
                                                                       Deadline deadline) {
  std::vector<core::OutboxMessage> messages;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        messages.clear();
        std::vector<std::string> texts;
        LANEMQ_RETURN_IF_ERROR(
            connection.Query(statements::kAdoptedOutboxPlans, {session.id}, [&](const Row& row) {
              texts.push_back(row.String(0));
              return true;
            }));
        for (const std::string& text : texts) {
          LANEMQ_ASSIGN_OR_RETURN(const core::OutboxPlan plan, ParsePlanText(text));
          LANEMQ_RETURN_IF_ERROR(ReadPlanned(connection, plan, messages));
        }
        return {};
      }));
  if (!done.ok()) return done.error();
  return messages;
}

Status MySqlOutboxStore::Close(const OutboxSession& session, Deadline deadline) {
  return OfOutbox(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const auto epoch, LockOutboxSession(connection, session.id));
    if (!epoch) return {};
    if (*epoch != session.epoch) return OutboxFenced(session);
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kFreeOutboxBuckets, {session.id})));
    return ToStatus(connection.Update(statements::kCloseOutboxSession, {session.id}));
  }));
}

}  // namespace lanemq::sql
