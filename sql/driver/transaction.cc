#include "sql/driver/transaction.h"

#include <algorithm>
#include <optional>

#include "common/base/check.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "sql/driver/connection_pool.h"

namespace lanemq::sql {
namespace {

constexpr std::chrono::milliseconds kPauseMax{50};

/// Waits between 0 and 2^attempt ms, so that those who met once do not meet again.
void Pause(Random& random, int attempt, std::chrono::nanoseconds left) {
  const auto bound = std::min(std::chrono::milliseconds{1LL << std::min(attempt, 10)}, kPauseMax);
  const auto micros = static_cast<std::int64_t>(
      random.Below(static_cast<std::uint64_t>(bound.count()) * 1'000 + 1));
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  never.WaitFor(mutex, std::min<std::chrono::nanoseconds>(std::chrono::microseconds{micros}, left));
}

Status RetryOnConflict(const Clock& clock, Deadline deadline, int attempts,
                       const std::function<Status()>& run) {
  std::optional<Random> random;
  for (int attempt = 1;; ++attempt) {
    Status status = run();
    if (status.ok() || status.error().code != ErrorCode::kConflict || attempt >= attempts ||
        deadline.HasPassed(clock)) {
      return status;
    }
    if (!random) random = Random::FromSystem();
    Pause(*random, attempt, deadline.Left(clock));
  }
}

}  // namespace

Result<Transaction> Transaction::Begin(Connection& connection, Isolation isolation) {
  LANEMQ_RETURN_IF_ERROR(connection.Begin(isolation));
  return Transaction(connection);
}

Transaction::~Transaction() {
  // A failed rollback marks the connection unusable; closing it rolls back as well.
  if (connection_ != nullptr) static_cast<void>(connection_->Rollback());
}

Status Transaction::Commit() {
  LANEMQ_CHECK(connection_ != nullptr);
  return std::exchange(connection_, nullptr)->Commit();
}

Status RunInTransaction(ConnectionPool& pool, Deadline deadline,
                        const std::function<Status(Connection&)>& body, int attempts,
                        Isolation isolation) {
  return RetryOnConflict(pool.clock(), deadline, attempts, [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection, pool.Checkout(Access::kWrite, deadline));
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*connection, isolation));
    LANEMQ_RETURN_IF_ERROR(body(*connection));
    return transaction.Commit();
  });
}

Status RunAutocommitted(ConnectionPool& pool, Deadline deadline,
                        const std::function<Status(Connection&)>& body, int attempts) {
  return RetryOnConflict(pool.clock(), deadline, attempts, [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection, pool.Checkout(Access::kWrite, deadline));
    return body(*connection);
  });
}

}  // namespace lanemq::sql
