// What every GroupStore must do.
#include "tests/conformance/group_store_suite.h"

#include <map>
#include <tuple>

#include "tests/conformance/audit_checks.h"

namespace lanemq::testing {
namespace {

using core::Fence;
using core::FencingToken;
using core::Generation;
using core::GroupState;
using core::StoredGroup;
using core::StoredMember;
using std::chrono::milliseconds;
using Ids = std::vector<std::string>;

void ExpectSame(const StoredGroup& a, const StoredGroup& b) {
  EXPECT_EQ(a.group_id, b.group_id);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.protocol, b.protocol);
  EXPECT_EQ(a.leader, b.leader);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.moved, b.moved);
  EXPECT_TRUE(a.members == b.members);  // Not EXPECT_EQ: too much to print.
}

/// All bytes there are, and those that SQL text and JSON care about.
std::string EveryByte() {
  std::string bytes = "'\\\"%_?`;-- ";
  for (int i = 0; i < 240; ++i) bytes.push_back(static_cast<char>(255 - i));
  bytes.push_back('\0');
  bytes += "'\\";
  return bytes;
}

/// Every field set to something long or odd.
StoredGroup OddGroup() {
  StoredGroup group;
  group.group_id = std::string(240, 'g') + "._-AZaz09";
  group.state = GroupState::kStable;
  group.generation = Generation{std::int64_t{1} << 62};
  group.protocol = std::string(64, 'p');
  group.leader = EveryByte();
  group.reason = "member '\\\xC3\xA9' left\n\"now\"";
  group.moved = 4'000'000'000;
  StoredMember member;
  member.member.member_id = EveryByte();
  member.member.instance_id = EveryByte();
  member.client_id = EveryByte();
  member.host = EveryByte();
  member.session_timeout = milliseconds{1'800'000};
  member.rebalance_timeout = milliseconds{4'294'967'295};
  member.protocols = {"sticky", "a'b\"c\\\n", "\xE2\x82\xAC"};
  auto& subscription = member.member.subscription;
  subscription.owned_generation = Generation{(std::int64_t{1} << 62) - 1};
  for (int i = 1'000; i < 2'000; ++i) {
    const std::string topic = std::string(240, 't') + "._-AZ" + std::to_string(i);
    subscription.topics.push_back(topic);
    subscription.owned.push_back({topic, i % 7});
    member.assignment.push_back({topic, 0});
    member.assignment.push_back({topic, 10});
  }
  member.assignment.push_back({"z'\"\\", 2'147'483'647});
  group.members.push_back(std::move(member));
  return group;
}

}  // namespace

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GroupStoreSuite);

TEST_P(GroupStoreSuite, EveryFieldComesBackAsItWasWritten) {
  const StoredGroup group = OddGroup();
  WriteOk(group, TermOf(group.group_id));
  const auto loaded = LoadOk(group.group_id);
  ASSERT_TRUE(loaded.has_value());
  ExpectSame(*loaded, group);
  EXPECT_EQ(loaded->empty_since, std::nullopt);
}

TEST_P(GroupStoreSuite, MembersComeBackByIdAndListsSorted) {
  StoredGroup group = GroupOf("g", 1, {"m2", "m1", "m10", "M"});
  group.members[0].assignment = {{"b", 1}, {"a", 10}, {"a", 9}};
  group.members[0].member.subscription.owned = {{"b", 2}, {"b", 1}};
  WriteOk(group, TermOf("g"));
  EXPECT_EQ(MemberIds("g"), (Ids{"M", "m1", "m10", "m2"}));
  const auto loaded = LoadOk("g");
  ASSERT_EQ(loaded->members.size(), 4u);
  using Partitions = std::vector<core::TopicPartition>;
  EXPECT_EQ(loaded->members[3].assignment, (Partitions{{"a", 9}, {"a", 10}, {"b", 1}}));
  EXPECT_EQ(loaded->members[3].member.subscription.owned, (Partitions{{"b", 1}, {"b", 2}}));
}

TEST_P(GroupStoreSuite, AWriteReplacesTheGroupWithItsMembers) {
  const Fence fence = TermOf("g");
  WriteOk(GroupOf("g", 1, {"a", "b", "c"}), fence);
  StoredGroup next = GroupOf("g", 2, {"b", "d"});
  next.state = GroupState::kCompletingRebalance;
  next.protocol = "sticky";
  next.members[0].assignment = {{"orders", 3}};
  next.members[0].client_id = "another";
  WriteOk(next, fence);
  const auto loaded = LoadOk("g");
  ASSERT_TRUE(loaded.has_value());
  ExpectSame(*loaded, next);
  WriteOk(EmptyGroup("g", 3), fence);
  EXPECT_EQ(MemberIds("g"), Ids{});
}

TEST_P(GroupStoreSuite, GroupsThatCannotBeStoredAreRefusedWhole) {
  const Fence fence = TermOf("g");
  WriteOk(GroupOf("g", 1, {"a"}), fence);
  for (const GroupState state : {GroupState::kPreparingRebalance, GroupState::kDead}) {
    StoredGroup group = GroupOf("g", 2, {"b"});
    group.state = state;
    ExpectError(store().Write(group, fence, Soon()), ErrorCode::kInvalidRequest);
  }
  StoredGroup group = GroupOf("g", 2, {"b"});
  group.members[0].assignment = {{"\xFF", 1}};
  ExpectError(store().Write(group, fence, Soon()), ErrorCode::kInvalidRequest);
  EXPECT_EQ(MemberIds("g"), Ids{"a"});
}

TEST_P(GroupStoreSuite, AnOldTermChangesNothing) {
  const Fence old = TermOf("g");
  WriteOk(GroupOf("g", 1, {"a"}), old);
  const Fence now = TermOf("g");
  ExpectError(store().Write(GroupOf("g", 2, {"b"}), old, Soon()), ErrorCode::kFenced);
  ExpectError(store().Write(EmptyGroup("new", 1), old, Soon()), ErrorCode::kFenced);
  EXPECT_EQ(LoadOk("g")->generation, Generation{1});
  EXPECT_EQ(MemberIds("g"), Ids{"a"});
  EXPECT_EQ(HistoryOk("g").size(), 1u);
  EXPECT_EQ(LoadOk("new"), std::nullopt);

  WriteOk(EmptyGroup("g", 2), now);
  ExpectError(store().Delete("g", old, Note(), Soon()), ErrorCode::kFenced);
  ExpectError(store().Delete("nobody", old, Note(), Soon()), ErrorCode::kFenced);
  EXPECT_TRUE(LoadOk("g").has_value());
}

TEST_P(GroupStoreSuite, ATermThatHasNotBegunOrALeaseThatIsNotThereIsFenced) {
  Fence fence = TermOf("g");
  fence.token = FencingToken{fence.token.value + 1};
  ExpectError(store().Write(GroupOf("g", 1, {"a"}), fence, Soon()), ErrorCode::kFenced);
  ExpectError(store().Write(GroupOf("g", 1, {"a"}), {"no-such-lease", FencingToken{1}}, Soon()),
              ErrorCode::kFenced);
  EXPECT_EQ(LoadOk("g"), std::nullopt);
}

TEST_P(GroupStoreSuite, ARowOfANewerTermIsNotOverwrittenUnderAnotherLeasesOldOne) {
  TermOf("g");
  const Fence second = TermOf("g");
  WriteOk(GroupOf("g", 1, {"a"}), second);
  const Fence first = under_test_->NewTerm("another-lease");
  ASSERT_LT(first.token, second.token);
  ExpectError(store().Write(GroupOf("g", 2, {"b"}), first, Soon()), ErrorCode::kFenced);
  ExpectError(store().Delete("g", first, Note(), Soon()), ErrorCode::kFenced);
  EXPECT_EQ(MemberIds("g"), Ids{"a"});
}

TEST_P(GroupStoreSuite, RepeatingAWriteIsHarmless) {
  const Fence fence = TermOf("g");
  StoredGroup group = GroupOf("g", 5, {"a", "b"});
  group.reason = "joined";
  group.moved = 2;
  WriteOk(group, fence);
  Advance(1'000);
  WriteOk(group, fence);
  WriteOk(group, TermOf("g"));
  ExpectSame(*LoadOk("g"), group);
  const auto history = HistoryOk("g");
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0].reason, "joined");
}

