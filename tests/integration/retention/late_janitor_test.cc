// A janitor that is stopped between its decision and its step, and wakes up when another one has
// worked for long: it removes nothing that is not condemned, and breaks nothing.
#include <atomic>
#include <memory>

#include "common/base/mutex.h"
#include "tests/integration/retention/janitor_rig.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;

enum class Step { kMoveStart, kDrop, kDelete, kSplit };

/// Lets one call of a kind wait before it goes to the database.
struct Gate {
  explicit Gate(Step s) : step(s) {}
  void Pass(Step which) {
    const MutexLock lock(mutex);
    if (which != step || is_reached) return;
    is_reached = true;
    while (!is_open) changed.WaitFor(mutex, std::chrono::seconds(1));
  }
  void Open() {
    const MutexLock lock(mutex);
    is_open = true;
    changed.NotifyAll();
  }
  void Done(Step which) {
    const MutexLock lock(mutex);
    has_passed = has_passed || (which == step && is_open);
  }
  bool IsReached() {
    const MutexLock lock(mutex);
    return is_reached;
  }
  bool HasPassed() {
    const MutexLock lock(mutex);
    return has_passed;
  }

  const Step step;
  std::atomic<std::int64_t> clock_ahead_us{0};  ///< What the node's clock seems to be ahead.
  Mutex mutex;
  CondVar changed;
  bool is_reached LANEMQ_GUARDED_BY(mutex) = false;
  bool is_open LANEMQ_GUARDED_BY(mutex) = false;
  bool has_passed LANEMQ_GUARDED_BY(mutex) = false;
};

class GatedStore final : public core::RetentionStore {
 private:
  // A process that was stopped does not notice that its deadline has passed before it asks.
  static Deadline Soon() { return BrokerRig::In(20); }
  template <typename Call>
  auto Through(Step step, Call call) {
    gate_->Pass(step);
    auto result = call();
    gate_->Done(step);
    return result;
  }

 public:
  GatedStore(std::shared_ptr<Gate> gate, std::unique_ptr<core::RetentionStore> store)
      : gate_(std::move(gate)), store_(std::move(store)) {}

  Result<core::RetentionFacts> Look(const core::PartitionLocation& location,
                                    const core::RetentionLook& look, Deadline deadline) override {
    auto facts = store_->Look(location, look, deadline);
    if (facts.ok()) facts->now.micros += gate_->clock_ahead_us;
    return facts;
  }
  Result<core::StartMoved> MoveStart(const core::StartMove& move,
                                     const std::optional<core::Fence>& fence, Deadline) override {
    return Through(Step::kMoveStart, [&] { return store_->MoveStart(move, fence, Soon()); });
  }
  Result<core::StartMoved> Trim(const core::StartMove& move, const core::OperatorNote& note,
                                bool is_dry_run, Deadline deadline) override {
    return store_->Trim(move, note, is_dry_run, deadline);
  }
  Result<std::int64_t> DropSegments(const core::PartitionLocation& location,
                                    std::span<const core::Offset> bounds, Deadline) override {
    return Through(Step::kDrop, [&] { return store_->DropSegments(location, bounds, Soon()); });
  }
  Result<std::int64_t> DeleteRows(const core::PartitionLocation& location, core::Offset low,
                                  core::Offset to, std::int64_t max, Deadline) override {
    return Through(Step::kDelete,
                   [&] { return store_->DeleteRows(location, low, to, max, Soon()); });
  }
  Status SplitTail(const core::PartitionLocation& location, core::Offset bound,
                   std::int64_t rows_max, Deadline) override {
    return Through(Step::kSplit,
                   [&] { return store_->SplitTail(location, bound, rows_max, Soon()); });
  }
  Result<std::vector<core::RetentionLoss>> Losses(WallTime since, std::size_t max,
                                                  Deadline deadline) override {
    return store_->Losses(since, max, deadline);
  }
  Result<std::int64_t> Expire(std::string_view rule, std::chrono::hours age, std::int32_t max,
                              const core::Fence& fence, Deadline deadline) override {
    return store_->Expire(rule, age, max, fence, deadline);
  }

 private:
  const std::shared_ptr<Gate> gate_;
  const std::unique_ptr<core::RetentionStore> store_;
};

class LateJanitorTest : public JanitorTest {
 protected:
  void StopAndWakeUp(Step step);
  /// Until both brokers know the newest settings, and are through with what they decided before.
  void Settle(const RigBroker& one, const RigBroker& other) {
    const std::int64_t version = rig_->meta.snapshot().version;
    ASSERT_TRUE(WaitFor(
        [&] {
          return one.broker.catalog().View()->snapshot().version >= version &&
                 other.broker.catalog().View()->snapshot().version >= version;
        },
        seconds(10), "the settings"));
    std::int64_t start = LogStart();
    ASSERT_TRUE(WaitFor([&] { return std::exchange(start, LogStart()) == start; }, seconds(10),
                        "a log start that stays"));
  }
};

