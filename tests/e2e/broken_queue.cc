#include "tests/e2e/broken_queue.h"

#include <atomic>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "sql/driver/connection.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;

Result<std::unique_ptr<sql::Connection>> Connect(testing::DatabaseServer& server,
                                                 const std::string& schema) {
  const SystemClock& clock = SystemClock::Instance();
  return sql::Connection::Open({.host = server.host(),
                                .port = server.port(),
                                .user = server.user(),
                                .password = server.password(),
                                .schema = schema},
                               8, clock, Deadline::After(clock, 10s));
}

Status Run(sql::Connection& connection, std::string text) {
  connection.Text() = std::move(text);
  const auto done = connection.UpdateText("broken queue");
  return done.ok() ? Status() : Status(done.error());
}

Result<std::int64_t> InsertOne(sql::Connection& connection, const std::string& body) {
  LANEMQ_RETURN_IF_ERROR(
      Run(connection, fmt::format("INSERT INTO queue (body) VALUES ('{}')", body)));
  std::int64_t id = -1;
  connection.Text() = "SELECT LAST_INSERT_ID()";
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("last id", [&](const sql::Row& row) {
    id = row.Int64(0);
    return true;
  }));
  return id;
}

Status WriteOnce(sql::Connection& connection, checker::ProducerLog& log, int rows) {
  std::vector<std::pair<checker::MessageId, std::int64_t>> stored;
  if (rows > 1) LANEMQ_RETURN_IF_ERROR(Run(connection, "START TRANSACTION"));
  for (int i = 0; i < rows; ++i) {
    const checker::MessageId id = log.Next();
    const std::string body = checker::MakeBody(id, 100);
    log.Begin(id, 0, -1, body);
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t offset, InsertOne(connection, body));
    stored.emplace_back(id, offset);
  }
  if (rows > 1) LANEMQ_RETURN_IF_ERROR(Run(connection, "COMMIT"));
  for (const auto& [id, offset] : stored) log.Acked(id, 0, offset);
  return {};
}

// Reads on by `id > ?` until the writers are done and nothing is left above its position.
Status Follow(sql::Connection& connection, checker::ReaderLog& log,
              const std::atomic<bool>& is_written) {
  std::int64_t position = 0;
  log.StartAt(0, 1);
  while (true) {
    const bool was_written = is_written.load();
    const std::int64_t before = position;
    connection.Text() =
        fmt::format("SELECT id, body FROM queue WHERE id > {} ORDER BY id LIMIT 500", position);
    LANEMQ_RETURN_IF_ERROR(connection.QueryText("follow", [&](const sql::Row& row) {
      position = row.Int64(0);
      log.Saw(0, position, 0, row.String(1));
      return true;
    }));
    if (was_written && position == before) break;
  }
  log.MarkComplete();
  return {};
}

}  // namespace

Status RunBrokenQueue(testing::DatabaseServer& server, const std::string& schema,
                      const BrokenQueueOptions& options, checker::History& history) {
  LANEMQ_RETURN_IF_ERROR(server.Query(fmt::format(
      "CREATE DATABASE IF NOT EXISTS {0}; DROP TABLE IF EXISTS {0}.queue; CREATE TABLE {0}.queue "
      "(id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARBINARY(200)) ENGINE=InnoDB",
      schema)));
  const auto workers = static_cast<std::size_t>(options.writers) + 1;
  std::vector<std::unique_ptr<sql::Connection>> connections;
  for (std::size_t i = 0; i < workers; ++i) {
    LANEMQ_ASSIGN_OR_RETURN(auto connection, Connect(server, schema));
    connections.push_back(std::move(connection));
  }
  std::vector<Status> statuses(workers);
  std::atomic<bool> is_written = false;
  {
    const std::jthread reader([&, &log = history.AddReader("follower")] {
      statuses.back() = Follow(*connections.back(), log, is_written);
    });
    {
      const SystemClock& clock = SystemClock::Instance();
      const Deadline end = Deadline::After(clock, options.duration);
      std::vector<std::jthread> writers;
      for (std::size_t i = 0; i + 1 < workers; ++i) {
        writers.emplace_back([&, i, &log = history.AddProducer()] {
          while (statuses[i].ok() && !end.HasPassed(clock)) {
            statuses[i] = WriteOnce(*connections[i], log, options.rows_per_transaction);
          }
        });
      }
    }
    is_written = true;
  }
  for (Status& status : statuses) LANEMQ_RETURN_IF_ERROR(status);
  return {};
}

}  // namespace lanemq::e2e
