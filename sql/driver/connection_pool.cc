#include "sql/driver/connection_pool.h"

#include <algorithm>

#include "common/base/log.h"

namespace lanemq::sql {

PooledConnection::~PooledConnection() {
  if (connection_ != nullptr) pool_->GiveBack(std::move(connection_), checked_at_);
}

ConnectionPool::ConnectionPool(std::string name, ConnectionOptions connection, PoolOptions options,
                               const Clock& clock)
    : name_(std::move(name)),
      connection_options_(std::move(connection)),
      options_(options),
      clock_(clock) {}

ConnectionPool::~ConnectionPool() = default;

Result<PooledConnection> ConnectionPool::Checkout(Access access, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(Idle slot, TakeSlot(deadline));
  if (slot.connection != nullptr) {
    slot.connection->SetDeadline(deadline);
    if (!Validate(slot, access).ok()) slot.connection.reset();  // Went away while it was idle.
  }
  if (slot.connection == nullptr) {
    Status opened = OpenNew(slot, deadline);
    if (!opened.ok()) {
      ReleaseSlot(opened.error().code == ErrorCode::kDataNodeUnavailable);
      return opened.error().Wrap(name_);
    }
  }
  PooledConnection result(*this, std::move(slot.connection), slot.checked_at);
  if (access == Access::kWrite && result->server().is_read_only) {
    return Error{ErrorCode::kDataNodeUnavailable,
                 name_ + ": server " + result->server().identity + " is read-only"};
  }
  result->SetDeadline(deadline);
  return result;
}

/// Waits for one of the `connections_max` places; the answer holds an idle connection if there is
/// one. Every success must be followed by GiveBack() or ReleaseSlot().
Result<ConnectionPool::Idle> ConnectionPool::TakeSlot(Deadline deadline) {
  MutexLock lock(mutex_);
  while (true) {
    const MonotonicTime now = clock_.Now();
    if (breaker_.state() == core::CircuitBreaker::State::kHeldOpen ||
        breaker_.RetryIn(now).count() > 0) {
      return Unavailable();
    }
    if (in_use_ < std::max<std::size_t>(options_.connections_max, 1)) {
      if (!breaker_.Allow(now)) return Unavailable();
      break;
    }
    const auto left = deadline.Left(clock_);
    if (left.count() == 0) {
      return Error{ErrorCode::kThrottled,
                   name_ + ": all " + std::to_string(in_use_) + " connections are in use", 100};
    }
    ++waiting_;
    freed_.WaitFor(mutex_, left);
    --waiting_;
  }
  ++in_use_;
  if (idle_.empty()) return Idle{};
  Idle slot =
      std::move(idle_.back());  // The one used last: the others may be closed by the server.
  idle_.pop_back();
  // In half-open the call is a probe: it must meet the server.
  if (slot.losses != losses_ || breaker_.state() != core::CircuitBreaker::State::kClosed) {
    slot.used_at = {};
  }
  slot.losses = losses_;
  return slot;
}

Status ConnectionPool::Validate(Idle& slot, Access access) {
  const MonotonicTime now = clock_.Now();
  // A server that was read-only when last asked may have been made writable since.
  const bool is_doubtful = access == Access::kWrite && slot.connection->server().is_read_only;
  if (is_doubtful || now - slot.checked_at >= options_.check_server_every) {
    LANEMQ_RETURN_IF_ERROR(slot.connection->CheckServer());
    slot.checked_at = now;
    Remember(slot.connection->server());
    return {};
  }
  if (now - slot.used_at >= options_.validate_after_idle || slot.used_at == MonotonicTime{}) {
    LANEMQ_RETURN_IF_ERROR(slot.connection->Ping());
    MutexLock lock(mutex_);
    breaker_.OnSuccess();
  }
  return {};
}

Status ConnectionPool::OpenNew(Idle& slot, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(
      slot.connection,
      Connection::Open(connection_options_, options_.prepared_max, clock_, deadline));
  slot.connection->SetObserver(options_.observer);
  slot.connection->SetServerName(name_);
  slot.checked_at = clock_.Now();
  Remember(slot.connection->server());
  MutexLock lock(mutex_);
  ++opened_;
  return {};
}

void ConnectionPool::Remember(const ServerInfo& server) {
  bool is_new = false;
  {
    MutexLock lock(mutex_);
    breaker_.OnSuccess();
    is_new = !last_server_ || last_server_->identity != server.identity;
    last_server_ = server;
  }
  if (!is_new) return;
  LANEMQ_LOG(INFO, "sql.server_met", {"node", name_}, {"server", server.identity},
             {"version", server.version}, {"read_only", server.is_read_only});
  if (!server.durability.IsFull()) {
    LANEMQ_LOG(WARN, "sql.durability_is_reduced", {"node", name_},
               {"innodb_flush_log_at_trx_commit", server.durability.flush_log_at_trx_commit},
               {"sync_binlog", server.durability.sync_binlog});
  }
}

Error ConnectionPool::Unavailable() const {
  if (breaker_.state() == core::CircuitBreaker::State::kHeldOpen) {
    return Error{ErrorCode::kDataNodeUnavailable, name_ + ": switched off by an operator", 5'000};
  }
  const auto wait =
      std::chrono::ceil<std::chrono::milliseconds>(breaker_.RetryIn(clock_.Now())).count();
  return Error{ErrorCode::kDataNodeUnavailable, name_ + ": not asked, it failed repeatedly",
               std::max<std::int64_t>(wait, 1)};
}

void ConnectionPool::ReleaseSlot(bool failed) {
  {
    MutexLock lock(mutex_);
    --in_use_;
    if (failed) breaker_.OnFailure(clock_.Now());
  }
  // All: those who wait fail fast once the breaker has opened.
  freed_.NotifyAll();
}

void ConnectionPool::GiveBack(std::unique_ptr<Connection> connection, MonotonicTime checked_at) {
  std::unique_ptr<Connection> unneeded;  // Closed without the lock.
  if (!connection->is_usable()) {
    connection.reset();
    MutexLock lock(mutex_);
    --in_use_;
    ++losses_;
    breaker_.OnFailure(clock_.Now());
  } else {
    MutexLock lock(mutex_);
    --in_use_;
    breaker_.OnSuccess();
    const MonotonicTime now = clock_.Now();
    idle_.push_back({std::move(connection), now, checked_at, losses_});
    // By us: what the server closes it counts and logs as aborted.
    if (now - idle_.front().used_at >= connection_options_.idle_max * 3 / 4) {
      unneeded = std::move(idle_.front().connection);
      idle_.erase(idle_.begin());
    }
  }
  freed_.NotifyOne();
}

void ConnectionPool::SetEnabled(bool enabled) {
  {
    MutexLock lock(mutex_);
    breaker_.SetHeldOpen(!enabled);
  }
  freed_.NotifyAll();
}

std::optional<ServerInfo> ConnectionPool::LastServer() const {
  MutexLock lock(mutex_);
  return last_server_;
}

PoolStats ConnectionPool::Stats() const {
  MutexLock lock(mutex_);
  return {.open = idle_.size() + in_use_,
          .in_use = in_use_,
          .waiting = waiting_,
          .opened_total = opened_,
          .broken_total = losses_,
          .breaker = breaker_.state()};
}

}  // namespace lanemq::sql
