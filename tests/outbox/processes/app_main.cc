// An application with an outbox: business transactions on several connections, each with its
// messages. It writes down what it tries before it commits, and what the database answered. Killed
// and restarted by tests.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_connection.h>
#include <mysql_driver.h>

#include "common/base/clock.h"
#include "lanemq/mysql_connector.h"
#include "lanemq/outbox.h"
#include "tests/checker/message.h"
#include "tests/e2e/stop_signal.h"
#include "tests/outbox/processes/outbox_checker.h"

namespace lanemq::outbox_testing {
namespace {

constexpr std::size_t kBodyBytes = 64;

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string schema;
  std::string user = "root";
  std::string topic;
  std::string events;
  std::vector<std::string> wake;
  int first_producer = 1;
  int connections = 6;
  int keys = 60;
  int pause_ms = 20;
  int slow_per_mille = 10;
  int slow_max_ms = 3'000;
  int rollback_per_mille = 100;
  int several_per_mille = 200;
  int delayed_per_mille = 50;
  int keyless_per_mille = 100;
  std::uint64_t seed = 1;
};

/// One write per line: what a killed process did is in the file.
class EventFile {
 public:
  explicit EventFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  ~EventFile() { ::close(fd_); }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// Any thread.
  void Add(const std::string& line) const {
    if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      std::_Exit(74);
    }
  }

 private:
  int fd_;
};

/// One connection and its transactions, one after the other. Of one thread.
class Clerk {
 public:
  Clerk(const Options& options, int producer, Outbox& outbox, const EventFile& events,
        e2e::StopSignal& stop)
      : options_(options),
        outbox_(outbox),
        events_(events),
        stop_(stop),
        next_(producer * kTrialsPerProducer),
        random_(options.seed + static_cast<std::uint64_t>(producer)) {}

  void Run() {
    auto* const driver = ::sql::mysql::get_driver_instance();
    driver->threadInit();
    do {
      try {
        if (connection_ == nullptr) Connect();
        Transact();
      } catch (const ::sql::SQLException& e) {
        // Whether the transaction was committed stays unknown.
        fmt::print(stderr, "{}\n", e.what());
        Disconnect();
      }
    } while (!stop_.WaitFor(std::chrono::milliseconds(Below(2 * options_.pause_ms + 1))));
    Disconnect();
    driver->threadEnd();
  }

