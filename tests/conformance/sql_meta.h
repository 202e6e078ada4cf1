#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "sql/driver/connection.h"
#include "sql/driver/connection_pool.h"
#include "sql/migrate/migrator.h"
#include "sql/store/meta_time.h"
#include "sql/store/mysql_catalog_store.h"
#include "tests/conformance/clock_text.h"
#include "tests/conformance/lost_reply.h"
#include "tests/conformance/on_server.h"
#include "tests/support/database_server.h"

/// What conformance tests of stores in the metadata database share.
namespace lanemq::testing {

inline Deadline InAMinute() {
  return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
}

/// A freshly migrated metadata schema on the shared server of the engine.
class SqlMeta {
 public:
  explicit SqlMeta(DatabaseServer& server) {
    const std::string prefix = UniquePrefix();
    sql::ConnectionOptions options;
    options.host = server.host();
    options.port = server.port();
    options.user = "root";
    const Status migrated = sql::MigrateMeta(options, prefix, InAMinute());
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    lost_reply = std::make_unique<LostReply>(server.port());
    options.host = "127.0.0.1";
    options.port = lost_reply->port();
    options.schema = sql::MetaSchema(prefix);
    pool = std::make_unique<sql::ConnectionPool>("metadata", options,
                                                 sql::PoolOptions{.observer = lost_reply.get()});
    sql::MySqlCatalogStore catalog(*pool);
    EXPECT_TRUE(catalog.EnsureCluster("cluster-of-tests", InAMinute()).ok());
  }

  void Advance(std::chrono::microseconds by) { micros_ += by.count(); }
  /// 2026-11-21 plus what the test has advanced.
  [[nodiscard]] WallTime now() const {
    const auto day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21};
    return WallTime{std::chrono::microseconds{day.time_since_epoch()}.count() + micros_};
  }
  [[nodiscard]] sql::MetaNow Clock() const {
    return [this] { return ClockText(std::chrono::microseconds{micros_}); };
  }
  void Run(const std::string& text) {
    auto connection = pool->Checkout(sql::Access::kWrite, InAMinute());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = text;
    const auto done = (*connection)->UpdateText("fill");
    ASSERT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  }

  std::unique_ptr<LostReply> lost_reply;
  std::unique_ptr<sql::ConnectionPool> pool;

 private:
  std::atomic<std::int64_t> micros_{0};
};

}  // namespace lanemq::testing
