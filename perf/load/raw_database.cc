#include "perf/load/raw_database.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_connection.h>
#include <mysql_driver.h>

#include "common/base/clock.h"
#include "perf/load/pause.h"

namespace lanemq::perf {
namespace {

using ConnectionPtr = std::unique_ptr<::sql::Connection>;
using StatementPtr = std::unique_ptr<::sql::Statement>;

ConnectionPtr Connect(const DatabaseAddress& address) {
  ConnectionPtr connection(::sql::mysql::get_mysql_driver_instance()->connect(
      fmt::format("tcp://{}:{}", address.host, address.port), address.user, address.password));
  StatementPtr(connection->createStatement())->execute("SET NAMES binary");
  return connection;
}

std::string Body(int bytes) {
  std::string body(static_cast<std::size_t>(bytes), ' ');
  std::uint32_t state = 12345;
  for (char& c : body) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>('a' + (state >> 24) % 26);
  }
  return body;
}

std::string InsertText(::sql::mysql::MySQL_Connection& connection, const std::string& table,
                       std::int64_t first_offset, int rows, const std::string& body) {
  std::string text;
  text.reserve(static_cast<std::size_t>(rows) * (body.size() + 96) + 128);
  text += "INSERT INTO " + table +
          " (`offset`,timestamp_us,producer_id,sequence,codec,`key`,headers,body) VALUES ";
  const std::int64_t now = SystemClock::Instance().WallNow().micros;
  for (int i = 0; i < rows; ++i) {
    if (i > 0) text += ',';
    fmt::format_to(std::back_inserter(text), "({},{},7,{},0,'{}',NULL,'", first_offset + i, now,
                   first_offset + i - 1,
                   connection.escapeString(fmt::format("key-{}", i % 97)).asStdString());
    text += connection.escapeString(body).asStdString();
    text += "')";
  }
  return text;
}

// Runs `work` on its own thread for each table; the first failure is returned.
Status OnEachTable(int tables, const std::function<void(int)>& work) {
  std::vector<std::jthread> threads;
  std::vector<std::optional<Error>> failures(static_cast<std::size_t>(tables));
  for (int table = 0; table < tables; ++table) {
    threads.emplace_back([&, table] {
      try {
        work(table);
      } catch (const std::exception& e) {
        failures[static_cast<std::size_t>(table)] =
            Error{ErrorCode::kDataNodeUnavailable, e.what()};
      }
    });
  }
  threads.clear();
  for (const auto& failure : failures) {
    if (failure) return *failure;
  }
  return {};
}

Throughput Sum(const std::vector<std::int64_t>& counts, std::chrono::nanoseconds took) {
  Throughput sum{0, std::chrono::duration<double>(took).count()};
  for (const std::int64_t count : counts) sum.messages += count;
  return sum;
}

}  // namespace

RawDatabase::RawDatabase(DatabaseAddress address, std::string schema)
    : address_(std::move(address)), schema_(std::move(schema)) {}

Status RawDatabase::Prepare(int tables) {
  return OnEachTable(1, [&](int) {
    const ConnectionPtr connection = Connect(address_);
    const StatementPtr statement(connection->createStatement());
    statement->execute("CREATE DATABASE IF NOT EXISTS " + schema_);
    for (int table = 0; table < tables; ++table) {
      statement->execute(fmt::format("DROP TABLE IF EXISTS {}.raw_{}", schema_, table));
      statement->execute(fmt::format(
          "CREATE TABLE {}.raw_{} (`offset` BIGINT UNSIGNED NOT NULL, timestamp_us BIGINT NOT NULL,"
          " producer_id BIGINT NOT NULL, sequence BIGINT NOT NULL, codec SMALLINT NOT NULL,"
          " `key` VARBINARY(1024) NULL, headers BLOB NULL, body LONGBLOB NULL,"
          " PRIMARY KEY (`offset`)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC"
          " PARTITION BY RANGE (`offset`) (PARTITION p_tail VALUES LESS THAN MAXVALUE)",
          schema_, table));
    }
  });
}

Result<Throughput> RawDatabase::Insert(int tables, int batch, int body_bytes,
                                       std::chrono::seconds duration) {
  const std::string body = Body(body_bytes);
  const Clock& clock = SystemClock::Instance();
  std::vector<std::int64_t> counts(static_cast<std::size_t>(tables), 0);
  const MonotonicTime start = clock.Now();
  const Deadline end{start + duration};
  LANEMQ_RETURN_IF_ERROR(OnEachTable(tables, [&](int table) {
    const ConnectionPtr connection = Connect(address_);
    const StatementPtr statement(connection->createStatement());
    auto& mysql = dynamic_cast<::sql::mysql::MySQL_Connection&>(*connection);
    const std::string name = fmt::format("{}.raw_{}", schema_, table);
    std::int64_t offset = 1;
    while (!end.HasPassed(clock)) {
      statement->execute(InsertText(mysql, name, offset, batch, body));
      offset += batch;
    }
    counts[static_cast<std::size_t>(table)] = offset - 1;
  }));
  return Sum(counts, clock.Now() - start);
}