void LateJanitorTest::StopAndWakeUp(Step step) {
  if (IsSkipped()) return;
  // The janitor's thread outlives this function.
  const auto gate = std::make_shared<Gate>(step);
  const auto open = std::shared_ptr<void>(nullptr, [&](void*) { gate->Open(); });
  RigBroker& late = rig_->AddBroker({}, QuickJanitor(), [gate](auto store) {
    return std::make_unique<GatedStore>(gate, std::move(store));
  });
  // 107 rows: what does not fill a segment has to be deleted.
  Configure({{"retention.ms", "1000"}});
  Produce(late, 110);
  ASSERT_TRUE(WaitFor([&] { return gate->IsReached(); }, seconds(20), "the step"));

  RigBroker& other = rig_->AddBroker({}, QuickJanitor());
  ASSERT_TRUE(WaitFor([&] { return IsHolder(other); }, seconds(20), "another janitor"));
  // All but the newest row go, by the other one.
  const std::int64_t last = LastRow();
  ASSERT_TRUE(WaitFor([&] { return FirstRow() == last && LogStart() == last; }, seconds(30),
                      "all removed by the other one"))
      << "log start " << LogStart() << ", rows " << FirstRow() << " to " << LastRow();
  // From here on nothing expires, so whatever goes is a fault.
  Configure({{"retention.ms", "-1"}});
  Settle(late, other);
  Produce(other, 60);
  ASSERT_TRUE(WaitFor([&] { return FirstRow() == LogStart(); }, seconds(10), "calm"));
  const std::int64_t first = FirstRow();
  const std::int64_t start = LogStart();

  gate->Open();
  ASSERT_TRUE(WaitFor([&] { return gate->HasPassed(); }, seconds(30), "the late step"));
  EXPECT_EQ(LogStart(), start);
  EXPECT_EQ(FirstRow(), first);
  EXPECT_EQ(LastRow(), last + 60);
  EXPECT_EQ(Rows(), LastRow() - FirstRow() + 1) << "a hole";
  EXPECT_FALSE(IsHolder(late) && IsHolder(other));

  // And both go on as though nothing had happened.
  Configure({{"retention.ms", "1000"}});
  Produce(late, 10);
  Produce(other, 10);
  const std::int64_t end = LastRow();
  ASSERT_TRUE(WaitFor([&] { return FirstRow() == end; }, seconds(30), "the rest removed"))
      << "log start " << LogStart() << ", rows " << FirstRow() << " to " << LastRow();
}

TEST_P(LateJanitorTest, BeforeTheStartMoves) { StopAndWakeUp(Step::kMoveStart); }
// Meanwhile the topic was told to keep everything: the old decision must not come true.
TEST_P(LateJanitorTest, AnOldTermMovesNoStart) {
  if (IsSkipped()) return;
  const auto gate = std::make_shared<Gate>(Step::kMoveStart);
  const auto open = std::shared_ptr<void>(nullptr, [&](void*) { gate->Open(); });
  Configure({{"retention.ms", "500"}});
  RigBroker& late = rig_->AddBroker({}, QuickJanitor(), [gate](auto store) {
    return std::make_unique<GatedStore>(gate, std::move(store));
  });
  Produce(late, 50);
  ASSERT_TRUE(WaitFor([&] { return gate->IsReached(); }, seconds(20), "the step"));
  Configure({{"retention.ms", "-1"}});
  RigBroker& other = rig_->AddBroker({}, QuickJanitor());
  ASSERT_TRUE(WaitFor([&] { return IsHolder(other); }, seconds(20), "another janitor"));
  gate->Open();
  ASSERT_TRUE(WaitFor([&] { return gate->HasPassed(); }, seconds(30), "the late step"));
  EXPECT_EQ(LogStart(), 1);
  EXPECT_EQ(Rows(), 50);
  EXPECT_GE(Metric(late, "lanemq_retention_failures_total"), 1) << "it was told";
}

// Everything looks two hours older than it is; what a stepped clock condemns would not come back.
TEST_P(LateJanitorTest, AClockThatWasSteppedCondemnsNothing) {
  if (IsSkipped()) return;
  const auto gate = std::make_shared<Gate>(Step::kDelete);
  gate->Open();
  gate->clock_ahead_us = 2LL * 3'600 * 1'000'000;
  Configure({{"retention.ms", "600000"}});
  RigBroker& broker = rig_->AddBroker({}, QuickJanitor(), [gate](auto store) {
    return std::make_unique<GatedStore>(gate, std::move(store));
  });
  Produce(broker, 110);
  const auto splits = [&] { return Metric(broker, "lanemq_retention_steps_total", "split"); };
  ASSERT_TRUE(
      WaitFor([&] { return splits() > 0 && Metric(broker, "lanemq_retention_clock_off") > 0; },
              seconds(20), "a split under the wrong clock"));
  Produce(broker, 60);
  const double before = splits();
  ASSERT_TRUE(WaitFor([&] { return splits() > before; }, seconds(20), "another one"));
  EXPECT_EQ(LogStart(), 1);
  EXPECT_EQ(Rows(), 170);
  gate->clock_ahead_us = 0;
  ASSERT_TRUE(WaitFor([&] { return Metric(broker, "lanemq_retention_clock_off") == 0; },
                      seconds(20), "the clocks agree"));
  Configure({{"retention.ms", "1000"}});
  EXPECT_TRUE(
      WaitFor([&] { return FirstRow() == LastRow(); }, seconds(30), "all but the newest gone"));
}

TEST_P(LateJanitorTest, BeforeADrop) { StopAndWakeUp(Step::kDrop); }
TEST_P(LateJanitorTest, BeforeADelete) { StopAndWakeUp(Step::kDelete); }
TEST_P(LateJanitorTest, BeforeASplit) { StopAndWakeUp(Step::kSplit); }

INSTANTIATE_TEST_SUITE_P(Engines, LateJanitorTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
