// Outboxes: what relays report of them, listed, shown and forgotten.
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "metaserver/discovery/outbox_board.h"
#include "metaserver/outbox_gauges.h"
#include "sql/store/mysql_outbox_registry.h"
#include "tests/conformance/audit_checks.h"
#include "tests/conformance/sql_audit.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using core::OutboxRegistry;
using core::OutboxReport;
using core::RegisteredOutbox;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

Deadline Soon() { return Deadline::After(SystemClock::Instance(), seconds{40}); }

OutboxReport Report(const std::string& outbox) {
  OutboxReport report;
  report.outbox = outbox;
  report.relay = "relay-1";
  report.ready = 5;
  report.oldest_age = milliseconds{1'500};
  report.relays = 2;
  return report;
}

/// A registry on a clock that the test moves.
class OutboxRegistryTest : public ::testing::TestWithParam<Engine> {
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
    registry_ = std::make_unique<sql::MySqlOutboxRegistry>(*pool_, [this] {
      return fmt::format("2026-11-{:02} 08:00:{:02}.000000", 22 + now_days_, now_s_.load());
    });
  }
  std::vector<RegisteredOutbox> List() {
    auto listed = registry_->List(Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return listed.ok() ? *std::move(listed) : std::vector<RegisteredOutbox>{};
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  std::atomic<int> now_s_{0};
  std::atomic<int> now_days_{0};
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlOutboxRegistry> registry_;
};
INSTANTIATE_TEST_SUITE_P(On, OutboxRegistryTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(OutboxRegistryTest, TheNewestReportOfEachIsKept) {
  EXPECT_TRUE(List().empty());
  OutboxReport first = Report("shop");
  ASSERT_TRUE(registry_->Report(first, "", Soon()).ok());
  now_s_ = 4;
  OutboxReport second = Report("shop");
  second.relay = "relay-2";
  second.ready = 0;
  second.held = 3;
  second.dead = 1;
  second.holds = 2;
  second.unowned_buckets = 128;
  second.published = 1'000'000'000'000;
  second.failed = 0;
  second.last_error = "topic 'pâté' is unknown";
  second.version = "1.2";
  ASSERT_TRUE(registry_->Report(second, "", Soon()).ok());
  ASSERT_TRUE(registry_->Report(Report("billing"), "", Soon()).ok());
  now_s_ = 9;
  const auto listed = List();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_TRUE(listed[0].report == Report("billing"));
  EXPECT_TRUE(listed[1].report == second);
  EXPECT_EQ(listed[1].reported.micros - listed[1].first_seen.micros, 4'000'000);
  EXPECT_EQ(listed[1].silent_for, seconds{5});

  // What a report no longer says is gone, too.
  ASSERT_TRUE(registry_->Report(first, "", Soon()).ok());
  EXPECT_TRUE(List()[1].report == first);
}

TEST_P(OutboxRegistryTest, ForgottenOnesComeBackWhenTheyAreReported) {
  ASSERT_TRUE(registry_->Report(Report("shop"), "", Soon()).ok());
  ASSERT_TRUE(registry_->Forget("shop", Note("closed down"), Soon()).ok());
  EXPECT_TRUE(List().empty());
  EXPECT_EQ(registry_->Forget("shop", Note(), Soon()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->Forget("SHOP", Note(), Soon()).error().code, ErrorCode::kNotFound);
  const auto audited = AuditedIn(*pool_);
  ExpectOne(audited, "outbox", "shop", Note("closed down"));
  ASSERT_EQ(audited.size(), 1u);
  EXPECT_EQ(audited[0].change.before_json, R"({"dead":0,"held":0,"ready":5,"relay":"relay-1"})");
  EXPECT_EQ(audited[0].change.after_json, "");
  now_s_ = 7;
  ASSERT_TRUE(registry_->Report(Report("shop"), "", Soon()).ok());
  EXPECT_EQ(List().at(0).first_seen, List().at(0).reported);
}

TEST_P(OutboxRegistryTest, WhoReportsAnOutboxFirstGoesOnAlone) {
  const auto report = [&](int ready, const std::string& reporter) {
    OutboxReport one = Report("shop");
    one.ready = ready;
    return registry_->Report(one, reporter, Soon());
  };
  ASSERT_TRUE(report(1, "").ok());
  ASSERT_TRUE(report(2, "service:shop").ok()) << "it was nobody's";
  ASSERT_TRUE(report(3, "service:shop").ok());
  const Status refused = report(0, "service:billing");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kClusterAuthorizationFailed);
  EXPECT_THAT(refused.error().message, HasSubstr("service:shop"));
  EXPECT_EQ(List().at(0).report.ready, 3);
  // Without authentication anybody may, and it stays whose it was.
  ASSERT_TRUE(report(4, "").ok());
  EXPECT_FALSE(report(0, "service:billing").ok());

  now_days_ = 1;
  EXPECT_FALSE(report(0, "service:billing").ok()) << "a day has not passed yet";
  now_s_ = 1;
  ASSERT_TRUE(report(5, "service:billing").ok());
  EXPECT_FALSE(report(0, "service:shop").ok());
  ASSERT_TRUE(registry_->Forget("shop", Note(), Soon()).ok());
  ASSERT_TRUE(report(6, "service:shop").ok());
  EXPECT_EQ(List().at(0).report.ready, 6);
}

TEST_P(OutboxRegistryTest, TheirNumberIsBoundedAndKnownOnesGoOn) {
  const auto filled = server_->Query(fmt::format(
      "INSERT INTO {}_meta.outboxes (name, relay, ready, held, dead, oldest_age_ms, relays, "
      "unowned_buckets, first_seen, reported_at) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT "
      "i + 1 FROM n WHERE i < 99) SELECT CONCAT('o-', a.i * 100 + b.i), '', 0, 0, 0, 0, 0, 0, "
      "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM n a, n b",
      prefix_));
  ASSERT_TRUE(filled.ok()) << filled.error().ToString();
  ASSERT_EQ(List().size(), OutboxRegistry::kOutboxesMax);
  const Status refused = registry_->Report(Report("one-too-many"), "", Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInsufficientCapacity);
  EXPECT_THAT(refused.error().message, HasSubstr("outbox forget"));
  EXPECT_TRUE(registry_->Report(Report("o-17"), "", Soon()).ok());
  ASSERT_TRUE(registry_->Forget("o-18", Note(), Soon()).ok());
  EXPECT_TRUE(registry_->Report(Report("one-too-many"), "", Soon()).ok());
  EXPECT_EQ(List().size(), OutboxRegistry::kOutboxesMax);
}

std::string TextOf(prometheus::Registry& registry) {
  return prometheus::TextSerializer{}.Serialize(registry.Collect());
}

TEST_P(OutboxRegistryTest, TheBoardShowsTheWorstFirstAndItsGaugesFollow) {
  OutboxReport old = Report("old");
  old.oldest_age = seconds{90};
  old.unowned_buckets = 7;
  ASSERT_TRUE(registry_->Report(old, "", Soon()).ok());
  now_s_ = 1;
  ASSERT_TRUE(registry_->Report(Report("fresh"), "", Soon()).ok());
  metaserver::OutboxBoard board({}, *registry_, SystemClock::Instance());
  board.Tick();
  EXPECT_EQ(board.count(), 2u);
  ASSERT_EQ(board.Worst(10).size(), 2u);
  ASSERT_EQ(board.Worst(1).size(), 1u);
  EXPECT_EQ(board.Worst(1)[0].report.outbox, "old");
  EXPECT_GE(board.Worst(1)[0].silent_for, seconds{1});

  prometheus::Registry metrics;
  metaserver::OutboxGauges gauges(metrics);
  gauges.Set(board.Worst(10), board.count());
  const std::string both = TextOf(metrics);
  EXPECT_THAT(both, HasSubstr("lanemq_outboxes 2"));
  EXPECT_THAT(both, HasSubstr("lanemq_outbox_ready_messages{outbox=\"old\"} 5"));
  EXPECT_THAT(both, HasSubstr("lanemq_outbox_oldest_age_seconds{outbox=\"old\"} 90"));
  EXPECT_THAT(both, HasSubstr("lanemq_outbox_oldest_age_seconds{outbox=\"fresh\"} 1.5"));
  EXPECT_THAT(both, HasSubstr("lanemq_outbox_unowned_buckets{outbox=\"old\"} 7"));
  gauges.Set(board.Worst(1), board.count());
  EXPECT_THAT(TextOf(metrics), Not(HasSubstr("fresh")));
  EXPECT_THAT(TextOf(metrics), HasSubstr("old"));
  gauges.Set(board.Worst(10), board.count());
  EXPECT_THAT(TextOf(metrics), HasSubstr("fresh"));
}

/// A page of a server's admin port, with its head.
std::string Get(const std::string& port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  std::string reply;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = ::recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
      reply.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return reply;
}

class OutboxesProcessTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    meta_ = std::make_unique<MetaProcess>(*server_, UniquePrefix());
    ASSERT_TRUE(meta_->WaitReady());
  }
  static idl::OutboxReport Wire(const std::string& outbox) {
    idl::OutboxReport report;
    report.outbox = outbox;
    report.relay = "relay-1";
    report.ready = 5;
    report.held = 0;
    report.dead = 0;
    report.oldest_age_ms = 1'500;
    report.relays = 2;
    report.unowned_buckets = 0;
    return report;
  }
  Status Send(const idl::OutboxReport& report, const std::string& cluster_id = "") {
    idl::ReportOutboxRequest request;
    request.report = report;
    if (!cluster_id.empty()) request.__set_cluster_id(cluster_id);
    const auto sent =
        meta_->client().ReportOutboxSync(meta_->endpoint(), request, MetaProcess::Soon());
    return sent.ok() ? Status{} : Status{sent.error()};
  }
  std::vector<idl::OutboxListing> List() {
    auto listed = meta_->client().ListOutboxesSync(meta_->endpoint(), {}, MetaProcess::Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return listed.ok() ? std::move(listed->outboxes) : std::vector<idl::OutboxListing>{};
  }
  Status Forget(const std::string& outbox) {
    idl::ForgetOutboxRequest request;
    request.outbox = outbox;
    const auto done =
        meta_->client().ForgetOutboxSync(meta_->endpoint(), request, MetaProcess::Soon());
    return done.ok() ? Status{} : Status{done.error()};
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<MetaProcess> meta_;
};
INSTANTIATE_TEST_SUITE_P(On, OutboxesProcessTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(OutboxesProcessTest, ReportedListedForgottenAndOnThePages) {
  const std::string name = "shop@db-1.example:3306";
  ASSERT_TRUE(Send(Wire(name), meta_->Metadata()->cluster_id).ok());
  const auto listed = List();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(Text(listed[0].report), Text(Wire(name)));
  EXPECT_GT(listed[0].first_seen_us, 0);
  EXPECT_GE(listed[0].silent_ms, 0);
  EXPECT_LT(listed[0].silent_ms, 40'000);

  const auto port = meta_->process().WaitForOutput("admin_port=([0-9]+)", seconds{10});
  ASSERT_TRUE(port.ok());
  ASSERT_TRUE(WaitFor(
      [&] {
        return Get(*port, "/metrics")
                   .find("lanemq_outbox_ready_messages{outbox=\"" + name + "\"} 5") !=
               std::string::npos;
      },
      seconds{30}, "the metric"));
  EXPECT_THAT(Get(*port, "/status"), HasSubstr("\"outbox\": \"" + name + "\""));

  EXPECT_TRUE(Forget(name).ok());
  EXPECT_TRUE(List().empty());
  EXPECT_EQ(Forget(name).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(WaitFor([&] { return Get(*port, "/metrics").find(name) == std::string::npos; },
                      seconds{30}, "the metric is gone"));
}

TEST_P(OutboxesProcessTest, WhatIsNotSoundIsRefusedOrCut) {
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a\n"), std::string("caf\xc3\xa9"),
        std::string("x'--"), std::string(129, 'a')}) {
    const Status refused = Send(Wire(bad));
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest) << bad;
    EXPECT_EQ(Forget(bad).error().code, ErrorCode::kInvalidRequest) << bad;
  }
  EXPECT_EQ(Send(Wire("shop"), "another").error().code, ErrorCode::kInconsistentClusterId);
  EXPECT_TRUE(List().empty());

  idl::OutboxReport wild = Wire(std::string(128, 'a'));
  wild.relay = std::string(4'000, 'r');
  wild.ready = -3;
  wild.oldest_age_ms = -1;
  wild.__set_holds(-1);
  wild.__set_last_error(std::string(1'023, 'e') + "\xc3\xa9 and more");
  wild.__set_version(std::string(4'000, 'v'));
  ASSERT_TRUE(Send(wild).ok());
  const auto listed = List();
  ASSERT_EQ(listed.size(), 1u);
  const idl::OutboxReport& kept = listed[0].report;
  EXPECT_EQ(kept.relay.size(), 128u);
  EXPECT_EQ(kept.ready, 0);
  EXPECT_EQ(kept.oldest_age_ms, 0);
  EXPECT_EQ(kept.holds, 0);
  EXPECT_EQ(kept.last_error, std::string(1'023, 'e'));  // Not half a character.
  EXPECT_EQ(kept.version.size(), 64u);
}

}  // namespace
}  // namespace lanemq::testing
