// The end of groups, on stores in memory: what is deleted, in what order, and who is let in.
#include "metaserver/coordinator/group_expiry.h"

#include <functional>
#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/coordinator/test_stores.h"
#include "tests/conformance/fake_offset_store.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::GroupState;
using core::kGroupSlots;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::Note;
using testing::WaitFor;

constexpr hours kRetention{7 * 24};

/// The offsets of one data node, whose deletions go past a hook.
class HookedOffsets final : public core::OffsetStore {
 public:
  using Hook = std::function<Status()>;
  HookedOffsets(core::OffsetStore& next, Hook hook) : next_(next), hook_(std::move(hook)) {}

  Result<std::vector<Status>> Commit(std::string_view group, const core::OffsetOwner& owner,
                                     std::span<const core::OffsetCommit> commits,
                                     Deadline deadline) override {
    return next_.Commit(group, owner, commits, deadline);
  }
  Result<std::vector<core::CommittedOffset>> Fetch(std::string_view group,
                                                   std::span<const core::PartitionKey> keys,
                                                   Deadline deadline) override {
    return next_.Fetch(group, keys, deadline);
  }
  Result<std::vector<core::OffsetClaim>> Claim(std::string_view group,
                                               const core::OffsetOwner& owner,
                                               std::span<const core::PartitionKey> keys,
                                               Deadline deadline) override {
    return next_.Claim(group, owner, keys, deadline);
  }
  Result<std::vector<core::OffsetReset>> Reset(std::string_view group,
                                               std::span<const core::OffsetResetTo> resets,
                                               const core::OperatorNote& note,
                                               Deadline deadline) override {
    return next_.Reset(group, resets, note, deadline);
  }
  Result<std::vector<core::OffsetReset>> ListResets(std::string_view group, std::size_t max,
                                                    Deadline deadline) override {
    return next_.ListResets(group, max, deadline);
  }
  Status Pause(std::string_view group, std::span<const core::PartitionKey> keys,
               std::optional<WallTime> until, const core::OperatorNote& note,
               Deadline deadline) override {
    return next_.Pause(group, keys, until, note, deadline);
  }
  Result<std::int64_t> Resume(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override {
    return next_.Resume(group, keys, note, deadline);
  }
  Result<std::int64_t> Delete(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(hook_());
    return next_.Delete(group, keys, note, deadline);
  }
  Result<std::vector<core::PartitionKey>> ListHere(Deadline deadline) override {
    return next_.ListHere(deadline);
  }
  Result<std::int64_t> Expire(std::string_view group, core::Generation newest,
                              std::chrono::microseconds idle_for, Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(hook_());
    return next_.Expire(group, newest, idle_for, deadline);
  }

 private:
  core::OffsetStore& next_;
  const Hook hook_;
};

class GroupExpiryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    keeper_.Tick();
    ASSERT_TRUE(WaitFor(
        [&] {
          for (int i = 0; i < kGroupSlots; ++i) {
            if (coordinator_.slot(i).state() != GroupSlot::State::kServing) return false;
          }
          return true;
        },
        seconds{20}, "serves"));
  }
  static Coordinator::Options Options() {
    Coordinator::Options options;
    options.slot.limits.initial_rebalance_delay = milliseconds{0};
    options.slot.lease = Lease();
    return options;
  }
  static core::LeaseTrust::Options Lease() { return {.ttl = seconds{5}, .margin = seconds{1}}; }
  OffsetNodes Nodes() {
    const auto list = [] {
      std::vector<core::DataNode> nodes(2);
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].id = core::NodeId{static_cast<int>(i) + 1};
        nodes[i].name = "node" + std::to_string(i + 1);
      }
      return Result<std::vector<core::DataNode>>(std::move(nodes));
    };
    return {list, [this](core::NodeId node) -> std::unique_ptr<core::OffsetStore> {
              const auto i = static_cast<std::size_t>(node.value - 1);
              return std::make_unique<HookedOffsets>(offsets_[i], [this, i] {
                ++deletes_[i];
                return hooks_[i] ? hooks_[i]() : Status{};
              });
            }};
  }
  /// By a member of `generation`, one partition on each node.
  void CommitOnBoth(std::int64_t generation) {
    for (auto& offsets : offsets_) {
      const core::PartitionKey key{core::TopicId{1}, 0};
      const core::OffsetOwner owner{core::Generation{generation}, "m"};
      ASSERT_TRUE(offsets.Claim(kGroup, owner, std::vector{key}, Deadline{}).ok());
      const core::OffsetCommit commit{key, core::Offset{7}, "", std::nullopt};
      const auto done = offsets.Commit(kGroup, owner, std::vector{commit}, Deadline{});
      ASSERT_TRUE(done.ok() && done->front().ok());
    }
  }
  void Advance(std::chrono::microseconds by) {
    database_.AdvanceGroups(by);
    for (auto& offsets : offsets_) offsets.Advance(by);
  }
  std::size_t OffsetsOn(std::size_t node) {
    return offsets_[node].Fetch(kGroup, {}, Deadline{}).value().size();
  }
  Status Asked(const std::function<void(OnMemberDone)>& ask) {
    auto state = std::make_shared<std::promise<Status>>();
    ask([state](const Status& status) { state->set_value(status); });
    auto answer = state->get_future();
    if (answer.wait_for(seconds{20}) != std::future_status::ready) {
      return Error{ErrorCode::kRequestTimedOut, "no answer"};
    }
    return answer.get();
  }
  /// A static member: its first join counts.
  Result<core::JoinReply> Join() {
    core::JoinCall join;
    join.instance_id = "i";
    join.client_id = "c";
    join.host = "h";
    join.session_timeout = seconds{10};
    join.protocols = {"range"};
    join.subscription.topics = {"orders"};
    Result<core::JoinReply> reply = core::JoinReply{};
    const Status done = Asked([&](OnMemberDone on_done) {
      (void)Slot().Join(kGroup, join, [&reply, on_done](const Result<core::JoinReply>& joined) {
        reply = joined;
        on_done(joined.ok() ? Status{} : Status{joined.error()});
      });
    });
    if (!done.ok()) return done.error();
    return reply;
  }
  Status Leave() {
    return Asked([&](OnMemberDone done) {
      (void)Slot().Leave(kGroup, {.member_id = "", .instance_id = "i"}, std::move(done));
    });
  }
  /// Empty since now, with an offset on each node.
  void MakeEmptyGroup() {
    const auto joined = Join();
    ASSERT_TRUE(joined.ok()) << joined.error().ToString();
    CommitOnBoth(joined->generation.value);
    const Status left = Leave();
    ASSERT_TRUE(left.ok()) << left.error().ToString();
    ASSERT_TRUE(
        WaitFor([&] { return database_.Stored(kGroup)->members.empty(); }, seconds{20}, "empty"));
  }
  GroupSlot& Slot() { return coordinator_.SlotOf(kGroup); }
  Deadline Soon() { return Deadline::After(clock_, seconds{5}); }

  const std::string kGroup = "billing";
  testing::TestClock clock_;
  testing::TestDatabase database_{clock_};
  std::array<testing::FakeOffsetStore, 2> offsets_;
  std::array<HookedOffsets::Hook, 2> hooks_;
  std::array<int, 2> deletes_{};
  Coordinator coordinator_{Options(), database_, Nodes(), clock_};
  SlotDirectory directory_{seconds{5}, clock_};
  SlotKeeper keeper_{{.self = {"a", 1}, .owner = LeaseOwner({"a", 1}, 7), .lease = Lease()},
                     database_,
                     coordinator_,
                     directory_,
                     clock_};
  GroupExpiry expiry_{{}, database_, coordinator_, clock_};
};

