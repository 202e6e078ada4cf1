#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.h"

namespace lanemq::sql {

/// Sessions that do nothing for this long are ended by the server: bounds how long a statement
/// of a vanished broker can still be waiting in a dead connection.
inline constexpr std::chrono::seconds kSessionIdleMax{60};

/// Where a MySQL or MariaDB server is and how to talk to it.
struct ConnectionOptions {
  std::string host = "127.0.0.1";  ///< Name or address; ignored when `socket` is set.
  std::int32_t port = 3306;
  std::string socket;  ///< Path of a UNIX socket; empty: TCP.
  std::string user;
  std::string password;  ///< Never logged.
  /// Default schema of each session; empty: none. It must exist.
  std::string schema;

  /// Whole seconds are what the client library knows; fractions are rounded up.
  std::chrono::milliseconds connect_timeout{2'000};
  /// Longest wait for an answer when the call's own deadline is later. Range: from 1 s.
  std::chrono::milliseconds io_timeout{10'000};
  /// A session that does nothing for so long is ended by the server, and what it has open is rolled
  /// back: how long a process that hangs in a transaction keeps its locks. Whole seconds, from 1.
  /// A pool that is in use closes what was idle for three quarters of it.
  std::chrono::seconds idle_max = kSessionIdleMax;

  bool operator==(const ConnectionOptions&) const = default;
};

/// Told of every statement, for metrics. Called from the thread that ran it; must be fast.
class StatementObserver {
 public:
  virtual ~StatementObserver() = default;
  /// `name` is one of a few dozen, fit for a label. `error` is null when it worked.
  virtual void OnStatement(std::string_view name, std::chrono::nanoseconds took,
                           const Error* error) = 0;
};

/// Bounds of a ConnectionPool.
struct PoolOptions {
  std::size_t connections_max = 8;  ///< Open at once; from 1.
  /// A connection unused for longer is pinged before it is given out. Must stay well below
  /// ConnectionOptions::idle_max.
  std::chrono::milliseconds validate_after_idle{5'000};
  /// The server's identity and read-only state are read again when they are older than this.
  std::chrono::milliseconds check_server_every{5'000};
  /// Statements each connection keeps prepared.
  std::size_t prepared_max = 128;
  /// Not owned; must outlive the pool. Null: nobody is told.
  StatementObserver* observer = nullptr;
};

}  // namespace lanemq::sql
