// Size, concurrency and damage: what every GroupStore must bear.
#include <thread>

#include "tests/conformance/group_store_suite.h"

namespace lanemq::testing {
namespace {

using core::Fence;
using core::Generation;
using core::StoredGroup;
using core::StoredMember;
using std::chrono::milliseconds;
using Ids = std::vector<std::string>;

}  // namespace

TEST_P(GroupStoreSuite, AThousandMembersAreWrittenAndReadWithoutDelay) {
  Ids ids;
  for (int i = 0; i < 1'000; ++i) ids.push_back("member-" + std::to_string(10'000 + i));
  StoredGroup group = GroupOf("g", 1, ids);
  for (int i = 0; i < 1'000; ++i) {
    for (int topic = 0; topic < 10; ++topic) {
      group.members[i].assignment.push_back({"topic-" + std::to_string(topic), i});
    }
  }
  const Fence fence = TermOf("g");
  const MonotonicTime start = SystemClock::Instance().Now();
  WriteOk(group, fence);
  const auto loaded = LoadOk("g");
  group.generation = Generation{2};
  for (StoredMember& member : group.members) member.member.subscription.owned = member.assignment;
  WriteOk(group, fence);
  WriteOk(GroupOf("g", 3, {"member-10007", "new"}), fence);  // 999 go at once.
  const auto took = SystemClock::Instance().Now() - start;
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->members.size(), 1'000u);
  EXPECT_EQ(MemberIds("g"), (Ids{"member-10007", "new"}));
  RecordProperty("took_ms",
                 static_cast<int>(std::chrono::duration_cast<milliseconds>(took).count()));
  EXPECT_LT(took, std::chrono::seconds{8});  // About 0.3 s; machines may be busy.
}

TEST_P(GroupStoreSuite, WritersOfDifferentGroupsOfASlotDoNotDisturbEachOther) {
  constexpr int kRounds = 40;
  const Ids groups = InOneSlot(4);
  const Fence fence = TermOf(groups[0]);
  std::vector<std::thread> threads;
  for (const std::string& group_id : groups) {
    threads.emplace_back([&, group_id] {
      for (int i = 1; i <= kRounds; ++i) {
        Ids members = {"stays", "m" + std::to_string(i), "m" + std::to_string(i + 1)};
        WriteOk(GroupOf(group_id, i, members), fence);
        if (i % 10 != 0) continue;
        WriteOk(EmptyGroup(group_id, i), fence);
        const Status deleted = store().Delete(group_id, fence, Note(), Soon());
        EXPECT_TRUE(deleted.ok()) << deleted.error().ToString();
      }
      WriteOk(GroupOf(group_id, kRounds, {"last-" + group_id}), fence);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(under_test_->LostRaces(), 0);
  for (const std::string& group_id : groups) {
    EXPECT_EQ(MemberIds(group_id), Ids{"last-" + group_id});
    EXPECT_EQ(HistoryOk(group_id).size(), 1u);
  }
}

TEST_P(GroupStoreSuite, TermsThatChangeWhileOthersWriteLeaveTheNewestTermsGroup) {
  Fence fence = TermOf("g");
  for (int term = 1; term <= 10; ++term) {
    const Fence mine = fence;
    std::thread writer([&, mine, term] {
      for (int i = 1; i <= 200; ++i) {
        const Status written = store().Write(
            GroupOf("g", term * 1'000 + i, {"of-" + std::to_string(term)}), mine, Soon());
        if (written.ok()) continue;
        EXPECT_EQ(written.error().code, ErrorCode::kFenced) << written.error().ToString();
        return;
      }
    });
    fence = TermOf("g");
    // From here on the old term writes no more, whatever its writer still tries.
    WriteOk(GroupOf("g", term * 1'000 + 999, {"new-" + std::to_string(term)}), fence);
    EXPECT_EQ(MemberIds("g"), Ids{"new-" + std::to_string(term)});
    writer.join();
    EXPECT_EQ(MemberIds("g"), Ids{"new-" + std::to_string(term)});
  }
}

TEST_P(GroupStoreSuite, ADamagedRowIsAnErrorThatNamesGroupAndColumn) {
  const Fence fence = TermOf("g");
  for (const char* column : {"protocols", "topics", "owned", "assignment"}) {
    WriteOk(GroupOf("g", 1, {"a"}), fence);
    const std::string update = std::string("UPDATE group_members SET ") + column + "='[1'";
    if (!under_test_->Damage(update)) break;  // The fake has no rows.
    const auto loaded = store().Load("g", Soon());
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruptMessage);
    EXPECT_NE(loaded.error().message.find("'g'"), std::string::npos) << loaded.error().message;
    EXPECT_NE(loaded.error().message.find(column), std::string::npos) << loaded.error().message;
    EXPECT_FALSE(store().LoadSlot(core::GroupSlot("g"), Soon()).ok());
  }
  WriteOk(GroupOf("g", 1, {"a"}), fence);  // A write mends it.
  EXPECT_EQ(MemberIds("g"), Ids{"a"});
}

}  // namespace lanemq::testing
