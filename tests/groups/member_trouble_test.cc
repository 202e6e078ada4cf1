#include <csignal>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lanemq_types.h"
#include "tests/groups/groups_test_fixture.h"

namespace lanemq::groups {
namespace {

using checker::GroupEventKind;
using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr std::int32_t kPartitions = 6;

// Members come, go, die and freeze while records keep coming.
class MemberTroubleTest : public GroupsTest {
 protected:
  using RowsByPartition = std::map<std::int32_t, idl::FetchOffsetsPartitionResult>;

  void SetUp() override { StartCluster({}, kPartitions); }
  static Deadline Soon() { return Deadline::After(SystemClock::Instance(), 20s); }

  RowsByPartition Rows() {
    idl::FetchOffsetsRequest request;
    request.group = rig_->group();
    const auto reply =
        cluster_->data_plane().FetchOffsetsSync(cluster_->broker(0), request, Soon());
    EXPECT_TRUE(reply.ok());
    RowsByPartition rows;
    if (!reply.ok()) return rows;
    for (const auto& row : reply->partitions) rows[row.partition] = row;
    return rows;
  }
  /// Rows are given to their new owner a moment after it was assigned their partitions: waits until
  /// the members own as many as `shares` says, and returns the rows.
  RowsByPartition WaitForOwners(const std::vector<int>& shares) {
    RowsByPartition rows;
    EXPECT_TRUE(WaitFor(
        [&] {
          rows = Rows();
          std::map<std::string, int> owned;
          for (const auto& [partition, row] : rows) ++owned[row.member_id];
          std::vector<int> counts;
          for (const auto& [member, count] : owned) counts.push_back(count);
          return counts == shares;
        },
        40s, "rows that belong to their owners"));
    return rows;
  }
  /// Commits offset 1 as those who owned the partitions then and do not now: must be refused and
  /// change nothing. How many that were.
  int CommitAsZombies(const RowsByPartition& then) {
    int zombies = 0;
    for (const auto& [partition, now] : Rows()) {
      const auto& was = then.at(partition);
      if (was.member_id == now.member_id) continue;
      ++zombies;
      for (const std::int64_t generation : {was.generation, now.generation}) {
        idl::CommitOffsetsRequest request;
        request.group = rig_->group();
        request.__set_generation(generation);
        request.__set_member_id(was.member_id);
        idl::CommitPartition& commit = request.partitions.emplace_back();
        commit.topic = "jobs";
        commit.partition = partition;
        commit.offset = 1;
        const auto reply =
            cluster_->data_plane().CommitOffsetsSync(cluster_->broker(1), request, Soon());
        EXPECT_TRUE(reply.ok() &&
                    reply->partitions.at(0).error.code == idl::ErrorCode::ILLEGAL_GENERATION);
      }
      const auto after = Rows()[partition];
      EXPECT_GE(after.offset, now.offset);
      EXPECT_EQ(after.member_id, now.member_id);
    }
    return zombies;
  }
};

TEST_P(MemberTroubleTest, RollingRestartRepeatsNothing) {
  StartMembers({"a", "b", "c"});
  for (const std::string name : {"a", "b", "c"}) {
    ASSERT_TRUE(WaitForReads(100));
    EXPECT_EQ(rig_->Stop(name), 0);
    ASSERT_TRUE(rig_->Start(name).ok());
    ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
  }
  Finish(true);
}

TEST_P(MemberTroubleTest, KilledMembersLoseNothing) {
  StartMembers({"a", "b", "c"});
  for (const std::string name : {"a", "b"}) {
    ASSERT_TRUE(WaitForReads(100));
    rig_->Kill(name);
    ASSERT_TRUE(rig_->Start(name).ok());
    ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
  }
  Finish(false);
}

TEST_P(MemberTroubleTest, FrozenMemberCommitsNothingWhenItThaws) {
  StartMembers({"a", "b"});
  ASSERT_TRUE(WaitForReads(100));
  const auto refused = rig_->CountOf("a", GroupEventKind::kCommitFailed);
  const auto before = WaitForOwners({kPartitions / 2, kPartitions / 2});
  rig_->process("a").Signal(SIGSTOP);
  ASSERT_TRUE(WaitFor([&] { return rig_->Holds("b") == kPartitions; }, 40s, "b has everything"));
  ASSERT_TRUE(WaitForReads(100));
  (void)WaitForOwners({kPartitions});
  EXPECT_EQ(CommitAsZombies(before), kPartitions / 2);
  rig_->process("a").Signal(SIGCONT);
  ASSERT_TRUE(WaitFor([&] { return rig_->CountOf("a", GroupEventKind::kLost) == kPartitions / 2; },
                      40s, "a knows what it has lost"));
  ASSERT_TRUE(WaitForBalance({"a", "b"}));
  std::cout << "refused commits of the frozen member: "
            << rig_->CountOf("a", GroupEventKind::kCommitFailed) - refused << "\n";
  Finish(false);
}

TEST_P(MemberTroubleTest, SurplusMemberStandsByAndTakesOver) {
  StartMembers({"a", "b", "c", "d", "e", "f"});
  ASSERT_TRUE(rig_->Start("standby").ok());
  ASSERT_TRUE(WaitForReads(200));
  EXPECT_EQ(rig_->Holds("standby"), 0u);
  EXPECT_EQ(rig_->Stop("a"), 0);
  ASSERT_TRUE(WaitFor([&] { return rig_->Holds("standby") == 1; }, 40s, "the standby took over"));
  Finish(true);
}

TEST_P(MemberTroubleTest, StaticMemberRestartedInItsSessionMovesNothing) {
  const auto start = [&](const std::string& name) {
    return rig_->Start(name, {.instance_id = "static-" + name, .session_timeout_ms = 20'000});
  };
  for (const std::string name : {"a", "b", "c"}) ASSERT_TRUE(start(name).ok());
  ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
  const auto revoked = [&] {
    return rig_->CountOf("b", GroupEventKind::kRevoked) +
           rig_->CountOf("c", GroupEventKind::kRevoked);
  };
  const std::int64_t before = revoked();
  rig_->Kill("a");
  ASSERT_TRUE(start("a").ok());
  ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
  ASSERT_TRUE(WaitForReads(200));
  EXPECT_EQ(revoked(), before);
  Finish(false);
}

INSTANTIATE_TEST_SUITE_P(Engines, MemberTroubleTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::groups