 private:
  bool Chance(int per_mille) { return Below(1'000) < per_mille; }
  int Below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }

  void Connect() {
    ::sql::ConnectOptionsMap map;
    map["hostName"] = ::sql::SQLString("tcp://" + options_.host);
    map["port"] = options_.port;
    map["userName"] = ::sql::SQLString(options_.user);
    map["password"] = ::sql::SQLString("");
    map["schema"] = ::sql::SQLString(options_.schema);
    map["OPT_CONNECT_TIMEOUT"] = 2;
    map["OPT_READ_TIMEOUT"] = 20;
    map["OPT_RECONNECT"] = false;
    connection_.reset(::sql::mysql::get_driver_instance()->connect(map));
    connection_->setAutoCommit(false);
    statement_.reset(connection_->createStatement());
    session_ = std::make_unique<ConnectorSession>(*connection_);
  }
  void Disconnect() {
    session_.reset();
    statement_.reset();
    connection_.reset();
  }

  std::int64_t LockedVersion(const std::string& key) {
    const std::unique_ptr<::sql::ResultSet> rows(statement_->executeQuery(::sql::SQLString(
        fmt::format("SELECT version FROM accounts WHERE k = '{}' FOR UPDATE", key))));
    if (!rows->next()) throw ::sql::SQLException("no such account: " + key);
    return rows->getInt64(1);
  }

  void Transact() {
    Trial trial{.tx = next_++, .intents = {}};
    const std::string key = fmt::format("k{}", Below(options_.keys));
    std::int64_t version = LockedVersion(key);
    std::vector<OutboxRecord> records;
    const int messages = Chance(options_.several_per_mille) ? 2 + Below(6) : 1;
    for (int i = 0; i < messages; ++i) {
      Intent intent;
      OutboxRecord record{.topic = options_.topic};
      if (!Chance(options_.keyless_per_mille)) {
        intent.key = key;
        intent.version = ++version;
      }
      if (Chance(options_.delayed_per_mille)) {
        record.delay = std::chrono::milliseconds(500 + Below(1'500));
        // The delay counts from the statement, which is later.
        intent.due_us = SystemClock::Instance().WallNow().micros + record.delay->count() * 1'000;
      }
      record.key = intent.key;
      record.body = checker::MakeBody(IdOf(trial.tx, i), kBodyBytes);
      records.push_back(std::move(record));
      trial.intents.push_back(std::move(intent));
    }
    Append(records);
    statement_->execute(::sql::SQLString(
        fmt::format("UPDATE accounts SET version = {} WHERE k = '{}'", version, key)));
    statement_->execute(::sql::SQLString(fmt::format("INSERT INTO done VALUES ({})", trial.tx)));
    events_.Add(FormatTrial(trial));
    // The messages have their ids; those of others that commit meanwhile are higher.
    if (Chance(options_.slow_per_mille)) {
      (void)stop_.WaitFor(std::chrono::milliseconds(1 + Below(options_.slow_max_ms)));
    }
    End(trial.tx);
  }

  void Append(const std::vector<OutboxRecord>& records) {
    Status appended;
    if (Chance(500)) {
      appended = outbox_.AppendAll(*session_, records);
    } else {
      for (std::size_t i = 0; i < records.size() && appended.ok(); ++i) {
        appended = outbox_.Append(*session_, records[i]);
      }
    }
    if (!appended.ok()) throw ::sql::SQLException(appended.error().ToString());
  }

  void End(std::int64_t tx) {
    if (Chance(options_.rollback_per_mille)) {
      connection_->rollback();
      events_.Add(FormatEnd(tx, Trial::End::kRolledBack));
      return;
    }
    // Not the connector's commit(): it ignores what the server answers.
    statement_->execute("COMMIT");
    events_.Add(FormatEnd(tx, Trial::End::kCommitted));
    outbox_.AfterCommit();
  }

  const Options& options_;
  Outbox& outbox_;
  const EventFile& events_;
  e2e::StopSignal& stop_;
  std::int64_t next_;
  std::mt19937_64 random_;
  std::unique_ptr<::sql::Connection> connection_;
  std::unique_ptr<::sql::Statement> statement_;
  std::unique_ptr<ConnectorSession> session_;
};

int Run(const Options& options, e2e::StopSignal& stop) {
  const auto outbox = Outbox::Create({.relay_addresses = options.wake});
  if (!outbox.ok()) {
    fmt::print(stderr, "{}\n", outbox.error().ToString());
    return 1;
  }
  const EventFile events(options.events);
  (void)::sql::mysql::get_driver_instance();  // The first call is not thread-safe.
  std::vector<std::jthread> clerks;
  for (int i = 0; i < options.connections; ++i) {
    clerks.emplace_back([&, producer = options.first_producer + i] {
      Clerk(options, producer, **outbox, events, stop).Run();
    });
  }
  clerks.clear();
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Business transactions with an outbox, and what became of them.",
               "lanemq-outbox-app");
  app.add_option("--host", options.host);
  app.add_option("--port", options.port)->required();
  app.add_option("--schema", options.schema)->required();
  app.add_option("--user", options.user);
  app.add_option("--topic", options.topic)->required();
  app.add_option("--events", options.events)->required();
  app.add_option("--wake", options.wake, "relays' addresses")->delimiter(',');
  app.add_option("--first-producer", options.first_producer, "numbers one per connection");
  app.add_option("--connections", options.connections);
  app.add_option("--keys", options.keys);
  app.add_option("--pause-ms", options.pause_ms, "between two transactions, on average");
  app.add_option("--slow-per-mille", options.slow_per_mille, "left open for a while");
  app.add_option("--slow-max-ms", options.slow_max_ms);
  app.add_option("--rollback-per-mille", options.rollback_per_mille);
  app.add_option("--delayed-per-mille", options.delayed_per_mille);
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, argc, argv);

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  e2e::StopSignal stop;
  std::thread([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.Set();
  }).detach();
  std::_Exit(Run(options, stop));
}

}  // namespace
}  // namespace lanemq::outbox_testing

int main(int argc, char** argv) { return lanemq::outbox_testing::Main(argc, argv); }
