#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/partition_mover.h"
#include "sql/store/mysql_partition_mover.h"
#include "tests/conformance/two_nodes_rig.h"

namespace lanemq::testing {

/// What every PartitionMover must do. The parameter is the engine of both data nodes.
class PartitionMoverSuite : public ::testing::TestWithParam<Engine> {
 protected:
  static constexpr int kSource = TwoNodes::kSource;
  static constexpr int kTarget = TwoNodes::kTarget;
  using Steps = std::vector<std::function<Status(core::PartitionMover&)>>;

  void SetUp() override {
    std::string why;
    DatabaseServer* const server = SharedServer(GetParam(), &why);
    if (server == nullptr) {
      ASSERT_TRUE(ServerProgram(GetParam()).empty()) << "installed, but: " << why;
      GTEST_SKIP() << "SKIPPED LOUDLY: " << NameOf(GetParam()) << ": " << why;
    }
    server_ = server;
    two_ = std::make_unique<TwoNodes>(*server);
    mover_ = std::make_unique<sql::MySqlPartitionMover>(two_->nodes());
    two_->Create();
  }

  TwoNodes& two() { return *two_; }
  core::PartitionMover& mover() { return *mover_; }
  static Deadline Soon() { return TwoNodes::Soon(); }
  static core::PartitionMove Move(std::int64_t id = 5) { return TwoNodes::Move(id); }

  static Status CopyLogLevel(core::PartitionMover& mover, const core::PartitionMove& move,
                             core::CopyLimits limits = {}) {
    while (true) {
      const auto copied = mover.CopyLog(move, limits, Soon());
      if (!copied.ok()) return copied.error();
      if (copied->IsLevel()) return {};
      EXPECT_GT(copied->rows, 0);
    }
  }
  static Status CopyAheadWhole(core::PartitionMover& mover, const core::PartitionMove& move,
                               core::CopyLimits limits = {}) {
    core::StatePlace place;
    while (true) {
      const auto copied = mover.CopyAhead(move, place, limits, Soon());
      if (!copied.ok()) return copied.error();
      if (copied->is_whole) return {};
      EXPECT_NE(copied->next, place);
      place = copied->next;
    }
  }
  static Status CopyStateWhole(core::PartitionMover& mover, const core::PartitionMove& move,
                               core::CopyLimits limits = {}) {
    core::StatePlace place;
    while (true) {
      const auto copied = mover.CopyState(move, place, limits, Soon());
      if (!copied.ok()) return copied.error();
      if (copied->is_whole) return {};
      EXPECT_NE(copied->next, place);
      place = copied->next;
    }
  }
  static Status CompareEqual(core::PartitionMover& mover, const core::PartitionMove& move) {
    const auto counts = mover.Compare(move, Soon());
    if (!counts.ok()) return counts.error();
    for (const core::MoveCount& count : *counts) {
      EXPECT_EQ(count.source, count.target) << count.what;
    }
    return {};
  }
  static Status DropAll(core::PartitionMover& mover, const core::PartitionMove& move) {
    while (true) {
      const auto dropped = mover.DropSource(move, Soon());
      if (!dropped.ok()) return dropped.error();
      if (*dropped) return {};
    }
  }
  /// Every step of a move, in order; the first `kAhead` of them while everybody works.
  static constexpr std::size_t kAhead = 2;
  static Steps AllSteps(const core::PartitionMove& move, core::CopyLimits limits = {}) {
    return {[=](auto& m) { return m.BeginArrival(move, Soon()); },
            [=](auto& m) {
              const Status level = CopyLogLevel(m, move, limits);
              return level.ok() ? CopyAheadWhole(m, move, limits) : level;
            },
            [=](auto& m) { return m.Seal(move, Soon()); },
            [=](auto& m) { return CopyLogLevel(m, move, limits); },
            [=](auto& m) { return CopyStateWhole(m, move, limits); },
            [=](auto& m) { return CompareEqual(m, move); },
            [=](auto& m) { return m.Open(move, Soon()); },
            [=](auto& m) { return DropAll(m, move); }};
  }
  /// Runs steps [from, to) of `move`.
  void RunOk(const core::PartitionMove& move, std::size_t from = 0, std::size_t to = 8,
             core::CopyLimits limits = {}) {
    const Steps steps = AllSteps(move, limits);
    for (std::size_t i = from; i < to; ++i) ExpectOk(steps[i](mover()), i);
  }
  static void ExpectOk(const Status& status, std::size_t step = 0) {
    ASSERT_TRUE(status.ok()) << "step " << step << ": " << status.error().ToString();
  }
  /// Repeated while its errors ask for that.
  template <typename Step>
  static void ExpectComesToItsEnd(const Step& step) {
    constexpr int kAttemptsMax = 50;
    for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      const Status done = step();
      if (done.ok()) return;
      ASSERT_NE(RetryOf(done.error().code), Retry::kNever) << done.error().ToString();
    }
    FAIL() << "the step fails again and again";
  }
  template <typename T>
  static void ExpectRefused(ErrorCode code, const T& result) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code) << result.error().ToString();
  }
  /// The partition is at `node` and nowhere else, with `dump`, and goes on there.
  void ExpectAt(int node, const std::string& dump) {
    const int other = node == kSource ? kTarget : kSource;
    EXPECT_EQ(two().Dump(node), dump);
    EXPECT_EQ(two().Tables(node), "msg_7_3");
    EXPECT_EQ(two().Tables(other), "");
    EXPECT_EQ(two().State(other), "");
    EXPECT_EQ(two().StateRows(other), 0);
    two().AppendOk(2, node);
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<TwoNodes> two_;
  std::unique_ptr<core::PartitionMover> mover_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PartitionMoverSuite);

}  // namespace lanemq::testing