TEST_F(GroupExpiryTest, AGroupEndsWithItsOffsetsAfterTheRetentionAndStartsAnew) {
  MakeEmptyGroup();
  Advance(kRetention - seconds{1});
  expiry_.Tick();
  EXPECT_TRUE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(deletes_[0], 0);

  Advance(seconds{2});
  expiry_.Tick();
  EXPECT_FALSE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(OffsetsOn(0) + OffsetsOn(1), 0u);
  EXPECT_EQ(coordinator_.Stats().groups_expired, 1);
  EXPECT_EQ(coordinator_.Stats().groups, (std::array<std::int64_t, 5>{}));
  const auto audited = database_.Audited();
  ASSERT_EQ(audited.size(), 1u);
  EXPECT_EQ(audited[0].note.actor, "metaserver");
  EXPECT_EQ(audited[0].note.action, "job.group_expiry");
  EXPECT_EQ(audited[0].change.object_name, kGroup);
  // The next one of that name begins at the beginning, and its claims are taken.
  const auto joined = Join();
  ASSERT_TRUE(joined.ok()) << joined.error().ToString();
  EXPECT_EQ(joined->generation, core::Generation{1});
  CommitOnBoth(1);
}

TEST_F(GroupExpiryTest, AGroupWithMembersDoesNotEnd) {
  ASSERT_TRUE(Join().ok());
  Advance(2 * kRetention);
  expiry_.Tick();
  EXPECT_TRUE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(deletes_[0], 0);
}

TEST_F(GroupExpiryTest, ADataNodeThatIsDownPostponesIt) {
  MakeEmptyGroup();
  Advance(kRetention + seconds{1});
  hooks_[1] = [] { return Error{ErrorCode::kDataNodeUnavailable, "the test says so"}; };
  expiry_.Tick();
  EXPECT_TRUE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(OffsetsOn(1), 1u);
  EXPECT_EQ(coordinator_.Stats().groups_expired, 0);
  EXPECT_EQ(coordinator_.Stats().expiries_postponed, 1);
  const Status refused = Slot().Delete(kGroup, Note(), Soon());
  EXPECT_EQ(refused.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("data node 'node2'"));

  hooks_[1] = {};
  expiry_.Tick();
  EXPECT_FALSE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(OffsetsOn(0) + OffsetsOn(1), 0u);
}

