// A node that is full, whose settings lose messages and that has lost some; dead letters; an outbox
// that nobody empties: each is told, and nothing else.
#include <memory>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/rpc/on_call_client.h"
#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;
using testing::Engine;
using testing::WaitFor;

class FactsTest : public ::testing::TestWithParam<Engine> {
 protected:
  static Deadline Soon() { return Deadline::After(SystemClock::Instance(), 20s); }

  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    // A minute is three seconds.
    auto cluster =
        Cluster::Start({.engine = GetParam(),
                        .brokers = 0,
                        .has_own_data_server = true,
                        .schemas_per_node = 1,
                        .metaserver_flags = {"--on-call-time-scale=0.05", "--lag-interval=200"}});
    ASSERT_TRUE(cluster.ok()) << cluster.error().ToString();
    cluster_ = *std::move(cluster);
  }
  void OnNode(const std::string& statement) {
    const auto done = cluster_->data_server().Query(
        "SET time_zone='+00:00';USE " + cluster_->schema_prefix() + "_node;" + statement);
    ASSERT_TRUE(done.ok()) << statement << ": " << done.error().ToString();
  }
  void ReportOutbox() {
    idl::ReportOutboxRequest request;
    request.report.outbox = "shop@db";
    request.report.relay = "r1";
    request.report.ready = 1;
    request.report.relays = 1;
    const auto done =
        cluster_->control_plane().ReportOutboxSync(cluster_->metaserver(), request, Soon());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  /// "kind: subject" of alerts that are in `state`, or of all, also what is over.
  std::set<std::string> Alerts(const std::string& state = "") {
    idl::ListAlertsRequest request;
    request.__set_resolved_days(1);
    const auto listed = client_.ListAlertsSync(cluster_->metaserver(), request, Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    std::set<std::string> found;
    if (!listed.ok()) return found;
    for (const idl::Alert& alert : listed->alerts) {
      if (state.empty() ? alert.state != "pending" : alert.state == state) {
        found.insert(alert.kind + ": " + alert.subject);
      }
    }
    return found;
  }

  std::unique_ptr<Cluster> cluster_;
  rpc::RpcClient rpc_;
  rpc::OnCallClient client_{rpc_};
};

TEST_P(FactsTest, WhatIsWrongIsToldAndNothingElse) {
  const auto topic = cluster_->CreateTopic("orders", 95);  // Of 99 tables.
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  const auto small = cluster_->CreateTopic("small", 1);
  ASSERT_TRUE(small.ok()) << small.error().ToString();
  ReportOutbox();
  OnNode("SET GLOBAL innodb_flush_log_at_trx_commit=2");
  OnNode(
      fmt::format("INSERT INTO data_losses (topic_id,partition_index,from_offset,to_offset,at) "
                  "VALUES ({},0,5,8,UTC_TIMESTAMP(6)+INTERVAL 1 HOUR)",
                  small->id));
  OnNode(fmt::format(
      "INSERT INTO dead_letters (group_id,topic_id,partition_index,origin_offset,dead_at,attempts,"
      "first_failed_at,last_failed_at,timestamp_us,producer_id,sequence,codec) VALUES "
      "('billing',{},0,1,UTC_TIMESTAMP(6)+INTERVAL 1 HOUR,5,NOW(6),NOW(6),0,0,0,0)",
      small->id));
  const std::string node = cluster_->control_plane()
                               .ListDataNodesSync(cluster_->metaserver(), {}, Soon())
                               ->nodes.at(0)
                               .name;
  const std::set<std::string> all = {
      "data_loss: topic small, partition 0", "dead_letters_growing: group billing, topic small",
      "node_not_durable: node " + node, "node_tables_low: node " + node,
      "outbox_silent: outbox shop@db"};
  EXPECT_TRUE(WaitFor([&] { return Alerts("firing") == all; }, 90s, "what is wrong"));
  EXPECT_EQ(Alerts(), all);
  // What is repaired is over.
  OnNode("SET GLOBAL innodb_flush_log_at_trx_commit=1");
  OnNode("DELETE FROM dead_letters");
  EXPECT_TRUE(WaitFor([&] { return Alerts("firing").size() == 3; }, 60s, "two that are over"));
  EXPECT_EQ(Alerts("resolved"),
            (std::set<std::string>{"dead_letters_growing: group billing, topic small",
                                   "node_not_durable: node " + node}));
  EXPECT_EQ(Alerts(), all);
}

INSTANTIATE_TEST_SUITE_P(Engines, FactsTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& param) { return testing::NameOf(param.param); });

}  // namespace
}  // namespace lanemq::e2e
