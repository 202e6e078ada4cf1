// What happens to a group when its coordinator, or the database behind it, goes away.
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lanemq_types.h"
#include "tests/groups/groups_test_fixture.h"

namespace lanemq::groups {
namespace {

using checker::GroupEventKind;
using std::chrono_literals::operator""s;
using testing::WaitFor;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

class CoordinatorTroubleTest : public GroupsTest {
 protected:
  /// Index of the metaserver that coordinates the group; -1: none says so.
  int Coordinator(int metaservers) {
    idl::FindCoordinatorRequest request;
    request.group = rig_->group();
    for (int i = 0; i < metaservers; ++i) {
      const auto found =
          cluster_->control_plane().FindCoordinatorSync(cluster_->metaserver(i), request, In(2s));
      if (!found.ok()) continue;
      for (int j = 0; j < metaservers; ++j) {
        if (cluster_->metaserver(j).port == found->coordinator.port) return j;
      }
    }
    return -1;
  }
  /// The same; one that does not answer at once is asked again.
  int WaitForCoordinator() {
    int found = -1;
    EXPECT_TRUE(WaitFor([&] { return (found = Coordinator(2)) >= 0; }, 30s, "a coordinator"));
    return found;
  }
  std::int64_t Generation(int metaserver) {
    idl::DescribeGroupRequest request;
    request.group = rig_->group();
    const auto group = cluster_->control_plane().DescribeGroupSync(cluster_->metaserver(metaserver),
                                                                   request, In(5s));
    if (!group.ok()) return -1;
    return group->group.generation;
  }
  std::int64_t Sum(const std::vector<std::string>& names, GroupEventKind kind) {
    std::int64_t sum = 0;
    for (const auto& name : names) sum += rig_->CountOf(name, kind);
    return sum;
  }
};

TEST_P(CoordinatorTroubleTest, KillingItDisturbsNobodyInAStableGroupOfTwenty) {
  StartCluster({.metaservers = 2}, 40);
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back(fmt::format("m{}", i));
  StartMembers(names);
  ASSERT_TRUE(WaitForReads(200));
  const int coordinator = WaitForCoordinator();
  ASSERT_GE(coordinator, 0);
  const int other = 1 - coordinator;
  ASSERT_TRUE(WaitFor([&] { return Generation(other) > 0; }, 10s, "a stored generation"));
  const std::int64_t generation = Generation(other);
  const std::int64_t assigned = Sum(names, GroupEventKind::kAssigned);
  const std::int64_t revoked = Sum(names, GroupEventKind::kRevoked);

  const MonotonicTime start = SystemClock::Instance().Now();
  cluster_->KillMetaserver(coordinator);
  ASSERT_TRUE(WaitFor([&] { return Coordinator(2) == other; }, 30s, "another coordinator"));
  const auto took = SystemClock::Instance().Now() - start;
  // Longer than a session: who was not heard of by the new one would be out.
  ASSERT_TRUE(WaitFor([&] { return SystemClock::Instance().Now() - start > 9s; }, 30s, "9 s"));
  ASSERT_TRUE(WaitForReads(500));

  ASSERT_TRUE(WaitFor([&] { return Generation(other) > 0; }, 10s, "the generation it knows"));
  EXPECT_EQ(Generation(other), generation);
  EXPECT_EQ(Sum(names, GroupEventKind::kAssigned), assigned);
  EXPECT_EQ(Sum(names, GroupEventKind::kRevoked), revoked);
  EXPECT_EQ(Sum(names, GroupEventKind::kLost), 0);
  std::cout << fmt::format("taken over in {} ms; rebalances {}, partitions revoked {}, lost 0\n",
                           std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
                           Generation(other) - generation,
                           Sum(names, GroupEventKind::kRevoked) - revoked);
  ASSERT_TRUE(cluster_->StartMetaserver(coordinator).ok());
  Finish(true);
}

TEST_P(CoordinatorTroubleTest, WithoutTheMetadataDatabaseMembersConsumeAndCommit) {
  StartCluster({.has_own_metadata_server = true}, 6);
  cluster_->ExpectErrors("");  // Everything complains about the missing database.
  StartMembers({"a", "b"});
  ASSERT_TRUE(WaitForReads(100));
  const std::int64_t refused = Sum({"a", "b"}, GroupEventKind::kCommitFailed);
  cluster_->metadata_server().Kill();
  // Longer than a session.
  const MonotonicTime start = SystemClock::Instance().Now();
  ASSERT_TRUE(WaitFor([&] { return SystemClock::Instance().Now() - start > 9s; }, 30s, "9 s"));
  ASSERT_TRUE(WaitForReads(500));
  EXPECT_EQ(Sum({"a", "b"}, GroupEventKind::kLost), 0);
  EXPECT_EQ(Sum({"a", "b"}, GroupEventKind::kCommitFailed), refused);
  EXPECT_EQ(rig_->Holds("a") + rig_->Holds("b"), 6u);

  idl::FindCoordinatorRequest request;
  request.group = rig_->group();
  const auto found =
      cluster_->control_plane().FindCoordinatorSync(cluster_->metaserver(), request, In(10s));
  ASSERT_FALSE(found.ok()) << "it must say that groups cannot rebalance";
  std::cout << "findCoordinator says: " << found.error().ToString() << "\n";

  ASSERT_TRUE(rig_->Start("c").ok());  // Cannot join yet.
  ASSERT_TRUE(cluster_->metadata_server().StartAgain().ok());
  ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
  Finish(true);
}

TEST_P(CoordinatorTroubleTest, KilledDuringRebalances) {
  StartCluster({.metaservers = 2}, 6);
  StartMembers({"a", "b"});
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(WaitForReads(100));
    const int coordinator = WaitForCoordinator();
    ASSERT_GE(coordinator, 0);
    ASSERT_TRUE(rig_->Start("c").ok());
    cluster_->KillMetaserver(coordinator);
    ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
    ASSERT_TRUE(cluster_->StartMetaserver(coordinator).ok());
    EXPECT_EQ(rig_->Stop("c"), 0);
    ASSERT_TRUE(WaitForBalance({"a", "b"}));
  }
  Finish(true);
}

INSTANTIATE_TEST_SUITE_P(Engines, CoordinatorTroubleTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::groups
