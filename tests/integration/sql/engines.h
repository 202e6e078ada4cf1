#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "sql/driver/connection.h"
#include "sql/driver/connection_pool.h"
#include "tests/support/database_server.h"

namespace lanemq::sql {

using testing::DatabaseServer;
using testing::Engine;

inline Deadline In(std::chrono::milliseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

/// A test that runs on both engines, on the server that all tests of the process share.
class OnEngine : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = testing::UniquePrefix();
  }

  [[nodiscard]] ConnectionOptions Options() const { return OptionsOf(*server_); }
  static ConnectionOptions OptionsOf(const DatabaseServer& server) {
    return {.host = server.host(), .port = server.port(), .user = "root"};
  }

  /// A connection of its own; fails the test when there is none.
  static std::unique_ptr<Connection> Connect(const ConnectionOptions& options) {
    auto connection =
        Connection::Open(options, 16, SystemClock::Instance(), In(std::chrono::seconds{10}));
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    return connection.ok() ? *std::move(connection) : nullptr;
  }
  static Result<std::int64_t> Run(Connection& connection, const std::string& text) {
    connection.Text() = text;
    return connection.UpdateText("test");
  }
  static void RunOk(Connection& connection, const std::string& text) {
    const auto done = Run(connection, text);
    EXPECT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  }
  /// The rows of `text`, columns joined by '|'.
  static std::vector<std::string> Rows(Connection& connection, const std::string& text,
                                       unsigned columns = 1) {
    std::vector<std::string> rows;
    connection.Text() = text;
    const Status status = connection.QueryText("test", [&](const Row& row) {
      std::string line;
      for (unsigned i = 0; i < columns; ++i) line += (i > 0 ? "|" : "") + row.String(i);
      rows.push_back(line);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return rows;
  }
  /// A schema of this test with a table t(id, value) that holds rows 1 and 2.
  std::string MakeTable(Connection& connection) {
    const std::string schema = prefix_ + "_t";
    RunOk(connection, "CREATE DATABASE " + schema);
    RunOk(connection, "CREATE TABLE " + schema + ".t (id BIGINT PRIMARY KEY, value LONGBLOB)");
    RunOk(connection, "INSERT INTO " + schema + ".t VALUES (1,'a'),(2,'b')");
    return schema + ".t";
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
};

inline std::string EngineName(const ::testing::TestParamInfo<Engine>& info) {
  return testing::NameOf(info.param);
}

}  // namespace lanemq::sql
