// Readers, threads and metrics, with stores in memory.
#include "metaserver/oncall/facts_board.h"

#include <atomic>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metaserver/coordinator/test_stores.h"
#include "metaserver/oncall/test_catalog.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::WaitFor;

const Error kDown{ErrorCode::kDataNodeUnavailable, "down"};

/// Node 1 answers; node 2 hangs until the test lets it go.
struct Nodes final : core::NodeAdmin {
  struct Source final : core::NodeFactsSource {
    Source(Nodes& all, core::NodeId id) : nodes(all), node(id) {}
    Result<core::NodeFacts> Read(const core::NodeFactsQuery& query, Deadline) override {
      EXPECT_THAT(query.deleted, ::testing::ElementsAre(core::TopicId{8}));
      ++nodes.begun;
      if (node == core::NodeId{2}) {
        EXPECT_TRUE(WaitFor([this] { return nodes.may_go.load(); }, 30s, "the test"));
        return kDown;
      }
      if (nodes.is_down) return kDown;
      core::NodeFacts facts;
      facts.dead_letters = {{"billing", core::TopicId{7}, 12, 3}};
      facts.losses = {{{core::TopicId{7}, 0}, 5, 0}, {{core::TopicId{7}, 1}, 2, 0}};
      return facts;
    }
    Result<std::int64_t> UsedBytes(Deadline) override { return 123; }
    Nodes& nodes;
    const core::NodeId node;
  };
  Status Prepare(const core::DataNode&, Deadline) override { return kDown; }
  Result<std::int64_t> CountPartitions(const core::DataNode&, Deadline) override { return kDown; }
  Result<core::NodeHealth> Health(const core::DataNode&, Deadline) override {
    return core::NodeHealth{.flush_log_at_trx_commit = 2};
  }
  Result<core::NodeProbe> Probe(const core::DataNode&, Deadline) override { return kDown; }
  Result<core::NodeInventory> Inventory(const core::DataNode&, Deadline) override { return kDown; }
  Result<core::AuditPage> SearchAudit(const core::DataNode&, const core::AuditSearch&,
                                      Deadline) override {
    return kDown;
  }
  Result<std::vector<core::NodeTableFacts>> LookAt(const core::DataNode&,
                                                   std::span<const core::NodeTable>,
                                                   Deadline) override {
    return kDown;
  }
  std::atomic<int> begun{0};
  std::atomic<bool> may_go{false}, is_down{false};
};

struct Canaries final : core::CanaryRegistry {
  Status Report(std::span<const core::CanaryReport>, Deadline) override { return {}; }
  Result<std::vector<core::RegisteredCanary>> List(Deadline) override {
    core::RegisteredCanary canary;
    canary.report = {.instance = "a", .node = "n1", .lost = 4};
    return std::vector{canary};
  }
};

struct Outboxes final : core::OutboxRegistry {
  Status Report(const core::OutboxReport&, std::string_view, Deadline) override { return {}; }
  Result<std::vector<core::RegisteredOutbox>> List(Deadline) override {
    if (is_down) return kDown;
    return std::vector<core::RegisteredOutbox>{};
  }
  Status Forget(std::string_view, const core::AuditNote&, Deadline) override { return {}; }
  bool is_down = false;
};

