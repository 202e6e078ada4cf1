#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "sql/driver/options.h"
#include "sql/driver/server_info.h"
#include "sql/driver/statement.h"

namespace lanemq::sql {

/// In transaction.h.
enum class Isolation : std::uint8_t;

/// The connector's result, which only connection.cc sees.
struct ResultHandle;

/// One row of a result, valid during the visit. Columns count from 0.
class Row {
 public:
  explicit Row(ResultHandle& result) : result_(result) {}
  [[nodiscard]] std::int64_t Int64(unsigned column) const;
  [[nodiscard]] std::string String(unsigned column) const;  ///< Empty when NULL.
  [[nodiscard]] bool IsNull(unsigned column) const;

 private:
  ResultHandle& result_;
};

/// Sees one row after the other; false: no more rows, please.
using RowVisitor = std::function<bool(const Row&)>;

/// One session of a MySQL server: binary character set (bytes are exact), UTC, READ COMMITTED,
/// strict mode, autocommit, affected rows count rows *found* by an UPDATE on both engines.
///
/// Every exception of the connector is caught here. Errors are those of sql/driver/error_table.cc.
/// Thread safety: none; one owner at a time, any thread.
class Connection {
 public:
  /// Opens a session by `deadline`. Errors: kDataNodeUnavailable, kThrottled.
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options,
                                                  std::size_t prepared_max, const Clock& clock,
                                                  Deadline deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Every later call ends by `deadline`, rounded up to a whole second (what the client library
  /// can do), and never later than ConnectionOptions::io_timeout.
  void SetDeadline(Deadline deadline);
  /// Null: nobody is told. Not owned.
  void SetObserver(StatementObserver* observer);
  /// What the server is called in messages, for example "data node 3"; empty: nobody has said.
  void SetServerName(std::string name) { server_name_ = std::move(name); }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

  /// Runs a named statement that returns no rows, prepared once per connection.
  /// Answers the number of affected rows.
  Result<std::int64_t> Update(const Statement& statement, std::initializer_list<Param> params);
  /// Runs a named query and shows its rows to `visit`.
  Status Query(const Statement& statement, std::initializer_list<Param> params,
               const RowVisitor& visit);

  /// The buffer that UpdateText() and QueryText() send. Its capacity is kept (up to a bound), so
  /// that the hot path allocates nothing.
  std::string& Text();
  /// Sends Text() as it stands; it must not contain unescaped input. `name` is for messages.
  Result<std::int64_t> UpdateText(std::string_view name);
  Status QueryText(std::string_view name, const RowVisitor& visit);
  /// QueryText() for big results: holds one row at a time instead of all of them. `rows_max` is the
  /// statement's LIMIT. May show fewer rows than there are when the statement was killed, never
  /// without an error when the connection was lost.
  Status StreamText(std::string_view name, std::int64_t rows_max, const RowVisitor& visit);

  [[nodiscard]] const ServerInfo& server() const { return server_; }
  /// False once an error broke the session: it must not be used again.
  [[nodiscard]] bool is_usable() const { return is_usable_; }
  /// For callers that cannot set the session back to what others expect: it is not used again.
  void Abandon() { is_usable_ = false; }
  /// Reads server() again: identity and read-only state.
  Status CheckServer();
  /// Whether the server still answers on this session.
  Status Ping();
  /// The server's number of this session, for KILL.
  [[nodiscard]] std::int64_t id() const { return id_; }

 private:
  friend class Transaction;
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);

  Status Begin(Isolation isolation);
  Status Commit();
  Status Rollback();
  Status SetUpSession(std::chrono::seconds idle_max);
  Status ReadServer();
  template <typename F>
  auto Guard(std::string_view name, Access access, F&& call) -> decltype(call());
  template <typename F>
  auto Catch(std::string_view name, Access access, F&& call) -> decltype(call());

  std::unique_ptr<Impl> impl_;
  ServerInfo server_;
  std::string server_name_;
  std::int64_t id_ = 0;
  bool is_usable_ = true;
  bool in_transaction_ = false;
};

}  // namespace lanemq::sql
