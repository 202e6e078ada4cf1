#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "common/base/result.h"

namespace lanemq {

struct SqlNull {};

/// A value for a `?`: NULL, a number, or bytes exactly as they are, in whatever character set the
/// connection speaks. Bytes are not owned; they must live until the call ends.
using SqlValue = std::variant<SqlNull, std::int64_t, std::string_view>;

/// The application's own connection to MySQL or MariaDB, in whatever state and transaction it is.
///
/// LaneMQ runs single statements on it, as part of the application's transaction. It never begins,
/// commits or rolls back, and never changes a setting of the session.
///
/// Implementations: ConnectorSession (lanemq/mysql_connector.h), CApiSession
/// (lanemq/mysql_c_api.h). For another client library write your own: Execute() sends the statement
/// with its parameters and turns errors into SqlError(). Thread safety: that of the connection: one
/// thread at a time.
class SqlSession {
 public:
  virtual ~SqlSession() = default;

  /// Runs one INSERT, UPDATE or DELETE with `?` for its parameters. The number of affected rows.
  ///
  /// Errors, by what to do next:
  /// - kAlreadyExists: duplicate key. The statement did nothing; the transaction goes on.
  /// - kConflict: a deadlock, or a lock that was not given in time. The message says whether the
  ///   database rolled the transaction back. Roll back in either case, then repeat all of it.
  /// - kDataNodeUnavailable: the connection is lost and the transaction with it, or the server
  ///   cannot write now (disk full, read-only). Roll back, and repeat all of it later.
  /// - kFailedPrecondition: the table is missing, or the account may not write to it.
  /// - others: the statement did nothing; as the message says.
  virtual Result<std::int64_t> Execute(std::string_view text, std::span<const SqlValue> params) = 0;

  /// Whether a transaction is open (or autocommit is off, so that the next statement opens one).
  /// nullopt: the client library cannot tell without asking the server.
  [[nodiscard]] virtual std::optional<bool> IsInTransaction() const { return std::nullopt; }
};

/// The Error for an error number of a MySQL or MariaDB server or client library that came up within
/// a transaction; `text` is its message. See SqlSession::Execute().
[[nodiscard]] Error SqlError(int number, std::string_view text);

}  // namespace lanemq
