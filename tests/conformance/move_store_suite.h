#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/catalog_store.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/move_store.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// A store to be tested, beside an empty catalogue, on a clock that the test moves.
class MoveStoreUnderTest {
 public:
  virtual ~MoveStoreUnderTest() = default;
  virtual core::MoveStore& store() = 0;
  virtual core::CatalogStore& catalog() = 0;
  virtual core::LeaseStore& leases() = 0;
  virtual void Advance(std::chrono::milliseconds by) = 0;
  /// The audit log, the oldest event first.
  virtual std::vector<core::AuditEvent> Audited() = 0;
  /// What follows the next statement `after` is lost; with `after_effect` its reply alone.
  virtual void LoseReply(const std::string& after, bool after_effect) = 0;
};

struct MoveStoreFactory {
  std::string name;
  std::function<std::unique_ptr<MoveStoreUnderTest>(std::string* why)> make;
};
inline void PrintTo(const MoveStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every MoveStore must do; the tests are in move_store_begin_cases.h and
/// move_store_step_cases.h. Data nodes "one", "two", "three"; two schemas with three tables
/// each.
class MoveStoreSuite : public ::testing::TestWithParam<MoveStoreFactory> {
 protected:
  static constexpr std::string_view kLease = "partition-moves";
  using State = core::MoveState;

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    }
    for (const char* name : {"one", "two", "three"}) {
      core::DataNode node;
      node.name = name;
      node.host = node.name + ".example";
      node.port = 3306;
      node.schemas_max = 2;
      node.tables_per_schema_max = 3;
      const auto added = catalog().AddDataNode(node, Note(), Soon());
      ASSERT_TRUE(added.ok()) << added.error().ToString();
      nodes_[name] = added->id;
    }
    fence_ = NewTerm();
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::MoveStore& store() { return under_test_->store(); }
  core::CatalogStore& catalog() { return under_test_->catalog(); }

  /// Of another metaserver than before.
  core::Fence NewTerm() {
    under_test_->Advance(std::chrono::seconds{60});
    auto lease = under_test_->leases().Acquire(kLease, "owner-" + std::to_string(++owners_),
                                               std::chrono::seconds{10}, Soon());
    EXPECT_TRUE(lease.ok()) << lease.error().ToString();
    return {std::string(kLease), lease.ok() ? lease->token : core::FencingToken{0}};
  }
  core::Topic Make(const std::string& name, std::int32_t partitions,
                   const std::vector<std::string>& nodes = {"one"}, bool is_ready = true) {
    const core::Placer placer = [&](std::span<const core::NodeUsage> usage) {
      return core::PlanPlacement(usage, {partitions, nodes, {}});
    };
    const auto begun =
        catalog().BeginCreateTopic({name, partitions, {}, ""}, placer, Note(), Soon());
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    if (!begun.ok()) return {};
    if (is_ready) {
      EXPECT_TRUE(catalog().MarkPartitionsReady(begun->record.topic.id, partitions, Soon()).ok());
    }
    return begun->record.topic;
  }
  static core::NewMoves Wish(const std::string& topic, std::int32_t partition,
                             const std::string& to = "") {
    core::NewMoves moves;
    moves.wishes = {{topic, partition, to}};
    moves.bytes_per_second = 1'000'000;
    return moves;
  }
  static core::NewMoves Leave(const std::string& node) {
    core::NewMoves moves;
    moves.evacuate = node;
    moves.bytes_per_second = 1'000'000;
    return moves;
  }
  std::vector<core::BegunMove> Begin(const core::NewMoves& moves, bool is_dry_run = false) {
    auto begun = store().Begin(moves, is_dry_run, Note(), Soon());
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    return begun.ok() ? *begun : std::vector<core::BegunMove>{};
  }
  std::int64_t BeginOne(const std::string& topic, std::int32_t partition = 0,
                        const std::string& to = "two") {
    const auto begun = Begin(Wish(topic, partition, to));
    if (begun.size() != 1 || !begun[0].status.ok()) {
      ADD_FAILURE() << "not begun";
      return 0;
    }
    return begun[0].id;
  }
  Status Advance(std::int64_t id, State expected, State next, const std::string& error = "") {
    return store().Advance({id, expected, next, core::Offset{5}, core::Offset{9}, 77, error},
                           fence_, Soon());
  }
  /// Through the states to `state`.
  void GoTo(std::int64_t id, State state) {
    State present = State::kCopying;
    for (const State next : {State::kSealing, State::kHandingOver, State::kOpening}) {
      if (present == state) return;
      const Status advanced = Advance(id, present, next);
      ASSERT_TRUE(advanced.ok()) << advanced.error().ToString();
      present = next;
    }
    if (state == State::kCleaning) {
      const Status switched = store().Switch(id, fence_, Soon());
      ASSERT_TRUE(switched.ok()) << switched.error().ToString();
    }
  }
  core::MoveRecord Find(std::int64_t id) {
    const auto all = store().List(0, 1'000, Soon());
    EXPECT_TRUE(all.ok()) << all.error().ToString();
    if (all.ok()) {
      for (const core::MoveRecord& record : *all) {
        if (record.move.id == id) return record;
      }
    }
    ADD_FAILURE() << "there is no move " << id;
    return {};
  }
  core::CatalogSnapshot Snapshot() {
    auto snapshot = catalog().LoadSnapshot(Soon());
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return snapshot.ok() ? *snapshot : core::CatalogSnapshot{};
  }
  core::NodeId PlaceOf(const std::string& topic, std::size_t partition = 0) {
    for (const core::Topic& one : Snapshot().topics) {
      if (one.name == topic && partition < one.partitions.size()) {
        return one.partitions[partition].node;
      }
    }
    ADD_FAILURE() << "no " << topic;
    return {};
  }
  std::int64_t UsedOn(const std::string& name) {
    for (const core::NodeUsage& usage : core::UsageOf(Snapshot())) {
      if (usage.node.name == name) return usage.Used();
    }
    return -1;
  }
  static ErrorCode CodeOf(const Status& status) {
    return status.ok() ? ErrorCode::kUnknownServerError : status.error().code;
  }
  template <typename T>
  static ErrorCode CodeOf(const Result<T>& result) {
    return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
  }

  std::unique_ptr<MoveStoreUnderTest> under_test_;
  std::map<std::string, core::NodeId> nodes_;
  core::Fence fence_;
  int owners_ = 0;
};

}  // namespace lanemq::testing
