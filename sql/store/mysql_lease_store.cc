#include "sql/store/mysql_lease_store.h"

#include <optional>
#include <string>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_error.h"

namespace lanemq::sql {
namespace {

using core::FencingToken;
using core::Lease;

struct Term {
  std::string owner;
  FencingToken token;
  bool is_running = false;
};

std::int64_t Micros(std::chrono::milliseconds ttl) {
  return std::chrono::duration_cast<std::chrono::microseconds>(ttl).count();
}

Result<std::optional<Term>> LockTerm(Connection& connection, std::string_view name, Param now) {
  std::optional<Term> term;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockLease, {now, name}, [&](const Row& row) {
    term = Term{row.String(0), FencingToken{row.Int64(1)}, row.Int64(2) != 0};
    return false;
  }));
  return term;
}

/// Another transaction inserted the row first: look again.
Error ToConflict(Error error) {
  if (error.code == ErrorCode::kAlreadyExists) error.code = ErrorCode::kConflict;
  return error;
}

}  // namespace

Result<std::shared_ptr<ConnectionPool>> MySqlLeaseStore::FindPool() const {
  if (pool_ != nullptr) return std::shared_ptr<ConnectionPool>(std::shared_ptr<void>(), pool_);
  LANEMQ_ASSIGN_OR_RETURN(auto node, nodes_->Find(node_));
  ConnectionPool* const pool = &node->pool;
  return std::shared_ptr<ConnectionPool>(std::move(node), pool);
}

Status MySqlLeaseStore::Translate(Status status) const {
  return pool_ != nullptr ? OfMetadata(std::move(status)) : std::move(status);
}

Status MySqlLeaseStore::InTransaction(Deadline deadline,
                                      const std::function<Status(Connection&)>& body) {
  LANEMQ_ASSIGN_OR_RETURN(const auto pool, FindPool());
  return Translate(RunInTransaction(*pool, deadline, body));
}

Status MySqlLeaseStore::Autocommitted(Deadline deadline,
                                      const std::function<Status(Connection&)>& body) {
  LANEMQ_ASSIGN_OR_RETURN(const auto pool, FindPool());
  return Translate(RunAutocommitted(*pool, deadline, body));
}

Result<Lease> MySqlLeaseStore::Acquire(std::string_view name, std::string_view owner,
                                       std::chrono::milliseconds ttl, Deadline deadline) {
  Lease lease{std::string(name), std::string(owner), {}};
  std::optional<Error> held;
  const Status done = InTransaction(deadline, [&](Connection& connection) -> Status {
    held.reset();
    const NowParam now(now_);
    LANEMQ_ASSIGN_OR_RETURN(const auto term, LockTerm(connection, name, now.get()));
    if (!term) {
      lease.token = FencingToken{1};
      const auto inserted =
          connection.Update(statements::kInsertLease, {name, owner, now.get(), Micros(ttl)});
      return inserted.ok() ? Status{} : Status{ToConflict(inserted.error())};
    }
    if (term->is_running && term->owner != owner) {
      held = Error{ErrorCode::kConflict,
                   "lease '" + std::string(name) + "' is held by " + term->owner};
      return {};
    }
    lease.token = term->is_running ? term->token : FencingToken{term->token.value + 1};
    const auto taken = connection.Update(statements::kTakeLease,
                                         {owner, lease.token.value, now.get(), Micros(ttl), name});
    return taken.ok() ? Status{} : Status{taken.error()};
  });
  if (!done.ok()) return done.error();
  if (held) return *std::move(held);
  return lease;
}

Status MySqlLeaseStore::Renew(const Lease& lease, std::chrono::milliseconds ttl,
                              Deadline deadline) {
  std::int64_t extended = 0;
  const Status done = Autocommitted(deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_ASSIGN_OR_RETURN(
        extended, connection.Update(statements::kRenewLease,
                                    {now.get(), Micros(ttl), std::string_view(lease.name),
                                     std::string_view(lease.owner), lease.token.value, now.get()}));
    return {};
  });
  if (!done.ok()) return done.error();
  if (extended == 0) {
    return Error{ErrorCode::kFenced, "lease '" + lease.name + "': term " +
                                         std::to_string(lease.token.value) + " has ended"};
  }
  return {};
}

Status MySqlLeaseStore::Release(const Lease& lease, Deadline deadline) {
  return Autocommitted(deadline, [&](Connection& connection) -> Status {
    const auto released = connection.Update(
        statements::kReleaseLease,
        {std::string_view(lease.name), std::string_view(lease.owner), lease.token.value});
    return released.ok() ? Status{} : Status{released.error()};
  });
}

Result<std::vector<Lease>> MySqlLeaseStore::Running(std::string_view prefix, Deadline deadline) {
  // Names are compared as bytes, and none has a byte 0xff: it is not text.
  const std::string end = std::string(prefix) + '\xff';
  std::vector<Lease> running;
  const Status done = Autocommitted(deadline, [&](Connection& connection) -> Status {
    running.clear();
    const NowParam now(now_);
    return connection.Query(
        statements::kRunningLeases, {prefix, std::string_view(end), now.get()},
        [&](const Row& row) {
          running.push_back({row.String(0), row.String(1), FencingToken{row.Int64(2)}});
          return true;
        });
  });
  if (!done.ok()) return done.error();
  return running;
}

}  // namespace lanemq::sql
