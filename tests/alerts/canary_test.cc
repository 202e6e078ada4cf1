// A canary in the test's process, a real cluster, and faults: each is told for what it is, and the
// canary goes on afterwards by itself.
#include "client/canary/canary.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lanemq/on_call.h"
#include "tests/e2e/cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using client::Canary;
using client::CanaryLine;
using client::CanaryOptions;
using client::CanaryPicture;
using client::NodePicture;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;
using testing::Engines;
using testing::WaitFor;

/// A line whose reading can be held: what arrives meanwhile is not taken from the log.
class HeldLine final : public CanaryLine {
 public:
  HeldLine(std::unique_ptr<CanaryLine> line, const std::atomic<bool>& is_held)
      : line_(std::move(line)), is_held_(is_held) {}
  Status Open() override { return line_->Open(); }
  Status Send(std::string body, Answer answer) override {
    return line_->Send(std::move(body), std::move(answer));
  }
  Result<std::vector<std::string>> Poll(std::chrono::milliseconds timeout) override {
    if (is_held_) {
      if (held_at_ < 0) held_at_ = line_->Position();
      return std::vector<std::string>{};
    }
    if (held_at_ >= 0) {
      // Drops what was fetched ahead.
      LANEMQ_RETURN_IF_ERROR(line_->SkipTo(held_at_));
      held_at_ = -1;
    }
    return line_->Poll(timeout);
  }
  std::int64_t Position() override { return line_->Position(); }
  Status SkipTo(std::optional<std::int64_t> offset) override { return line_->SkipTo(offset); }
  void Wake() override { line_->Wake(); }

 private:
  std::unique_ptr<CanaryLine> line_;
  const std::atomic<bool>& is_held_;
  std::int64_t held_at_ = -1;
};

class CanaryTest : public ::testing::TestWithParam<Engine> {
 protected:
  void StartCluster(ClusterOptions options) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options.engine = GetParam();
    auto cluster = Cluster::Start(std::move(options));
    ASSERT_TRUE(cluster.ok()) << cluster.error().ToString();
    cluster_ = *std::move(cluster);
    AdminOptions admin;
    admin.bootstrap_servers = cluster_->bootstrap();
    auto made = Admin::Create(admin);
    ASSERT_TRUE(made.ok());
    admin_ = *std::move(made);
  }
  std::unique_ptr<Canary> StartCanary(const std::string& name) {
    CanaryOptions options;
    options.bootstrap_servers = cluster_->bootstrap();
    options.name = name;
    options.every = 100ms;
    options.report_every = 500ms;
    options.times.lost_after = 20s;
    options.make_line = [this](Admin& admin, const ClientOptions& cluster,
                               const std::string& node) -> Result<std::unique_ptr<CanaryLine>> {
      LANEMQ_ASSIGN_OR_RETURN(auto line, client::MakeCanaryLine(admin, cluster, node));
      return std::unique_ptr<CanaryLine>(std::make_unique<HeldLine>(std::move(line), is_held_));
    };
    auto canary = Canary::Create(std::move(options), SystemClock::Instance());
    EXPECT_TRUE(canary.ok()) << canary.error().ToString();
    if (!canary.ok()) return nullptr;
    (*canary)->Start();
    return *std::move(canary);
  }
  /// Of the only node, or of the first.
  static NodePicture Look(const Canary& canary) {
    CanaryPicture picture = canary.Picture();
    return picture.nodes.empty() ? NodePicture{} : std::move(picture.nodes.front());
  }
  static void ExpectItGoesOn(const Canary& canary, const char* when) {
    const std::int64_t before = Look(canary).counts.ok;
    EXPECT_TRUE(WaitFor([&] { return Look(canary).counts.ok >= before + 10; }, 60s, when));
  }

  std::atomic<bool> is_held_ = false;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Admin> admin_;
};
INSTANTIATE_TEST_SUITE_P(On, CanaryTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(CanaryTest, TwoOfThemSeeEachNodeAndTheClusterKnows) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.data_nodes = 2}));
  if (IsSkipped()) return;
  const auto first = StartCanary("canary-1");
  const auto second = StartCanary("canary-2");
  ASSERT_TRUE(first && second);
  const auto is_well = [](const Canary& canary) {
    const CanaryPicture picture = canary.Picture();
    return picture.nodes.size() == 2 && picture.nodes[0].counts.ok >= 10 &&
           picture.nodes[1].counts.ok >= 10;
  };
  EXPECT_TRUE(WaitFor([&] { return is_well(*first) && is_well(*second); }, 60s, "messages back"));
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto listed = admin_->OnCall().Canaries();
        return listed.ok() && listed->size() == 4 &&
               std::ranges::all_of(*listed, [](const auto& canary) { return canary.ok > 0; });
      },
      30s, "four reports"));
  for (const Canary* canary : {first.get(), second.get()}) {
    for (const NodePicture& node : canary->Picture().nodes) {
      EXPECT_EQ(node.counts.lost, 0) << node.node;
      EXPECT_EQ(node.counts.duplicates, 0) << node.node << ": takes the other's for its own";
      EXPECT_EQ(node.counts.produce_errors, 0) << node.node;
      const auto topic = admin_->DescribeTopic(client::CanaryTopic(node.node));
      ASSERT_TRUE(topic.ok()) << topic.error().ToString();
      ASSERT_EQ(topic->partitions.size(), 1u);
      EXPECT_EQ(topic->partitions[0].node_name, node.node);
    }
  }
}

