// Runs the suite of lag sources on the fake and on both database engines.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/fake_lag_source.h"
#include "tests/conformance/lag_source_suite.h"
#include "tests/conformance/on_server.h"
#include "tests/conformance/sql_lag_node.h"

namespace lanemq::testing {
namespace {

class FakeLag final : public LagSourceUnderTest {
 public:
  FakeLag() { source_.SetNow(WallTime{1'900'000'000'000'000}); }
  core::LagSource& source() override { return source_; }
  core::PartitionLocation Location(int index) override {
    return {{core::TopicId{1}, index}, core::NodeId{1}, 0};
  }
  void Create(int index) override { source_.Create(Key(index)); }
  void Drop(int index) override { source_.Drop(Key(index)); }
  void Append(int index, const std::vector<WallTime>& times) override {
    source_.Append(Key(index), times);
  }
  void SetLogStart(int index, core::Offset start) override {
    source_.SetLogStart(Key(index), start);
  }
  void LoseTail(int index, core::Offset end) override { source_.LoseTail(Key(index), end); }
  void Commit(const std::string& group, int index, core::Offset offset) override {
    source_.Commit(group, Key(index), offset);
  }
  void Claim(const std::string& group, int index, core::Generation generation,
             const std::string& member) override {
    const WallTime now = source_.Now();
    source_.Edit(group, Key(index), [&](core::LagSample& row) {
      row.generation = generation;
      row.member_id = member;
      if (++row.claims == 1) row.committed_at = now;
    });
  }
  void SetAttempts(const std::string& group, int index, core::Offset offset,
                   std::int32_t attempts) override {
    source_.Edit(group, Key(index), [&](core::LagSample& row) {
      row.attempt_offset = offset;
      row.attempts = attempts;
    });
  }
  void Pause(const std::string& group, int index, std::optional<WallTime> until,
             const std::string& reason) override {
    source_.Pause(group, Key(index), until, reason);
  }
  void Lose(const std::string& group, int index, core::Offset from, core::Offset to) override {
    source_.Lose(group, Key(index), to.value - from.value);
  }
  void DuringNextRound(std::function<void()> action) override {
    source_.DuringNextRound(std::move(action));
  }

 private:
  core::PartitionKey Key(int index) { return Location(index).key; }
  FakeLagSource source_;
};

class SqlLag final : public LagSourceUnderTest, private sql::LagRoundObserver {
 public:
  explicit SqlLag(DatabaseServer& server)
      : node_(server), source_(node_.nodes(), SqlLagNode::kNode, this) {}
  core::LagSource& source() override { return source_; }
  core::PartitionLocation Location(int index) override { return SqlLagNode::Location(index); }
  void Create(int index) override { node_.Create(index); }
  void Drop(int index) override {
    EXPECT_TRUE(node_.messages().DropPartition(Location(index), SqlLagNode::Soon()).ok());
  }
  void Append(int index, const std::vector<WallTime>& times) override {
    node_.Append(index, times);
  }
  void SetLogStart(int index, core::Offset start) override { node_.SetLogStart(index, start); }
  void LoseTail(int index, core::Offset end) override {
    node_.Run(fmt::format("DELETE FROM {} WHERE `offset`>={}", node_.Table(index), end.value));
  }
  void Commit(const std::string& group, int index, core::Offset offset) override {
    node_.Commit(group, index, offset);
  }
  void Claim(const std::string& group, int index, core::Generation generation,
             const std::string& member) override {
    const core::PartitionKey key = Location(index).key;
    const auto claims =
        node_.offsets().Claim(group, {generation, member}, std::span(&key, 1), SqlLagNode::Soon());
    EXPECT_TRUE(claims.ok() && claims->front().status.ok());
  }
  void SetAttempts(const std::string& group, int index, core::Offset offset,
                   std::int32_t attempts) override {
    node_.Run(
        fmt::format("UPDATE group_offsets SET attempt_offset={},attempts={} WHERE "
                    "group_id='{}' AND partition_index={}",
                    offset.value, attempts, group, index));
  }
  void Pause(const std::string& group, int index, std::optional<WallTime> until,
             const std::string& reason) override {
    const core::PartitionKey key = Location(index).key;
    EXPECT_TRUE(node_.offsets()
                    .Pause(group, std::span(&key, 1), until, {"ops", reason}, SqlLagNode::Soon())
                    .ok());
  }
  void Lose(const std::string& group, int index, core::Offset from, core::Offset to) override {
    lost_[{group, index}] += to.value - from.value;
    node_.Run(
        fmt::format("INSERT INTO retention_losses (group_id,topic_id,partition_index,"
                    "from_offset,to_offset,lost_total,reason,at) VALUES ('{}',1,{},{},{},{},"
                    "'time',UTC_TIMESTAMP(6))",
                    group, index, from.value, to.value, lost_[{group, index}]));
  }
  void DuringNextRound(std::function<void()> action) override { during_ = std::move(action); }

 private:
  void OnGroupsRead() override {
    if (const auto action = std::exchange(during_, nullptr)) action();
  }

  SqlLagNode node_;
  sql::MySqlLagSource source_;
  std::function<void()> during_;
  std::map<std::pair<std::string, int>, std::int64_t> lost_;
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(
    On, LagSourceSuite,
    ::testing::Values(LagSourceFactory{"Fake",
                                       [](std::string*) { return std::make_unique<FakeLag>(); }},
                      LagSourceFactory{NameOf(Engine::kMariaDb),
                                       OnServer<SqlLag, LagSourceUnderTest>(Engine::kMariaDb)},
                      LagSourceFactory{NameOf(Engine::kMySql),
                                       OnServer<SqlLag, LagSourceUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace
}  // namespace lanemq::testing
