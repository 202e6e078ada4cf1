#include "metaserver/oncall/group_watcher.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "metaserver/coordinator/test_stores.h"
#include "tests/conformance/fake_lag_history.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// One group in a metadata database in memory, and a coordinator that says what the test wants.
class GroupWatcherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto lease = database_.Acquire("group-slot-00", "a", std::chrono::hours{9}, {});
    ASSERT_TRUE(lease.ok());
    fence_ = {lease->name, lease->token};
    group_.group_id = "g";
    Store(core::GroupState::kStable);
  }
  void Store(core::GroupState state) {
    group_.state = state;
    ++group_.generation.value;
    ASSERT_TRUE(database_.Write(group_, fence_, {}).ok());
  }
  std::shared_ptr<const GroupBook> Tick() {
    watcher_.Tick();
    return watcher_.Current();
  }

  testing::TestClock clock_;
  testing::TestDatabase database_{clock_};
  core::Fence fence_;
  core::StoredGroup group_;
  std::atomic<int> asked_{0};
  Result<GroupDetails> answer_{GroupDetails{}};
  GroupWatcher watcher_{{},
                        {.groups = &database_,
                         .describe =
                             [this](const std::string& /*group*/, Deadline /*deadline*/) {
                               ++asked_;
                               return answer_;
                             }},
                        clock_,
                        [] {}};
};

TEST_F(GroupWatcherTest, CountsRebalancesOfTheLastQuarterOfAnHour) {
  watcher_.Want({{"g", core::TopicId{1}}});
  EXPECT_EQ(Tick()->details.at("g").rebalances, 0);  // What was before is not known.
  for (int i = 0; i < 8; ++i) {
    clock_.Advance(minutes{1});
    Store(core::GroupState::kStable);
    Tick();
  }
  EXPECT_EQ(Tick()->details.at("g").rebalances, 8);
  clock_.Advance(minutes{10});
  EXPECT_EQ(Tick()->details.at("g").rebalances, 6);
  clock_.Advance(minutes{10});
  EXPECT_EQ(Tick()->details.at("g").rebalances, 0);
}

TEST_F(GroupWatcherTest, SinceWhenAGroupIsNotStable) {
  EXPECT_FALSE(Tick()->groups.at("g").unstable_since);
  clock_.Advance(seconds{5});
  Store(core::GroupState::kCompletingRebalance);
  const MonotonicTime since = clock_.Now();
  Tick();
  clock_.Advance(seconds{60});
  EXPECT_EQ(Tick()->groups.at("g").unstable_since, since);
  Store(core::GroupState::kEmpty);
  EXPECT_FALSE(Tick()->groups.at("g").unstable_since);
}

TEST_F(GroupWatcherTest, TheCoordinatorKnowsOfARebalanceThatIsNotStored) {
  answer_->state = "PreparingRebalance";
  watcher_.Want({{"g", core::TopicId{1}}});
  const auto book = Tick();
  EXPECT_EQ(book->groups.at("g").state, "PreparingRebalance");
  EXPECT_TRUE(book->groups.at("g").unstable_since);
}

TEST_F(GroupWatcherTest, WhoIsNewIsAskedAboutAtOnceAndOnce) {
  Tick();
  EXPECT_TRUE(watcher_.Want({{"g", core::TopicId{1}}}));
  answer_ = Error{ErrorCode::kCoordinatorNotAvailable, "nobody"};
  Tick();
  EXPECT_EQ(asked_, 1);
  // It did not answer: its time comes again, but nobody waits for it.
  EXPECT_FALSE(watcher_.Want({{"g", core::TopicId{1}}}));
}

TEST_F(GroupWatcherTest, AnotherTopicOfAGroupThatIsKnownIsNothingNew) {
  watcher_.Want({{"g", core::TopicId{1}}});
  Tick();
  EXPECT_FALSE(watcher_.Want({{"g", core::TopicId{1}}, {"g", core::TopicId{2}}}));
  Tick();
  EXPECT_EQ(asked_, 2);
}

TEST_F(GroupWatcherTest, TheLeastOfTheLastDayIsKnownWhenEveryHourIs) {
  testing::FakeLagHistory history;
  const core::Fence fence{"on-call", core::FencingToken{1}};
  history.SetTerm(fence.lease, fence.token);
  GroupWatcher watcher({}, {.history = &history}, clock_, [] {});
  const auto least = [&](std::int64_t topic) -> std::optional<std::int64_t> {
    watcher.Tick();
    const auto& known = watcher.Current()->norms->least_produced;
    const auto found = known.find(core::TopicId{topic});
    if (found == known.end()) return std::nullopt;
    return found->second;
  };
  const auto produce = [&](std::int64_t topic, std::int64_t produced) {
    core::LagHistoryRow row;
    row.topic = core::TopicId{topic};
    row.at = *history.Now({});
    row.produced = produced;
    ASSERT_TRUE(history.Write(std::span<const core::LagHistoryRow>(&row, 1), fence, {}).ok());
  };
  for (int hour = 0; hour < 24; ++hour) {
    EXPECT_EQ(least(1), std::nullopt) << hour;
    produce(1, hour == 7 ? 31 : 1'000);
    if (hour > 0) produce(2, 1'000);  // One hour of it is not known.
    history.Advance(std::chrono::hours{1});
    for (std::int32_t tier = 0; tier < 2; ++tier) {
      ASSERT_TRUE(history.RollUp(tier, {0}, *history.Now({}), fence, {}).ok());
    }
    clock_.Advance(std::chrono::hours{1});
  }
  EXPECT_EQ(least(1), 31);
  EXPECT_EQ(least(2), std::nullopt);
}

TEST_F(GroupWatcherTest, TheLastBookStaysWhileTheDatabaseIsDown) {
  Tick();
  database_.SetDown(true);
  const auto book = Tick();
  EXPECT_EQ(book->groups.size(), 1u);
  EXPECT_TRUE(book->objectives);
}

}  // namespace
}  // namespace lanemq::metaserver