TEST_F(GroupExpiryTest, AMemberThatComesMeanwhileIsLetInAfterwardsAndTheRestIsKept) {
  MakeEmptyGroup();
  Advance(kRetention + seconds{1});
  const core::Generation before = database_.Stored(kGroup)->generation;
  ErrorCode met{};
  hooks_[0] = [&] {
    met = Join().error().code;
    return Status{};
  };
  expiry_.Tick();
  // Not while a deletion is under way: it might lose what it commits.
  EXPECT_EQ(met, ErrorCode::kCoordinatorLoadInProgress);
  EXPECT_EQ(deletes_[1], 0);
  EXPECT_EQ(OffsetsOn(1), 1u);
  EXPECT_EQ(coordinator_.Stats().groups_expired, 0);
  const auto joined = Join();
  ASSERT_TRUE(joined.ok()) << joined.error().ToString();
  EXPECT_GT(joined->generation, before);
  expiry_.Tick();
  EXPECT_TRUE(database_.Stored(kGroup).has_value());
}

TEST_F(GroupExpiryTest, AMemberThatCameAndWentSinceTheLookKeepsTheGroup) {
  MakeEmptyGroup();
  const core::Generation seen = database_.Stored(kGroup)->generation;
  ASSERT_TRUE(Join().ok());
  EXPECT_EQ(Slot().Expire(kGroup, seen, {}, Soon()).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(Leave().ok());
  EXPECT_EQ(Slot().Expire(kGroup, seen, {}, Soon()).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(deletes_[0], 0);
}

TEST_F(GroupExpiryTest, OffsetsThatAreStillCommittedStay) {
  MakeEmptyGroup();
  Advance(kRetention + seconds{1});
  // A zombie, whose generation is still the newest.
  CommitOnBoth(database_.Stored(kGroup)->generation.value);
  expiry_.Tick();
  EXPECT_TRUE(database_.Stored(kGroup).has_value()) << "a new one could not claim its rows";
  EXPECT_EQ(OffsetsOn(0) + OffsetsOn(1), 2u);

  const core::PartitionKey other{core::TopicId{1}, 7};
  const core::OffsetCommit assigned{other, core::Offset{9}, "", std::nullopt};
  Advance(kRetention + seconds{1});
  ASSERT_TRUE(offsets_[0].Commit(kGroup, {}, std::vector{assigned}, Deadline{})->front().ok());
  expiry_.Tick();
  EXPECT_FALSE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(OffsetsOn(0), 1u) << "that of a reader who chooses its partitions";
  EXPECT_EQ(OffsetsOn(1), 0u);
}

TEST_F(GroupExpiryTest, ASlotThatIsLostMeanwhileDeletesNoMore) {
  MakeEmptyGroup();
  hooks_[0] = [&] {
    Slot().Lose("the test says so");
    return Status{};
  };
  EXPECT_EQ(Slot().Delete(kGroup, Note(), Soon()).error().code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(deletes_[1], 0);
  EXPECT_TRUE(database_.Stored(kGroup).has_value());
}

TEST_F(GroupExpiryTest, DeletingEndsTheOffsetsToo) {
  ASSERT_TRUE(Join().ok());
  EXPECT_EQ(Slot().Delete(kGroup, Note(), Soon()).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(deletes_[0], 0);
  ASSERT_TRUE(Leave().ok());
  CommitOnBoth(40);
  // Whether a deletion whose answer was lost happened does not matter: once more.
  int lost = 1;
  hooks_[0] = [&] {
    if (lost-- > 0) return Status{Error{ErrorCode::kOutcomeUnknown, "the test says so"}};
    return Status{};
  };
  const Status deleted = Slot().Delete(kGroup, Note(), Soon());
  EXPECT_TRUE(deleted.ok()) << deleted.error().ToString();
  EXPECT_EQ(OffsetsOn(0) + OffsetsOn(1), 0u);
  EXPECT_FALSE(database_.Stored(kGroup).has_value());
  EXPECT_EQ(coordinator_.Stats().groups_deleted, 1);
  ASSERT_EQ(database_.Audited().size(), 1u);
  EXPECT_EQ(database_.Audited()[0].note.reason, Note().reason);
  // One that never had members has offsets only.
  CommitOnBoth(3);
  EXPECT_TRUE(Slot().Delete(kGroup, Note(), Soon()).ok());
  EXPECT_EQ(OffsetsOn(0) + OffsetsOn(1), 0u);
}

}  // namespace
}  // namespace lanemq::metaserver
