#include "tests/support/database_server.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/base/random.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""s;

constexpr auto kStartTimeout = 60s;

fs::path CacheDir() {
  const char* configured = ::getenv("LANEMQ_CACHE_DIR");
  return configured != nullptr ? fs::path(configured) : fs::path(LANEMQ_SOURCE_DIR) / ".cache";
}

// Runs a program to its end; its output is in the error.
Status Run(std::vector<std::string> argv, const fs::path& output_dir) {
  const std::string program = argv.front();
  auto process = Process::Start({.argv = std::move(argv),
                                 // A server that starts removes every "#sql..." file of its
                                 // temporary directory: also other servers', if shared.
                                 .environment = {{"TMPDIR", output_dir.string()}},
                                 .output_dir = output_dir,
                                 .name = "run"});
  LANEMQ_RETURN_IF_ERROR(process);
  const auto code = process->Wait(kStartTimeout);
  if (code == 0) return {};
  return Error{ErrorCode::kUnknownServerError,
               fmt::format("{} ended with {}: {}", program, code.value_or(-1), process->Stderr())};
}

Status Initialise(Engine engine, const fs::path& data_dir, const fs::path& output_dir) {
  if (engine == Engine::kMariaDb) {
    return Run({"mariadb-install-db", "--no-defaults", "--user=root", "--skip-test-db",
                "--auth-root-authentication-method=normal", "--datadir=" + data_dir.string()},
               output_dir);
  }
  // Without name resolution root@localhost cannot come from 127.0.0.1.
  const fs::path init = output_dir / "init.sql";
  std::ofstream(init) << "CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '';\n"
                         "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n";
  return Run({ServerProgram(engine), "--no-defaults", "--initialize-insecure", "--user=root",
              "--init-file=" + init.string(), "--datadir=" + data_dir.string()},
             output_dir);
}

// A data directory takes seconds to initialise and is the same each time, so it is made once per
// machine, under a file lock, and copied. The program's size and time name it: an upgrade makes
// another one.
Result<fs::path> Template(Engine engine) {
  const fs::path program = fs::canonical(ServerProgram(engine));
  const auto stamp = fs::last_write_time(program).time_since_epoch().count();
  fs::create_directories(CacheDir() / "datadir");
  const std::string name = fmt::format("{}-{}", NameOf(engine), stamp);
  const fs::path ready = CacheDir() / "datadir" / name;
  const fs::path lock_path = CacheDir() / "datadir" / (name + ".lock");
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0 || ::flock(lock, LOCK_EX) != 0) {
    return Error{ErrorCode::kUnknownServerError, "cannot lock " + lock_path.string()};
  }
  Status status;
  if (!fs::exists(ready)) {
    const TempDir output("lanemq-init");
    const fs::path half = ready.string() + ".half";
    fs::remove_all(half);
    status = Initialise(engine, half, output.path());
    if (status.ok()) fs::rename(half, ready);
  }
  ::close(lock);
  LANEMQ_RETURN_IF_ERROR(status);
  return ready;
}

// Whether a server greets on this socket. The socket is the server's own, where another server may
// have taken its port; it is bound after the port, and greeting starts when recovery is over.
bool IsGreeting(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  constexpr unsigned char kProtocolVersion = 10;
  unsigned char head[5] = {};
  pollfd readable{fd, POLLIN, 0};
  const bool is_greeting =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::poll(&readable, 1, 500) == 1 &&
      ::recv(fd, head, sizeof(head), MSG_WAITALL) == sizeof(head) && head[4] == kProtocolVersion;
  ::close(fd);
  return is_greeting;
}

}  // namespace

std::string NameOf(Engine engine) { return engine == Engine::kMariaDb ? "MariaDB" : "MySQL"; }

std::string ServerProgram(Engine engine) {
  if (engine == Engine::kMariaDb)
    return fs::exists("/usr/sbin/mariadbd") ? "/usr/sbin/mariadbd" : "";
  const char* dir = ::getenv("LANEMQ_MYSQL_DIR");
  const fs::path root = dir != nullptr ? fs::path(dir) : CacheDir() / "mysql-9";
  const fs::path program = root / "bin" / "mysqld";
  return fs::exists(program) ? program.string() : "";
}

DatabaseServer::DatabaseServer(Options options) : options_(std::move(options)), dir_("lanemq-db") {}

