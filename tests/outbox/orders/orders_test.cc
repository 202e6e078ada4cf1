// The example client/examples/orders as its README promises.
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "lanemq/producer.h"
#include "sql/driver/connection.h"
#include "sql/migrate/migrator.h"
#include "tests/e2e/cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;

class OrdersExampleTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    schema_ = UniquePrefix() + "_shop";
    sql::ConnectionOptions options{
        .host = server_->host(), .port = server_->port(), .user = "root"};
    const Deadline deadline = Deadline::After(SystemClock::Instance(), 60s);
    auto connection = sql::Connection::Open(options, 1, SystemClock::Instance(), deadline);
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    connection_ = *std::move(connection);
    connection_->Text() = "CREATE DATABASE " + schema_;
    ASSERT_TRUE(connection_->UpdateText("create").ok());
    options.schema = schema_;
    ASSERT_TRUE(sql::MigrateOutbox(options, deadline).ok());
    ASSERT_TRUE(sql::MigrateInbox(options, deadline).ok());
    connection_->Text() = "USE " + schema_;
    ASSERT_TRUE(connection_->UpdateText("use").ok());
    ASSERT_EQ(Run("orders_service", {"--install"}).Wait(30s), 0);
    ASSERT_EQ(Run("orders_view", {"--install"}).Wait(30s), 0);
  }

  Process Run(const std::string& program, std::vector<std::string> arguments) {
    Process::Options options;
    options.argv = {LANEMQ_BIN_DIR "/" + program, "--database",
                    server_->host() + ":" + std::to_string(server_->port()) + "/" + schema_};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.output_dir = dir_.path();
    options.name = program + std::to_string(++runs_);
    auto process = Process::Start(std::move(options));
    EXPECT_TRUE(process.ok());
    return *std::move(process);
  }
  /// Rows, their columns as strings.
  std::vector<std::vector<std::string>> Rows(const std::string& query, unsigned columns) {
    std::vector<std::vector<std::string>> rows;
    connection_->Text() = query;
    const Status read = connection_->QueryText("test", [&](const sql::Row& row) {
      rows.emplace_back();
      for (unsigned i = 0; i < columns; ++i) rows.back().push_back(row.String(i));
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return rows;
  }
  std::int64_t Number(const std::string& query) { return std::stoll(Rows(query, 1).at(0).at(0)); }
  void PlaceOrders(int count) {
    Process service = Run("orders_service", {"--count", std::to_string(count), "--seed", "7"});
    ASSERT_EQ(service.Wait(60s), 0) << service.Stderr();
    const auto committed = service.WaitForOutput("([0-9]+) committed, [0-9]+ rolled back", 1s);
    ASSERT_TRUE(committed.ok());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM orders"), std::stoll(*committed));
    EXPECT_LT(std::stoi(*committed), count) << "nothing was rolled back";
  }

  DatabaseServer* server_ = nullptr;
  TempDir dir_;
  int runs_ = 0;
  std::string schema_;
  std::unique_ptr<sql::Connection> connection_;
};
INSTANTIATE_TEST_SUITE_P(On, OrdersExampleTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(OrdersExampleTest, OrdersAndMessagesAreStoredTogetherOrNotAtAll) {
  PlaceOrders(60);
  EXPECT_GT(Number("SELECT COUNT(*) FROM orders"), 20);
  // Each order has its message, in the customer's order; nothing else has one.
  const std::string orders = "SELECT customer,number,amount_cents FROM orders ORDER BY 1,2";
  const std::string messages =
      "SELECT message_key,JSON_VALUE(CONVERT(body USING utf8mb4),_utf8mb4'$.number'),"
      "JSON_VALUE(CONVERT(body USING utf8mb4),_utf8mb4'$.amount_cents') FROM lanemq_outbox "
      "WHERE topic='orders' ORDER BY message_key,id";
  EXPECT_EQ(Rows(orders, 3), Rows(messages, 3));
}

TEST_P(OrdersExampleTest, TheViewCountsEachOrderOnceThoughItIsKilled) {
  PlaceOrders(500);
  auto cluster = e2e::Cluster::Start({.engine = GetParam(), .brokers = 1});
  ASSERT_TRUE(cluster.ok()) << cluster.error().ToString();
  ASSERT_TRUE((*cluster)->CreateTopic("orders", 2).ok());
  auto producer = Producer::Create({{.bootstrap_servers = (*cluster)->bootstrap()}});
  ASSERT_TRUE(producer.ok());
  const auto rows = Rows("SELECT message_key,body FROM lanemq_outbox ORDER BY id", 2);
  std::vector<std::future<Result<RecordMetadata>>> sent;
  for (const auto& row : rows) {
    sent.push_back((*producer)->Send({.topic = "orders", .key = row[0], .body = row[1]}));
  }
  for (auto& one : sent) ASSERT_TRUE(one.get().ok());

  const std::string counted = "SELECT COALESCE(SUM(orders),0) FROM order_totals";
  const std::vector<std::string> flags = {"--bootstrap-server", (*cluster)->bootstrap().at(0),
                                          "--instance", "view-1"};
  Process view = Run("orders_view", flags);
  ASSERT_TRUE(WaitFor([&] { return Number(counted) >= 20; }, 30s, "some are counted"))
      << view.Stderr();
  view.Kill();  // Behind effects whose offsets are not committed.
  view = Run("orders_view", flags);
  const auto all = static_cast<std::int64_t>(rows.size());
  EXPECT_TRUE(WaitFor([&] { return Number(counted) >= all; }, 60s, "all are counted"))
      << view.Stderr();
  EXPECT_EQ(view.Terminate(30s), 0) << view.Stderr();
  const auto known = view.WaitForOutput("counted, ([0-9]+) known before", 1s);
  ASSERT_TRUE(known.ok());
  EXPECT_GE(std::stoi(*known), 20) << "nothing was delivered twice: nothing was tested";
  EXPECT_EQ(Rows("SELECT customer,COUNT(*),SUM(amount_cents),MAX(number) FROM orders GROUP BY "
                 "customer ORDER BY customer",
                 4),
            Rows("SELECT customer,orders,amount_cents,last_number FROM order_totals ORDER BY "
                 "customer",
                 4));
}

}  // namespace
}  // namespace lanemq::testing
