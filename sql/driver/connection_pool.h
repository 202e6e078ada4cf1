#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/quota/circuit_breaker.h"
#include "sql/driver/connection.h"
#include "sql/driver/options.h"

namespace lanemq::sql {

class ConnectionPool;

/// A connection on loan; goes back to its pool when it goes out of scope. Broken ones are closed.
class PooledConnection {
 public:
  PooledConnection(PooledConnection&&) noexcept = default;
  PooledConnection& operator=(PooledConnection&&) = delete;
  ~PooledConnection();

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  friend class ConnectionPool;
  PooledConnection(ConnectionPool& pool, std::unique_ptr<Connection> connection,
                   MonotonicTime checked_at)
      : pool_(&pool), connection_(std::move(connection)), checked_at_(checked_at) {}

  ConnectionPool* pool_;
  std::unique_ptr<Connection> connection_;  ///< Null once moved from.
  MonotonicTime checked_at_;
};

/// What /status and metrics show of a pool.
struct PoolStats {
  std::size_t open = 0;
  std::size_t in_use = 0;
  std::size_t waiting = 0;
  std::int64_t opened_total = 0;
  std::int64_t broken_total = 0;
  core::CircuitBreaker::State breaker = core::CircuitBreaker::State::kClosed;
};

/// The connections of one process to one server, bounded in number, opened when needed.
///
/// A server that keeps failing is not asked for a while (circuit breaker): calls fail fast with
/// kDataNodeUnavailable. Any lost connection makes every idle one be checked before its next use.
/// Thread safety: every method from any thread. Outlives every PooledConnection.
class ConnectionPool {
 public:
  /// `name` is for messages, for example "data node 3". `clock` must outlive the pool.
  ConnectionPool(std::string name, ConnectionOptions connection, PoolOptions options,
                 const Clock& clock = SystemClock::Instance());
  ~ConnectionPool();

  /// A connection whose calls end by `deadline`. With kWrite, servers that are read-only are
  /// refused (kDataNodeUnavailable).
  /// Errors: kThrottled when none is free in time; kDataNodeUnavailable.
  Result<PooledConnection> Checkout(Access access, Deadline deadline);

  /// Switches the server off (calls fail at once) or on again, by an operator's decision.
  void SetEnabled(bool enabled);
  /// The settings of the server that answered last; nullopt before the first connection.
  [[nodiscard]] std::optional<ServerInfo> LastServer() const;
  [[nodiscard]] PoolStats Stats() const;
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  friend class PooledConnection;
  struct Idle {
    std::unique_ptr<Connection> connection;
    MonotonicTime used_at;
    MonotonicTime checked_at;
    std::int64_t losses = 0;  ///< losses_ when it was last known to work.
  };

  Result<Idle> TakeSlot(Deadline deadline);
  Status Validate(Idle& slot, Access access);
  Status OpenNew(Idle& slot, Deadline deadline);
  Error Unavailable() const LANEMQ_REQUIRES(mutex_);
  void ReleaseSlot(bool failed);
  void GiveBack(std::unique_ptr<Connection> connection, MonotonicTime checked_at);
  void Remember(const ServerInfo& server);

  const std::string name_;
  const ConnectionOptions connection_options_;
  const PoolOptions options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  CondVar freed_;
  std::vector<Idle> idle_ LANEMQ_GUARDED_BY(mutex_);
  core::CircuitBreaker breaker_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<ServerInfo> last_server_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t in_use_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t losses_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t opened_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::sql