TEST_P(GroupStoreSuite, HistoryHasEveryStableGenerationOnceNewestFirst) {
  const Fence fence = TermOf("g");
  StoredGroup group = GroupOf("g", 1, {"a", "b"});
  group.reason = std::string(254, 'r') + "\xC3\xA9";
  group.moved = 7;
  group.state = GroupState::kCompletingRebalance;
  WriteOk(group, fence);
  EXPECT_TRUE(HistoryOk("g").empty());
  EXPECT_EQ(LoadOk("g")->reason, "");
  group.state = GroupState::kStable;
  WriteOk(group, fence);
  Advance(1'500);
  WriteOk(GroupOf("g", 2, {"a"}), fence);
  WriteOk(EmptyGroup("g", 3), fence);

  const auto history = HistoryOk("g");
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].generation, Generation{2});
  EXPECT_EQ(history[0].members, 1);
  EXPECT_EQ(history[1].generation, Generation{1});
  EXPECT_EQ(history[1].members, 2);
  EXPECT_EQ(history[1].moved, 7);
  EXPECT_EQ(history[1].reason, std::string(254, 'r'));
  EXPECT_EQ(history[0].at.micros - history[1].at.micros, 1'500'000);
  ASSERT_EQ(HistoryOk("g", 1).size(), 1u);
  EXPECT_EQ(HistoryOk("g", 1)[0].generation, Generation{2});
  EXPECT_TRUE(HistoryOk("g", 0).empty());
  EXPECT_TRUE(HistoryOk("nobody").empty());
}

