#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "metaserver/moves/move_runner.h"
#include "sql/store/mysql_move_store.h"
#include "tests/integration/meta/lossy_mover.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// Moves carried out by the runner of a metaserver, on real databases.
class MovesTest : public MetaTest {
 protected:
  using MoveRunner = metaserver::MoveRunner;
  using milliseconds = std::chrono::milliseconds;
  static constexpr std::chrono::seconds kLong{60};

  /// The topic "orders" with two partitions on the data node "one"; "two" is empty.
  void SetUp() override {
    MetaTest::SetUp();
    if (IsSkipped()) return;
    rig_ = std::make_unique<MetaRig>(*server_, prefix_);
    rig_->AddNode("one");
    ASSERT_TRUE(rig_->Create("orders", 2).ok());
    rig_->AddNode("two");
    store_ = std::make_unique<sql::MySqlMoveStore>(rig_->pool());
    mover_ = std::make_unique<LossyMover>(rig_->nodes());
  }
  std::unique_ptr<MoveRunner> Start(const std::string& owner, core::MoveSlots slots = {}) {
    MoveRunner::Options options;
    options.slots = slots;
    options.worker.yield_after = milliseconds{300};
    options.owner = owner;
    options.tick = milliseconds{20};
    options.look_every = milliseconds{50};
    options.lease = {.ttl = milliseconds{2'000}, .margin = milliseconds{400}};
    options.worker.limits.rows_near = 50;
    options.worker.limits.retry_max = milliseconds{500};
    options.worker.limits.seal_retry_min = milliseconds{50};
    auto runner = std::make_unique<MoveRunner>(
        options, MoveRunner::Stores{rig_->leases, *store_, *mover_, rig_->messages()},
        [this] { rig_->cache.Reload(); }, SystemClock::Instance());
    runner->Start();
    return runner;
  }
  core::PartitionLocation Place(std::int32_t partition) {
    rig_->cache.Reload();
    for (const core::Topic& topic : rig_->cache.Current()->topics) {
      if (topic.name != "orders") continue;
      return topic.LocationOf(topic.partitions.at(static_cast<std::size_t>(partition)));
    }
    return {};
  }
  std::string NodeOf(std::int32_t partition) {
    const core::PartitionLocation place = Place(partition);
    for (const core::DataNode& node : rig_->cache.Current()->nodes) {
      if (node.id == place.node) return node.name;
    }
    return "?";
  }
  /// As a broker does: where the catalogue has the partition, behind what is there. False: not now,
  /// or nobody knows.
  bool Append(std::int32_t partition, const std::string& body) {
    const core::PartitionLocation place = Place(partition);
    const auto tail = rig_->messages().ReadTail(place, MetaRig::Soon());
    if (!tail.ok()) return false;
    core::Record record;
    record.offset = tail->End();
    record.timestamp = WallTime{1'795'000'000'000'000 + tail->End().value};
    record.body = body;
    const std::vector<core::RecordPtr> records{std::make_shared<core::Record>(std::move(record))};
    return rig_->messages().Append(place, records, tail->server, MetaRig::Soon()).ok();
  }
  std::vector<std::string> Bodies(std::int32_t partition) {
    std::vector<std::string> bodies;
    core::ReadLimits limits;
    limits.records_max = 100'000;
    limits.bytes_max = 100 << 20;
    const auto rows =
        rig_->messages().Read(Place(partition), core::kFirstOffset, limits, MetaRig::Soon());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    if (!rows.ok()) return bodies;
    std::int64_t offset = 0;
    for (const core::RecordPtr& row : *rows) {
      EXPECT_EQ(row->offset.value, ++offset);
      bodies.push_back(row->body.value_or("?"));
    }
    return bodies;
  }
  std::vector<core::BegunMove> Begin(core::NewMoves moves, std::int64_t rate = 100'000'000) {
    moves.bytes_per_second = rate;
    auto begun = store_->Begin(moves, false, Note(), MetaRig::Soon());
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    return begun.ok() ? *begun : std::vector<core::BegunMove>{};
  }
  static core::NewMoves Leave(const std::string& node) {
    core::NewMoves moves;
    moves.evacuate = node;
    return moves;
  }
  static core::NewMoves Wish(std::int32_t partition, const std::string& to) {
    core::NewMoves moves;
    moves.wishes = {{"orders", partition, to}};
    return moves;
  }
  ::testing::AssertionResult WaitForEnd() {
    const auto has_ended = [&] {
      const auto unfinished = store_->LoadUnfinished(MetaRig::Soon());
      return unfinished.ok() && unfinished->empty();
    };
    return WaitFor(has_ended, kLong, "the end of all moves");
  }
  /// Rows of one of a data node's own tables.
  std::string Count(const std::string& node, const std::string& table) {
    const auto rows =
        server_->Query(fmt::format("SELECT COUNT(*) FROM {}_{}_node.{}", prefix_, node, table));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? rows->substr(0, rows->find('\n')) : "?";
  }
  /// Tables in a role that only moves give them.
  std::string TablesOnTheWay() {
    const auto rows = server_->Query(
        fmt::format("SELECT COALESCE(GROUP_CONCAT(table_name), '') FROM information_schema.columns "
                    "WHERE table_schema LIKE '{}\\_%' AND table_name LIKE 'msg\\_%' AND "
                    "(column_name LIKE 'sealed\\_%' OR column_name LIKE 'arriving\\_%')",
                    prefix_));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? rows->substr(0, rows->find('\n')) : "?";
  }

  std::unique_ptr<MetaRig> rig_;
  std::unique_ptr<sql::MySqlMoveStore> store_;
  std::unique_ptr<LossyMover> mover_;
};

}  // namespace lanemq::testing
