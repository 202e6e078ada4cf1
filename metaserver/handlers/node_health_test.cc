#include "metaserver/handlers/node_health.h"

#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {}; }
  MonotonicTime now;
};

/// Nodes that answer as the test says. Nothing else is asked of them.
class ScriptedNodes final : public core::NodeAdmin {
 public:
  using Answer = std::function<Result<core::NodeProbe>(const core::DataNode&, Deadline)>;
  explicit ScriptedNodes(Answer answer) : answer_(std::move(answer)) {}

  Status Prepare(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<std::int64_t> CountPartitions(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<core::NodeHealth> Health(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<core::NodeProbe> Probe(const core::DataNode& node, Deadline deadline) override {
    asked.push_back(node.name);
    return answer_(node, deadline);
  }
  Result<core::NodeInventory> Inventory(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<core::AuditPage> SearchAudit(const core::DataNode&, const core::AuditSearch&,
                                      Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<std::vector<core::NodeTableFacts>> LookAt(const core::DataNode&,
                                                   std::span<const core::NodeTable>,
                                                   Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  std::vector<std::string> asked;

 private:
  const Answer answer_;
};

core::NodeProbe Fine() {
  core::NodeProbe probe;
  probe.health = {"MariaDB 10.11", 1, std::nullopt};
  probe.account = "lanemq@%";
  probe.round_trip = 200us;
  probe.clock_ahead = -900ms;
  probe.semi_sync = {.is_enabled = true, .is_active = true, .replicas = 2};
  probe.connections_max = 100;
  probe.connections_used = 80;
  probe.missing_rights = std::vector<std::string>{};
  probe.schema_version = probe.schema_version_known = 18;
  probe.disk_used_bytes = 4'096;
  return probe;
}

std::vector<core::DataNode> Nodes(int count) {
  std::vector<core::DataNode> nodes(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    nodes[static_cast<std::size_t>(i)].id = core::NodeId{i + 1};
    nodes[static_cast<std::size_t>(i)].name = "n" + std::to_string(i + 1);
  }
  return nodes;
}

TEST(NodeHealthTest, TellsWhatANodeSaidAndWhyAnotherDidNot) {
  const StoppedClock clock;
  ScriptedNodes admin([](const core::DataNode& node, Deadline) -> Result<core::NodeProbe> {
    core::NodeProbe probe = Fine();
    if (node.name == "n1") probe.health = {"MySQL 9.1.0", 2, std::int64_t{4'294'967'295}};
    if (node.name == "n2") probe.health = {"MariaDB 10.11", 1, std::nullopt};
    if (node.name != "n3") return probe;
    return Error{ErrorCode::kDataNodeUnavailable, "connection refused"};
  });
  const auto nodes = Nodes(3);
  std::vector<idl::DataNode> out(3);
  AddHealth(admin, clock, nodes, out);
  EXPECT_TRUE(out[0].__isset.is_reachable && out[0].is_reachable);
  EXPECT_EQ(out[0].engine_version, "MySQL 9.1.0");
  EXPECT_EQ(out[0].flush_log_at_trx_commit, 2);
  EXPECT_EQ(out[0].sync_binlog, 2'147'483'647);
  EXPECT_FALSE(out[0].__isset.unreachable_reason);
  EXPECT_TRUE(out[1].is_reachable);
  EXPECT_EQ(out[1].flush_log_at_trx_commit, 1);
  EXPECT_FALSE(out[1].__isset.sync_binlog);
  EXPECT_TRUE(out[2].__isset.is_reachable);
  EXPECT_FALSE(out[2].is_reachable);
  EXPECT_EQ(out[2].unreachable_reason, "connection refused");
  EXPECT_FALSE(out[2].__isset.engine_version);
}

TEST(NodeHealthTest, AProbeIsToldWhole) {
  const StoppedClock clock;
  core::NodeProbe probe = Fine();
  ScriptedNodes admin([&](const core::DataNode&, Deadline) { return probe; });
  std::vector<idl::DataNode> out(1);
  AddHealth(admin, clock, Nodes(1), out);
  EXPECT_EQ(out[0].account, "lanemq@%");
  EXPECT_EQ(out[0].semi_sync, "on, 2 replicas");
  EXPECT_EQ(out[0].connections_max, 100);
  EXPECT_EQ(out[0].connections_used, 80);
  EXPECT_EQ(out[0].clock_ahead_us, -900'000);
  EXPECT_EQ(out[0].round_trip_us, 200);
  EXPECT_EQ(out[0].schema_version, 18);
  EXPECT_EQ(out[0].disk_used_bytes, 4'096);
  EXPECT_FALSE(out[0].is_read_only);
  EXPECT_TRUE(out[0].__isset.missing_rights);
  EXPECT_THAT(out[0].warnings, IsEmpty());
  probe.disk_used_bytes.reset();
  probe.missing_rights.reset();
  std::vector<idl::DataNode> unknown(1);
  AddHealth(admin, clock, Nodes(1), unknown);
  EXPECT_FALSE(unknown[0].__isset.disk_used_bytes);
  EXPECT_FALSE(unknown[0].__isset.missing_rights);
}

TEST(NodeHealthTest, EachThingThatIsWrongIsSaidWithWhatToDo) {
  const core::DataNode node = Nodes(1)[0];
  const auto warnings = [&](const std::function<void(core::NodeProbe&)>& spoil) {
    core::NodeProbe probe = Fine();
    spoil(probe);
    return WarningsOf(node, probe);
  };
  EXPECT_THAT(warnings([](auto&) {}), IsEmpty());
  EXPECT_THAT(warnings([](auto& p) { p.is_read_only = true; }),
              ElementsAre(HasSubstr("alter the node's address")));
  EXPECT_THAT(warnings([](auto& p) { p.missing_rights = {"DROP on lanemq_00"}; }),
              ElementsAre(HasSubstr("lanemq@% may not DROP on lanemq_00")));
  EXPECT_THAT(warnings([](auto& p) { p.semi_sync.replicas = 0; }),
              ElementsAre(HasSubstr("commits wait for nobody")));
  EXPECT_THAT(warnings([](auto& p) { p.semi_sync.is_active = false; }),
              ElementsAre(HasSubstr("commits wait for nobody")));
  EXPECT_THAT(warnings([](auto& p) { p.semi_sync = {}; }), IsEmpty());
  EXPECT_THAT(warnings([](auto& p) { p.clock_ahead = -1'500ms; }),
              ElementsAre(HasSubstr("-1.5 s off")));
  EXPECT_THAT(warnings([](auto& p) {
                p.clock_ahead = 1'500ms;
                p.round_trip = 600ms;  // It may be the network.
              }),
              IsEmpty());
  EXPECT_THAT(warnings([](auto& p) { p.connections_used = 81; }),
              ElementsAre(HasSubstr("raise max_connections")));
  EXPECT_THAT(warnings([](auto& p) { p.schema_version = 17; }),
              ElementsAre(HasSubstr("lanemq node add")));
}

TEST(NodeHealthTest, DoesNotConnectToDisabledNodes) {
  const StoppedClock clock;
  ScriptedNodes admin([](const core::DataNode&, Deadline) { return core::NodeProbe{}; });
  auto nodes = Nodes(3);
  nodes[0].state = core::NodeState::kDisabled;
  nodes[1].state = core::NodeState::kClosed;
  std::vector<idl::DataNode> out(3);
  AddHealth(admin, clock, nodes, out);
  EXPECT_EQ(admin.asked, (std::vector<std::string>{"n2", "n3"}));
  EXPECT_FALSE(out[0].__isset.is_reachable);
}

TEST(NodeHealthTest, NeitherOneNodeNorAllOfThemTakeLongerThanTheirBound) {
  StoppedClock clock;
  ScriptedNodes admin([&](const core::DataNode&, Deadline deadline) -> Result<core::NodeProbe> {
    EXPECT_LE(deadline.Left(clock), kNodeHealthTimeout);
    clock.now = deadline.at;  // As a node that hangs.
    return Error{ErrorCode::kDataNodeUnavailable, "no answer"};
  });
  const auto nodes = Nodes(20);
  std::vector<idl::DataNode> out(20);
  const MonotonicTime start = clock.Now();
  AddHealth(admin, clock, nodes, out);
  EXPECT_EQ(clock.Now() - start, kAllHealthTimeout);
  EXPECT_EQ(admin.asked.size(), 4u);
  EXPECT_TRUE(out[3].__isset.is_reachable);
  EXPECT_FALSE(out[4].__isset.is_reachable);
}

}  // namespace
}  // namespace lanemq::metaserver