Result<std::unique_ptr<DatabaseServer>> DatabaseServer::Start(Options options) {
  if (ServerProgram(options.engine).empty()) {
    return Error{ErrorCode::kNotFound, NameOf(options.engine) + " is not installed"};
  }
  std::unique_ptr<DatabaseServer> server(new DatabaseServer(std::move(options)));
  LANEMQ_ASSIGN_OR_RETURN(const fs::path from, Template(server->options_.engine));
  LANEMQ_RETURN_IF_ERROR(
      Run({"cp", "-a", "--reflink=auto", from.string(), (server->dir_.path() / "data").string()},
          server->dir_.path()));
  Status status;
  // Another process may take the port between the look and the bind.
  for (int attempt = 0; attempt < 5; ++attempt) {
    server->port_ = FreePort();
    status = server->Launch();
    if (status.ok()) return server;
  }
  return status.error();
}

DatabaseServer::~DatabaseServer() { Kill(); }

Status DatabaseServer::Launch() {
  const fs::path& dir = dir_.path();
  std::vector<std::string> argv = {
      ServerProgram(options_.engine),
      "--no-defaults",
      "--user=root",
      "--datadir=" + (dir / "data").string(),
      fmt::format("--port={}", port_),
      "--bind-address=127.0.0.1",
      "--socket=" + socket(),
      "--pid-file=" + (dir / "pid").string(),
      "--log-bin=" + (dir / "binlog").string(),
      "--server-id=1",
      "--sync-binlog=1",
      "--innodb-flush-log-at-trx-commit=1",
      "--skip-name-resolve",
      "--performance-schema=OFF",
      "--max-allowed-packet=64M",
      fmt::format("--innodb-buffer-pool-size={}M", options_.buffer_pool_mib),
      fmt::format("--max-connections={}", options_.max_connections)};
  if (options_.engine == Engine::kMySql) argv.push_back("--mysqlx=OFF");
  // MySQL logs rows by default and warns when told to.
  if (options_.engine == Engine::kMariaDb) argv.push_back("--binlog-format=ROW");
  argv.insert(argv.end(), options_.extra_flags.begin(), options_.extra_flags.end());
  // A killed server leaves these; MySQL believes them while anything has that process number.
  fs::remove(socket());
  fs::remove(socket() + ".lock");
  auto process = Process::Start({.argv = std::move(argv),
                                 .environment = {{"TMPDIR", dir.string()}},
                                 .output_dir = dir,
                                 .name = fmt::format("server-{}", ++launches_)});
  LANEMQ_RETURN_IF_ERROR(process);
  process_ = std::move(process).value();
  const auto up = WaitFor([this] { return !process_.IsRunning() || IsGreeting(socket()); },
                          kStartTimeout, NameOf(options_.engine) + " to answer");
  if (up && process_.IsRunning()) return {};
  const std::string log = process_.Stderr();
  Kill();
  return Error{ErrorCode::kDataNodeUnavailable,
               NameOf(options_.engine) +
                   " did not start: " + log.substr(log.size() > 2000 ? log.size() - 2000 : 0)};
}

void DatabaseServer::Stop() { process_.Terminate(30s); }
void DatabaseServer::Kill() { process_.Kill(); }
void DatabaseServer::Pause() { process_.Signal(SIGSTOP); }
void DatabaseServer::Resume() { process_.Signal(SIGCONT); }
Status DatabaseServer::StartAgain() { return Launch(); }

Result<std::string> DatabaseServer::Query(const std::string& sql) {
  const TempDir output("lanemq-query");
  auto client =
      Process::Start({.argv = {"mariadb", "--no-defaults", "--host=" + host_,
                               fmt::format("--port={}", port_), "--user=root", "--skip-ssl",
                               "--batch", "--skip-column-names", "--raw", "--execute=" + sql},
                      .environment = {},
                      .output_dir = output.path(),
                      .name = "query"});
  LANEMQ_RETURN_IF_ERROR(client);
  const auto code = client->Wait(kStartTimeout);
  if (code == 0) return client->Stdout();
  return Error{ErrorCode::kUnknownServerError, client->Stderr()};
}

DatabaseServer* SharedServer(Engine engine, std::string* why) {
  static std::map<Engine, Result<std::unique_ptr<DatabaseServer>>> servers;
  auto found = servers.find(engine);
  if (found == servers.end()) {
    found = servers.emplace(engine, DatabaseServer::Start({.engine = engine})).first;
  }
  if (found->second.ok()) return found->second->get();
  *why = found->second.error().ToString();
  return nullptr;
}

std::string UniquePrefix() {
  static int count = 0;
  static Random random = Random::FromSystem();
  return fmt::format("t{:x}_{}", random.Below(1ULL << 40), ++count);
}

}  // namespace lanemq::testing
