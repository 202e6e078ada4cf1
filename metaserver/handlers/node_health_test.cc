#include "metaserver/handlers/node_health.h"

#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {}; }
  MonotonicTime now;
};

/// Nodes that answer as the test says. Nothing else is asked of them.
class ScriptedNodes final : public core::NodeAdmin {
 public:
  using Answer = std::function<Result<core::NodeHealth>(const core::DataNode&, Deadline)>;
  explicit ScriptedNodes(Answer answer) : answer_(std::move(answer)) {}

  Status Prepare(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<std::int64_t> CountPartitions(const core::DataNode&, Deadline) override {
    return Error{ErrorCode::kUnknownServerError, "not asked for"};
  }
  Result<core::NodeHealth> Health(const core::DataNode& node, Deadline deadline) override {
    asked.push_back(node.name);
    return answer_(node, deadline);
  }
  std::vector<std::string> asked;

 private:
  const Answer answer_;
};

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
  ScriptedNodes admin([](const core::DataNode& node, Deadline) -> Result<core::NodeHealth> {
    if (node.name == "n1") return core::NodeHealth{"MySQL 9.1.0", 2, std::int64_t{4'294'967'295}};
    if (node.name == "n2") return core::NodeHealth{"MariaDB 10.11", 1, std::nullopt};
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

TEST(NodeHealthTest, DoesNotConnectToDisabledNodes) {
  const StoppedClock clock;
  ScriptedNodes admin([](const core::DataNode&, Deadline) { return core::NodeHealth{}; });
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
  ScriptedNodes admin([&](const core::DataNode&, Deadline deadline) -> Result<core::NodeHealth> {
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
