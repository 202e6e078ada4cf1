#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// What a transaction sees and locks. kReadCommitted is the session's: locks on rows alone.
/// kRepeatableRead also locks the gaps that locking reads pass, so that nobody inserts there; for
/// those who append at the end of a table (sql/store/log_append.h). kSnapshot only reads, and all
/// it reads is as it was when the transaction began. DDL has no part in that: what a statement took
/// out of a table since then is missing, and some fail with kConflict.
enum class Isolation : std::uint8_t { kReadCommitted, kRepeatableRead, kSnapshot };

/// A transaction on a connection; rolled back unless committed. Using it after Commit() ends the
/// process. Statements in it are run on the connection itself.
class Transaction {
 public:
  static Result<Transaction> Begin(Connection& connection,
                                   Isolation isolation = Isolation::kReadCommitted);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, {})) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// kOutcomeUnknown when the connection broke before the answer; other errors: rolled back.
  Status Commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  ///< Null once committed or moved from.
};

class ConnectionPool;

/// Runs `body` in a transaction on a connection of `pool`, commits it when `body` succeeds, and
/// runs the whole again when it lost a race inside the database (kConflict): at most `attempts`
/// times and not beyond `deadline`, with a jittered pause between. `body` must be repeatable.
Status RunInTransaction(ConnectionPool& pool, Deadline deadline,
                        const std::function<Status(Connection&)>& body, int attempts = 5,
                        Isolation isolation = Isolation::kReadCommitted);

/// Same without a transaction: `body` runs autocommitted statements, of which a repetition is
/// harmless.
Status RunAutocommitted(ConnectionPool& pool, Deadline deadline,
                        const std::function<Status(Connection&)>& body, int attempts = 5);

}  // namespace lanemq::sql
