#pragma once

#include <functional>
#include <utility>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// A transaction on a connection; rolled back unless committed. Using it after Commit() ends the
/// process. Statements in it are run on the connection itself.
class Transaction {
 public:
  static Result<Transaction> Begin(Connection& connection);
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
                        const std::function<Status(Connection&)>& body, int attempts = 5);

/// Same without a transaction: `body` runs autocommitted statements, of which a repetition is
/// harmless.
Status RunAutocommitted(ConnectionPool& pool, Deadline deadline,
                        const std::function<Status(Connection&)>& body, int attempts = 5);

}  // namespace lanemq::sql