TEST_P(GroupStoreSuite, TheNewest100RebalancesAreKept) {
  const Fence fence = TermOf("g");
  WriteOk(GroupOf("other", 1, {"a"}), TermOf("other"));
  for (int i = 1; i <= 103; ++i) WriteOk(GroupOf("g", i, {"a"}), fence);
  const auto history = HistoryOk("g");
  ASSERT_EQ(history.size(), 100u);
  EXPECT_EQ(history.front().generation, Generation{103});
  EXPECT_EQ(history.back().generation, Generation{4});
  EXPECT_EQ(HistoryOk("other").size(), 1u);
}

TEST_P(GroupStoreSuite, OnlyGroupsWithoutMembersAreDeleted) {
  const Fence fence = TermOf("g");
  WriteOk(GroupOf("g", 1, {"a"}), fence);
  ExpectError(store().Delete("g", fence, Note(), Soon()), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(MemberIds("g"), Ids{"a"});
  WriteOk(EmptyGroup("g", 2), fence);
  EXPECT_TRUE(store().Delete("g", fence, Note(), Soon()).ok());
  EXPECT_EQ(LoadOk("g"), std::nullopt);
  EXPECT_TRUE(HistoryOk("g").empty());
  EXPECT_TRUE(store().Delete("g", fence, Note(), Soon()).ok());  // Again: harmless.

  WriteOk(GroupOf("g", 1, {"b"}), fence);  // A new group of the name starts anew.
  EXPECT_EQ(MemberIds("g"), Ids{"b"});
  EXPECT_EQ(HistoryOk("g").size(), 1u);
}

TEST_P(GroupStoreSuite, ADeletedGroupIsAuditedOnce) {
  const Fence fence = TermOf("g");
  WriteOk(GroupOf("g", 4, {"a"}), fence);
  ExpectError(store().Delete("g", fence, Note(), Soon()), ErrorCode::kFailedPrecondition);
  StoredGroup empty = EmptyGroup("g", 5);
  empty.protocol = "range";
  WriteOk(empty, fence);
  Fence old = fence;
  old.token = FencingToken{fence.token.value + 1};
  ExpectError(store().Delete("g", old, Note(), Soon()), ErrorCode::kFenced);
  EXPECT_TRUE(store().Delete("nobody", TermOf("nobody"), Note(), Soon()).ok());
  EXPECT_TRUE(under_test_->Audited().empty());

  const Fence now = TermOf("g");
  EXPECT_TRUE(store().Delete("g", now, Note("not used any more"), Soon()).ok());
  EXPECT_TRUE(store().Delete("g", now, Note(), Soon()).ok());
  const auto events = under_test_->Audited();
  ExpectOne(events, "group", "g", Note("not used any more"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].change.before_json, R"({"generation":5,"protocol":"range"})");
  EXPECT_EQ(events[0].change.after_json, "");
}

TEST_P(GroupStoreSuite, ASlotHasItsGroupsAndNoOthers) {
  const Ids in_slot = InOneSlot(3);
  const int slot = core::GroupSlot(in_slot[0]);
  std::string other = "other-0";
  for (int i = 1; core::GroupSlot(other) == slot; ++i) other = "other-" + std::to_string(i);
  const Fence fence = TermOf(in_slot[0]);
  WriteOk(GroupOf(in_slot[2], 1, {"a", "b"}), fence);
  WriteOk(EmptyGroup(in_slot[0], 4), fence);
  WriteOk(GroupOf(in_slot[1], 2, {"a"}), fence);
  WriteOk(GroupOf(other, 1, {"a"}), TermOf(other));

  const auto loaded = store().LoadSlot(slot, Soon());
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  std::map<std::string, std::size_t> members;
  for (const StoredGroup& group : *loaded) members[group.group_id] = group.members.size();
  const std::map<std::string, std::size_t> expected = {
      {in_slot[0], 0}, {in_slot[1], 1}, {in_slot[2], 2}};
  EXPECT_EQ(members, expected);
  EXPECT_EQ(loaded->size(), 3u);
  EXPECT_TRUE(store().LoadSlot((slot + 1) % core::kGroupSlots, Soon()).ok());
  EXPECT_EQ(LoadOk("nobody"), std::nullopt);
}

TEST_P(GroupStoreSuite, ListShowsEveryGroupById) {
  WriteOk(GroupOf("b", 7, {"x", "y"}), TermOf("b"));
  WriteOk(EmptyGroup("a", 3), TermOf("a"));
  const auto groups = store().List(Soon());
  ASSERT_TRUE(groups.ok()) << groups.error().ToString();
  ASSERT_EQ(groups->size(), 2u);
  const auto& [a, b] = std::tie((*groups)[0], (*groups)[1]);
  EXPECT_EQ(a.group_id, "a");
  EXPECT_EQ(a.state, GroupState::kEmpty);
  EXPECT_EQ(a.members, 0);
  EXPECT_TRUE(a.empty_since.has_value());
  EXPECT_EQ(b.group_id, "b");
  EXPECT_EQ(b.state, GroupState::kStable);
  EXPECT_EQ(b.generation, Generation{7});
  EXPECT_EQ(b.protocol, "range");
  EXPECT_EQ(b.members, 2);
  EXPECT_EQ(b.empty_since, std::nullopt);
}

TEST_P(GroupStoreSuite, TheDatabasesClockSaysSinceWhenAGroupIsEmpty) {
  const Fence fence = TermOf("g");
  StoredGroup empty = EmptyGroup("g", 1);
  empty.empty_since = WallTime{1};  // Not looked at.
  WriteOk(empty, fence);
  const auto since = LoadOk("g")->empty_since;
  ASSERT_TRUE(since.has_value());
  Advance(1'000);
  WriteOk(EmptyGroup("g", 2), fence);
  EXPECT_EQ(LoadOk("g")->empty_since, since);  // Still the same emptiness.
  EXPECT_EQ(EmptyFor(1'000), Ids{});
  Advance(1);
  EXPECT_EQ(EmptyFor(1'000), Ids{"g"});

  WriteOk(GroupOf("g", 3, {"a"}), fence);
  EXPECT_EQ(LoadOk("g")->empty_since, std::nullopt);
  EXPECT_EQ(EmptyFor(0), Ids{});
  Advance(500);
  WriteOk(EmptyGroup("g", 4), fence);
  EXPECT_EQ(LoadOk("g")->empty_since->micros - since->micros, 1'501'000);
}

TEST_P(GroupStoreSuite, TheLongestEmptyGroupsComeFirst) {
  WriteOk(EmptyGroup("z", 1), TermOf("z"));
  Advance(10);
  WriteOk(EmptyGroup("a", 1), TermOf("a"));
  Advance(10);
  WriteOk(GroupOf("full", 1, {"m"}), TermOf("full"));
  EXPECT_EQ(EmptyFor(5), (Ids{"z", "a"}));
  EXPECT_EQ(EmptyFor(15), Ids{"z"});
  EXPECT_EQ(EmptyFor(20), Ids{});
}

}  // namespace lanemq::testing