Result<Latencies> RawDatabase::InsertSingly(int body_bytes, std::chrono::seconds duration) {
  const std::string body = Body(body_bytes);
  const Clock& clock = SystemClock::Instance();
  Latencies latencies;
  LANEMQ_RETURN_IF_ERROR(OnEachTable(1, [&](int) {
    const ConnectionPtr connection = Connect(address_);
    const StatementPtr statement(connection->createStatement());
    auto& mysql = dynamic_cast<::sql::mysql::MySQL_Connection&>(*connection);
    const std::string name = schema_ + ".raw_0";
    const Deadline end = Deadline::After(clock, duration);
    for (std::int64_t offset = 1; !end.HasPassed(clock); ++offset) {
      const MonotonicTime before = clock.Now();
      statement->execute(InsertText(mysql, name, offset, 1, body));
      latencies.Add(std::chrono::duration<double, std::milli>(clock.Now() - before).count());
    }
  }));
  return latencies;
}

Result<Latencies> RawDatabase::InsertAtRate(int tables, int rate, int body_bytes,
                                            std::chrono::seconds duration) {
  const std::string body = Body(body_bytes);
  const Clock& clock = SystemClock::Instance();
  const std::chrono::nanoseconds gap{1'000'000'000LL * tables / rate};
  const std::int64_t total = duration / gap;
  std::vector<Latencies> each(static_cast<std::size_t>(tables));
  const MonotonicTime start = clock.Now() + std::chrono::milliseconds(500);
  LANEMQ_RETURN_IF_ERROR(OnEachTable(tables, [&](int table) {
    const ConnectionPtr connection = Connect(address_);
    const StatementPtr statement(connection->createStatement());
    auto& mysql = dynamic_cast<::sql::mysql::MySQL_Connection&>(*connection);
    const std::string name = fmt::format("{}.raw_{}", schema_, table);
    for (std::int64_t done = 0; done < total;) {
      const std::int64_t due = std::min<std::int64_t>(total, (clock.Now() - start) / gap + 1);
      if (due <= done) {
        PauseUntil(start + gap * done + std::chrono::milliseconds(1));
        continue;
      }
      statement->execute(InsertText(
          mysql, name, done + 1, static_cast<int>(std::min<std::int64_t>(due - done, 500)), body));
      const std::int64_t through = std::min<std::int64_t>(due, done + 500);
      const MonotonicTime now = clock.Now();
      for (; done < through; ++done) {
        each[static_cast<std::size_t>(table)].Add(
            std::chrono::duration<double, std::milli>(now - (start + gap * done)).count());
      }
    }
  }));
  Latencies all;
  for (const Latencies& one : each) all.Merge(one);
  return all;
}

Result<Throughput> RawDatabase::Select(int limit, std::chrono::seconds duration) {
  const Clock& clock = SystemClock::Instance();
  std::vector<std::int64_t> counts(1, 0);
  const MonotonicTime start = clock.Now();
  LANEMQ_RETURN_IF_ERROR(OnEachTable(1, [&](int) {
    const ConnectionPtr connection = Connect(address_);
    const StatementPtr statement(connection->createStatement());
    const Deadline end{start + duration};
    std::int64_t next = 1;
    std::size_t sink = 0;
    while (!end.HasPassed(clock)) {
      const std::unique_ptr<::sql::ResultSet> rows(statement->executeQuery(
          fmt::format("SELECT `offset`,timestamp_us,producer_id,sequence,codec,`key`,headers,body"
                      " FROM {}.raw_0 WHERE `offset` >= {} ORDER BY `offset` LIMIT {}",
                      schema_, next, limit)));
      std::int64_t read = 0;
      while (rows->next()) {
        next = rows->getInt64(1) + 1;
        sink += static_cast<std::size_t>(rows->getInt64(2) + rows->getInt64(3) + rows->getInt64(4));
        sink += rows->getString(6).length() + rows->getString(8).length();
        ++read;
      }
      if (read == 0) next = 1;
      counts[0] += read;
    }
    if (sink == 0) throw std::runtime_error("nothing to read in " + schema_ + ".raw_0");
  }));
  return Sum(counts, clock.Now() - start);
}

}  // namespace lanemq::perf
