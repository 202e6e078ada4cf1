#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/core/types/header_text.h"
#include "sql/migrate/migrator.h"
#include "sql/store/message_table.h"
#include "sql/store/mysql_outbox_admin.h"
#include "sql/store/mysql_outbox_store.h"
#include "tests/conformance/outbox_store_fixture.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {

inline Deadline In(std::chrono::seconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

inline std::string Quoted(const std::optional<std::string>& bytes) {
  if (!bytes) return "NULL";
  std::string text;
  sql::AppendQuoted(*bytes, text);
  return text;
}

inline void RunOk(sql::Connection& connection, const std::string& text) {
  connection.Text() = text;
  const auto done = connection.UpdateText("test");
  EXPECT_TRUE(done.ok()) << text << ": " << done.error().ToString();
}

/// The cells of `text`, row by row.
inline std::vector<std::string> Cells(sql::Connection& connection, const std::string& text,
                                      unsigned columns = 1) {
  std::vector<std::string> cells;
  connection.Text() = text;
  const Status done = connection.QueryText("test", [&](const sql::Row& row) {
    for (unsigned i = 0; i < columns; ++i) cells.push_back(row.String(i));
    return true;
  });
  EXPECT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  return cells;
}

inline std::int64_t InsertRow(sql::Connection& connection, const NewOutboxRow& row) {
  std::optional<std::string> headers;
  if (!row.headers.empty()) core::AppendHeaderText(row.headers, headers.emplace());
  const std::string due =
      row.due ? fmt::format("'1970-01-01' + INTERVAL {} MICROSECOND", row.due->micros) : "NULL";
  RunOk(connection, fmt::format("INSERT INTO lanemq_outbox "
                                "(topic,message_key,headers,body,codec,deliver_at) VALUES "
                                "({},{},{},{},{},{})",
                                Quoted(row.topic), Quoted(row.key), Quoted(headers),
                                Quoted(row.body), row.codec, due));
  return std::stoll(Cells(connection, "SELECT LAST_INSERT_ID()").front());
}

/// An outbox in a schema of its own.
class SqlOutbox final : public OutboxUnderTest {
 public:
  explicit SqlOutbox(DatabaseServer& server)
      : server_(server),
        schema_(UniquePrefix() + "_team"),
        pool_("outbox", Options(), {}),
        other_pool_("outbox", Options(), {}),
        store_(pool_, {}, Now()),
        other_(other_pool_, {}, Now()),
        archiving_(pool_, {.is_archiving = true}, Now()),
        admin_(other_pool_, Now()) {
    const auto made = server.Query("CREATE DATABASE " + schema_ + " CHARACTER SET latin1");
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    const Status migrated = sql::MigrateOutbox(Options(), In(std::chrono::seconds{60}));
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    business_ = Connect();
  }

  core::OutboxStore& store() override { return store_; }
  core::OutboxStore& other() override { return other_; }
  core::OutboxStore& archiving() override { return archiving_; }
  core::OutboxAdmin& admin() override { return admin_; }
  std::int64_t Insert(const NewOutboxRow& row) override { return InsertRow(*business_, row); }
  std::unique_ptr<OpenInsert> InsertUncommitted(const NewOutboxRow& row) override {
    return std::make_unique<Open>(Connect(), row);
  }
  void Advance(std::chrono::microseconds by) override { ahead_us_ += by.count(); }

  std::unique_ptr<sql::Connection> Connect(std::chrono::seconds idle_max = sql::kSessionIdleMax) {
    sql::ConnectionOptions options = Options();
    options.idle_max = idle_max;
    auto connection =
        sql::Connection::Open(options, 4, SystemClock::Instance(), In(std::chrono::seconds{10}));
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    return *std::move(connection);
  }
  sql::Connection& business() { return *business_; }
  [[nodiscard]] sql::ConnectionOptions Options() const {
    return {.host = server_.host(), .port = server_.port(), .user = "root", .schema = schema_};
  }
  const std::string& schema() const { return schema_; }

 private:
  class Open final : public OpenInsert {
   public:
    Open(std::unique_ptr<sql::Connection> connection, const NewOutboxRow& row)
        : connection_(std::move(connection)) {
      RunOk(*connection_, "BEGIN");
      id_ = InsertRow(*connection_, row);
    }
    std::int64_t id() const override { return id_; }
    void Commit() override { RunOk(*connection_, "COMMIT"); }
    void RollBack() override { RunOk(*connection_, "ROLLBACK"); }

   private:
    std::unique_ptr<sql::Connection> connection_;
    std::int64_t id_ = 0;
  };

  /// The database's clock until a test moves it; then the machine's, so far ahead.
  sql::MetaNow Now() {
    return [this]() -> std::optional<std::string> {
      const std::int64_t ahead = ahead_us_;
      if (ahead == 0) return std::nullopt;
      const std::int64_t now = SystemClock::Instance().WallNow().micros + ahead;
      const std::chrono::sys_days day(
          std::chrono::floor<std::chrono::days>(std::chrono::microseconds{now}));
      const std::chrono::year_month_day date(day);
      const std::int64_t micros =
          now -
          std::chrono::duration_cast<std::chrono::microseconds>(day.time_since_epoch()).count();
      const std::int64_t seconds = micros / 1'000'000;
      return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         seconds / 3'600, seconds / 60 % 60, seconds % 60, micros % 1'000'000);
    };
  }

  DatabaseServer& server_;
  const std::string schema_;
  std::atomic<std::int64_t> ahead_us_ = 0;
  sql::ConnectionPool pool_;
  sql::ConnectionPool other_pool_;
  sql::MySqlOutboxStore store_;
  sql::MySqlOutboxStore other_;
  sql::MySqlOutboxStore archiving_;
  sql::MySqlOutboxAdmin admin_;
  std::unique_ptr<sql::Connection> business_;
};

}  // namespace lanemq::testing
