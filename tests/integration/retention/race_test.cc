// Retention at work while everything else goes on, and while its janitors die and hang.
#include <csignal>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/retention/race_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

/// Small and quick. A broker that hangs here for less than the grace loses nothing.
std::vector<std::string> QuickRetention() {
  return {"--retention-interval-ms=50",      "--retention-busy-ms=50",
          "--retention-lease-ms=1200",       "--retention-grace-ms=4000",
          "--retention-rest-factor=1",       "--retention-room-ahead-s=1",
          "--retention-catalog-age-max-s=0",  // Of a file: there is no metaserver.
          "--retention-segment-rows-min=250"};
}

class RetentionRaceTest : public ::testing::TestWithParam<Engine> {
 protected:
  void StartCluster() {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    ClusterOptions options;
    options.engine = GetParam();
    options.broker_flags = QuickRetention();
    options.metaservers = 0;  // Retention needs none.
    options.topic_config = {{"retention.ms", "4000"}, {"retention.unread", "block"}};
    auto started = Cluster::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    auto topic = cluster_->CreateTopic("kept", 2);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    topic_ = *topic;
    // As a table from before retention: all rows in one part.
    for (const std::string& table : topic_.tables) {
      const auto merged = server->Query("ALTER TABLE " + table +
                                        " REORGANIZE PARTITION p_100000, p_tail INTO (PARTITION "
                                        "p_tail VALUES LESS THAN MAXVALUE)");
      ASSERT_TRUE(merged.ok()) << merged.error().ToString();
    }
    load_ = std::make_unique<RetentionLoad>(*cluster_, topic_, 4);
    load_->Start();
  }

  /// Log start, lowest offset, and the first bound of the table.
  std::vector<std::int64_t> Facts(std::size_t partition) {
    const std::string& table = topic_.tables[partition];
    const auto dot = table.find('.');
    const std::string schema = table.substr(1, dot - 2);
    const std::string name = table.substr(dot + 2, table.size() - dot - 3);
    const auto text = cluster_->data_server().Query(fmt::format(
        "SELECT log_start_offset FROM `{0}_node`.partition_state WHERE topic_id = {1} AND "
        "partition_index = {2}; SELECT MIN(`offset`) FROM {3}; SELECT "
        "MIN(CAST(SUBSTRING(PARTITION_NAME, 3) AS UNSIGNED)) FROM information_schema.PARTITIONS "
        "WHERE TABLE_SCHEMA = '{4}' AND TABLE_NAME = '{5}' AND PARTITION_NAME <> 'p_tail'",
        cluster_->schema_prefix(), topic_.id, partition, table, schema, name));
    std::vector<std::int64_t> facts;
    if (!text.ok()) return facts;
    std::istringstream in(*text);
    for (std::string word; in >> word;) facts.push_back(word == "NULL" ? -1 : std::stoll(word));
    return facts;
  }

  /// Whether enough has been written, condemned and removed for the checks to mean anything.
  bool HasDoneEnough(std::int64_t acked_min) {
    if (load_->acked() <= acked_min || load_->long_reads() <= 3) return false;
    for (std::size_t p = 0; p < topic_.tables.size(); ++p) {
      const auto facts = Facts(p);
      if (facts.size() != 3) return false;
      if (facts[0] <= acked_min / 8 || facts[1] <= 250 || facts[2] <= 500) return false;
    }
    return true;
  }

  void Judge(std::int64_t acked_min) {
    // A slow machine takes longer for as much; the load goes on until then. Parts come and go until
    // the end, when there may be none but p_tail: that some were dropped is seen here.
    EXPECT_TRUE(
        testing::WaitFor([&] { return HasDoneEnough(acked_min) || !load_->complaints().empty(); },
                         120s, "enough work"));
    load_->Finish();
    for (const std::string& complaint : load_->complaints()) ADD_FAILURE() << complaint;
    EXPECT_GT(load_->acked(), acked_min);
    EXPECT_GT(load_->long_reads(), 3);
    for (std::size_t p = 0; p < topic_.tables.size(); ++p) {
      const auto facts = Facts(p);
      ASSERT_EQ(facts.size(), 3U);
      EXPECT_GT(facts[0], acked_min / 8) << "nothing was condemned";
      EXPECT_GT(facts[1], 250) << "nothing was removed";
      EXPECT_LE(facts[1], facts[0]) << "rows above the log start have gone";
      std::cout << fmt::format("partition {}: start {}, first row {}, first bound {}\n", p,
                               facts[0], facts[1], facts[2]);
    }
    std::cout << fmt::format("acknowledged {}, out of range {}, open transactions {}\n",
                             load_->acked(), load_->out_of_range(), load_->long_reads());
  }

  TestTopic topic_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<RetentionLoad> load_;
  StopSignal never_;  // For pauses of the story.
};

TEST_P(RetentionRaceTest, Calm) {
  ASSERT_NO_FATAL_FAILURE(StartCluster());
  if (IsSkipped()) return;
  never_.WaitFor(16s);
  Judge(2'000);
}

TEST_P(RetentionRaceTest, JanitorsDieAndHang) {
  ASSERT_NO_FATAL_FAILURE(StartCluster());
  if (IsSkipped()) return;
  for (int i = 0; i < 4; ++i) {
    never_.WaitFor(1500ms);
    cluster_->KillBroker(i % 2);
    never_.WaitFor(1500ms);
    const Status started = cluster_->StartBroker(i % 2);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    // Long enough for the lease to end, shorter than the grace.
    cluster_->broker_process(i % 2).Signal(SIGSTOP);
    never_.WaitFor(1800ms);
    cluster_->broker_process(i % 2).Signal(SIGCONT);
  }
  never_.WaitFor(3s);
  Judge(1'000);
}

INSTANTIATE_TEST_SUITE_P(Engines, RetentionRaceTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
