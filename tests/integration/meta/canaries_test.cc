// Canaries: what they report of data nodes, listed and forgotten.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/store/mysql_canary_registry.h"
#include "tests/integration/meta/meta_rig.h"

namespace lanemq::testing {
namespace {

using core::CanaryRegistry;
using core::CanaryReport;
using core::RegisteredCanary;
using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline Soon() { return Deadline::After(SystemClock::Instance(), seconds{40}); }

CanaryReport Report(const std::string& instance, const std::string& node) {
  CanaryReport report;
  report.instance = instance;
  report.node = node;
  report.ok = 1'000'000'000'000;
  report.late = 2;
  report.lost = 3;
  report.duplicates = 4;
  report.produce_errors = 5;
  report.p50 = std::chrono::microseconds{1'500};
  report.p99 = std::chrono::microseconds{9'500};
  report.last_ok_age = milliseconds{250};
  report.last_error = "pâté";
  return report;
}

/// A registry on a clock that the test moves.
class CanaryRegistryTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
    sql::ConnectionOptions connection;
    connection.host = server_->host();
    connection.port = server_->port();
    connection.user = "root";
    connection.schema = sql::MetaSchema(prefix_);
    ASSERT_TRUE(sql::MigrateMeta(connection, prefix_, Soon()).ok());
    pool_ = std::make_unique<sql::ConnectionPool>("metadata", connection, sql::PoolOptions{});
    registry_ = std::make_unique<sql::MySqlCanaryRegistry>(*pool_, [this] {
      return fmt::format("2026-11-{:02} 08:00:{:02}.000000", day_.load(), second_.load());
    });
  }
  std::vector<RegisteredCanary> List() {
    auto listed = registry_->List(Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return listed.ok() ? *std::move(listed) : std::vector<RegisteredCanary>{};
  }
  Status Keep(const std::vector<CanaryReport>& reports) {
    return registry_->Report(reports, Soon());
  }
  std::string Count() {
    const auto count =
        server_->Query(fmt::format("SELECT COUNT(*) FROM {}_meta.canaries", prefix_));
    return count.ok() ? count->substr(0, count->find('\n')) : count.error().ToString();
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  std::atomic<int> day_{22};
  std::atomic<int> second_{0};
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlCanaryRegistry> registry_;
};
INSTANTIATE_TEST_SUITE_P(On, CanaryRegistryTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(CanaryRegistryTest, TheNewestReportOfEachInstanceAndNodeIsKept) {
  EXPECT_TRUE(List().empty());
  ASSERT_TRUE(Keep({Report("b", "n1"), Report("a", "n2"), Report("a", "n1")}).ok());
  second_ = 4;
  CanaryReport newer = Report("a", "n2");
  newer.ok += 1;
  newer.last_error.clear();
  ASSERT_TRUE(Keep({newer}).ok());
  ASSERT_TRUE(Keep({newer}).ok()) << "repeating is harmless";
  second_ = 9;
  const auto listed = List();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_TRUE(listed[0].report == Report("a", "n1"));
  EXPECT_TRUE(listed[1].report == newer);
  EXPECT_TRUE(listed[2].report == Report("b", "n1"));
  EXPECT_EQ(listed[0].silent_for, seconds{9});
  EXPECT_EQ(listed[1].silent_for, seconds{5});
  EXPECT_EQ(listed[1].reported.micros - listed[0].reported.micros, 4'000'000);
}

TEST_P(CanaryRegistryTest, SilentOnesAreForgottenAfterADay) {
  ASSERT_TRUE(Keep({Report("gone", "n1")}).ok());
  second_ = 30;
  ASSERT_TRUE(Keep({Report("here", "n1")}).ok());
  day_ = 23;
  second_ = 0;
  EXPECT_EQ(List().size(), 1u) << "a day to the second";
  second_ = 20;
  const auto listed = List();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].report.instance, "here");
  EXPECT_EQ(Count(), "1") << "not only hidden";
  ASSERT_TRUE(Keep({Report("gone", "n1")}).ok());
  EXPECT_EQ(List().size(), 2u) << "it may come back";
}

TEST_P(CanaryRegistryTest, TheirNumberIsBoundedAndKnownOnesGoOn) {
  ASSERT_TRUE(Keep({Report("known", "n1")}).ok());
  std::string rows;
  for (std::size_t i = 1; i < CanaryRegistry::kRowsMax; ++i) {
    rows +=
        fmt::format("{}('c{}','n1',0,0,0,0,0,0,0,0,'2026-11-22 08:00:00')", i > 1 ? "," : "", i);
  }
  const auto filled = server_->Query(fmt::format(
      "INSERT INTO {}_meta.canaries (instance, node, ok, late, lost, duplicates, produce_errors, "
      "p50_us, p99_us, last_ok_age_ms, reported_at) VALUES {}",
      prefix_, rows));
  ASSERT_TRUE(filled.ok()) << filled.error().ToString();
  const Status more = Keep({Report("more", "n1")});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code, ErrorCode::kInsufficientCapacity);
  EXPECT_TRUE(Keep({Report("known", "n1")}).ok());
}

}  // namespace
}  // namespace lanemq::testing
