#pragma once

#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::testing {

enum class Engine { kMariaDb, kMySql };

[[nodiscard]] std::string NameOf(Engine engine);  ///< "MariaDB" or "MySQL".
/// For GoogleTest: how a parameter looks in a test's name.
inline void PrintTo(Engine engine, std::ostream* out) { *out << NameOf(engine); }

/// Where the engine's server program is; empty when it is not installed. MySQL is looked for in
/// $LANEMQ_MYSQL_DIR, else in .cache/mysql-9 of the source tree: scripts/mysql_private.sh puts it
/// there.
[[nodiscard]] std::string ServerProgram(Engine engine);

/// Both engines, for INSTANTIATE_TEST_SUITE_P: a missing one is skipped by the test, loudly and
/// counted, with LANEMQ_REQUIRE_SERVER.
[[nodiscard]] inline std::vector<Engine> Engines() { return {Engine::kMariaDb, Engine::kMySql}; }

/// A database server of the test's own: real, durable settings, on loopback, in a temporary
/// directory, gone with the test process. User root without a password.
/// Not thread-safe; one owner.
class DatabaseServer {
 public:
  struct Options {
    Engine engine = Engine::kMariaDb;
    int buffer_pool_mib = 128;
    int max_connections = 400;
    std::vector<std::string> extra_flags;
  };

  /// Initialises a data directory (from a template made once per machine) and starts the server.
  static Result<std::unique_ptr<DatabaseServer>> Start(Options options);
  ~DatabaseServer();

  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string user() const { return "root"; }
  [[nodiscard]] std::string password() const { return ""; }
  [[nodiscard]] std::string socket() const { return (dir_.path() / "s.sock").string(); }
  [[nodiscard]] Engine engine() const { return options_.engine; }
  [[nodiscard]] pid_t pid() const { return process_.pid(); }

  /// Clean shutdown by signal; waits for it, and kills the server when that takes over 30 s.
  void Stop();
  /// SIGKILL, as a crash.
  void Kill();
  /// SIGSTOP and SIGCONT: a server that hangs without closing its connections.
  void Pause();
  void Resume();
  /// Starts again after Stop() or Kill(), on the same port and data. Fails when somebody else has
  /// taken the port meanwhile.
  Status StartAgain();

  /// Runs SQL with the command line client; its output without headers, tab separated.
  Result<std::string> Query(const std::string& sql);

 private:
  explicit DatabaseServer(Options options);
  Status Launch();

  Options options_;
  TempDir dir_;
  std::string host_ = "127.0.0.1";
  int port_ = 0;
  int launches_ = 0;
  Process process_;
};

/// The server shared by all tests of this process, one per engine, started at the first call.
/// nullptr, with the reason in `why`, when it is not installed or does not start.
DatabaseServer* SharedServer(Engine engine, std::string* why);

/// A schema prefix nobody else has used: several data nodes and catalogues share a server this way.
[[nodiscard]] std::string UniquePrefix();

/// Skips the running test, loudly, when the engine is missing; gives the shared server otherwise.
///
///   LANEMQ_REQUIRE_SERVER(server, Engine::kMySql);
#define LANEMQ_REQUIRE_SERVER(name, wanted_engine)                                   \
  std::string name##_why;                                                            \
  ::lanemq::testing::DatabaseServer* const name =                                    \
      ::lanemq::testing::SharedServer(wanted_engine, &name##_why);                   \
  if (name == nullptr) {                                                             \
    if (::lanemq::testing::ServerProgram(wanted_engine).empty()) {                   \
      GTEST_SKIP() << "SKIPPED LOUDLY: " << ::lanemq::testing::NameOf(wanted_engine) \
                   << " is not installed here: " << name##_why;                      \
    }                                                                                \
    FAIL() << name##_why;                                                            \
  }                                                                                  \
  static_assert(true)

}  // namespace lanemq::testing