TEST_P(CanaryTest, AFrozenNodeIsToldAndRecovers) {
  ASSERT_NO_FATAL_FAILURE(
      StartCluster({.has_own_metadata_server = true, .has_own_data_server = true}));
  if (IsSkipped()) return;
  const auto canary = StartCanary("canary-1");
  ExpectItGoesOn(*canary, "messages back");
  const std::int64_t errors = Look(*canary).counts.produce_errors;
  cluster_->data_server().Pause();
  const auto is_told =
      WaitFor([&] { return Look(*canary).counts.produce_errors > errors; }, 60s, "produce errors");
  const NodePicture frozen = Look(*canary);
  cluster_->data_server().Resume();
  EXPECT_TRUE(is_told);
  EXPECT_GT(frozen.silent_for, 5s);
  EXPECT_TRUE(frozen.last_error.has_value());
  ExpectItGoesOn(*canary, "messages back after the freeze");
  // One that was sent in the freeze may fail after others are back; the next one makes it good.
  EXPECT_TRUE(WaitFor([&] { return !Look(*canary).last_error.has_value(); }, 30s, "no error"));
  EXPECT_EQ(Look(*canary).counts.lost, 0) << "what was acknowledged was kept";
}

TEST_P(CanaryTest, BrokersThatDieAreToldAndTheirReturn) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}));
  if (IsSkipped()) return;
  const auto canary = StartCanary("canary-1");
  ExpectItGoesOn(*canary, "messages back");
  const std::int64_t errors = Look(*canary).counts.produce_errors;
  cluster_->KillBroker(0);
  EXPECT_TRUE(
      WaitFor([&] { return Look(*canary).counts.produce_errors > errors; }, 60s, "produce errors"));
  const Status started = cluster_->StartBroker(0);
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  ExpectItGoesOn(*canary, "messages back through the new process");
  EXPECT_EQ(Look(*canary).counts.lost, 0) << "what was acknowledged was kept";
}

TEST_P(CanaryTest, RowsThatWereDeletedByHandAreLostAndNoOthers) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1, .broker_flags = {"--tail-cache-mib=0"}}));
  if (IsSkipped()) return;
  cluster_->ExpectErrors("data_loss");
  const auto canary = StartCanary("canary-1");
  ExpectItGoesOn(*canary, "messages back");
  const auto topic = admin_->DescribeTopic(client::CanaryTopic(Look(*canary).node));
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  is_held_ = true;
  EXPECT_TRUE(WaitFor([&] { return Look(*canary).on_their_way >= 30; }, 40s, "unread messages"));
  // Of those unread two before the newest five: certainly not read, certainly acknowledged soon. Of
  // thirty on their way a slow machine may not have stored the newest.
  const auto deleted = cluster_->data_server().Query(
      fmt::format("SET @last = (SELECT MAX(`offset`) FROM {0}); "
                  "DELETE FROM {0} WHERE `offset` IN (@last - 5, @last - 6); SELECT ROW_COUNT()",
                  topic->partitions[0].table));
  ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
  EXPECT_EQ(deleted->substr(0, 1), "2");
  is_held_ = false;
  EXPECT_TRUE(WaitFor([&] { return Look(*canary).counts.lost >= 2; }, 60s, "two lost"));
  ExpectItGoesOn(*canary, "messages back behind the hole");
  EXPECT_EQ(Look(*canary).counts.lost, 2) << "those behind the hole are read";
  EXPECT_EQ(Look(*canary).counts.duplicates, 0);
}

}  // namespace
}  // namespace lanemq::e2e