class FactsBoardTest : public ::testing::Test {
 protected:
  FactsBoardTest() {
    core::CatalogSnapshot catalog;
    catalog.version = 1;
    catalog.nodes = {{.id = core::NodeId{1}, .name = "n1"}, {.id = core::NodeId{2}, .name = "n2"}};
    core::Topic topic;
    topic.id = core::TopicId{7};
    topic.name = "orders";
    core::Topic deleted = topic;
    deleted.id = core::TopicId{8};
    deleted.name = "deleted";
    deleted.state = core::TopicState::kDeleting;
    catalog.topics = {deleted, topic};
    store_.Set(catalog);
    EXPECT_TRUE(cache_.Load().ok());
  }
  ~FactsBoardTest() override { nodes_.may_go = true; }
  std::string Metrics() {
    TextMetrics metrics(1'000);
    board_.AddMetrics(metrics);
    return metrics.Take();
  }
  bool Knows(int node) {
    const FactsView view = board_.Look();
    const NodeFactsView* known = view.Find(core::NodeId{node});
    return known != nullptr && known->health.value != nullptr;
  }

  const Clock& clock_ = SystemClock::Instance();
  testing::TestCatalog store_;
  SnapshotCache cache_{{}, store_, clock_, [](std::span<const core::DataNode>) {}};
  Nodes nodes_;
  Canaries canaries_;
  Outboxes registry_;
  OutboxBoard outboxes_{{}, registry_, clock_};
  testing::TestDatabase leases_{clock_};
  FactsBoard board_{
      {.times = {.every = 10ms, .slow_every = 10ms}},
      {[this](core::NodeId node) { return std::make_unique<Nodes::Source>(nodes_, node); }, nodes_,
       leases_, canaries_, outboxes_},
      cache_,
      clock_};
};

TEST_F(FactsBoardTest, ANodeThatHangsHoldsUpNobody) {
  board_.OnEvaluated({}, std::nullopt);
  EXPECT_TRUE(WaitFor([&] { return Knows(1); }, 30s, "facts of the other"));
  EXPECT_TRUE(
      WaitFor([&] { return board_.Look().cluster.canaries.value != nullptr; }, 30s, "canaries"));
  EXPECT_FALSE(Knows(2));
  // Nor the end of the term, nor the next one.
  board_.OffDuty();
  EXPECT_EQ(board_.Look().Find(core::NodeId{1}), nullptr);
  board_.OnEvaluated({}, std::nullopt);
  EXPECT_TRUE(WaitFor([&] { return Knows(1); }, 30s, "facts again"));
  nodes_.may_go = true;
}

TEST_F(FactsBoardTest, MetricsAreOfWhatIsKnown) {
  board_.OnEvaluated({}, std::nullopt);
  EXPECT_TRUE(
      WaitFor([&] { return Knows(1) && board_.Look().cluster.canaries.value; }, 30s, "facts"));
  const std::string text = Metrics();
  EXPECT_THAT(text, HasSubstr("lanemq_node_used_bytes{node=\"n1\"} 123\n"));
  EXPECT_THAT(text, HasSubstr("lanemq_node_is_durable{node=\"n1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("lanemq_dead_letters{group=\"billing\",topic=\"orders\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("lanemq_data_loss_messages_total{node=\"n1\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("lanemq_canary_reported_lost_total{node=\"n1\"} 4\n"));
  EXPECT_THAT(text, Not(HasSubstr("used_bytes{node=\"n2\"}")));
  EXPECT_THAT(text, HasSubstr("lanemq_node_tables_max{node=\"n2\"} 990\n"));
  EXPECT_THAT(Metrics(), HasSubstr("lanemq_canary_reported_lost_total{node=\"n1\"} 4\n"));
}

TEST_F(FactsBoardTest, WhoReadsKnowsSinceWhenItWorks) {
  nodes_.may_go = true;
  board_.OnEvaluated({}, std::nullopt);
  ASSERT_TRUE(WaitFor([&] { return Knows(1); }, 30s, "facts"));
  nodes_.is_down = true;
  const auto facts = [&] { return board_.Look().Find(core::NodeId{1})->facts; };
  EXPECT_TRUE(WaitFor([&] { return !facts().well_since; }, 30s, "a failure"));
  EXPECT_NE(facts().value, nullptr);  // As it was read last.
  EXPECT_EQ(outboxes_.well_since(), std::nullopt);
  outboxes_.Tick();
  const auto since = outboxes_.well_since();
  ASSERT_TRUE(since);
  outboxes_.Tick();
  EXPECT_EQ(outboxes_.well_since(), since);
  registry_.is_down = true;
  outboxes_.Tick();
  EXPECT_EQ(outboxes_.well_since(), std::nullopt);
}

}  // namespace
}  // namespace lanemq::metaserver
