// What operators do to a group that is at work: add partitions, reset offsets, pause it.
#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lanemq_types.h"
#include "tests/groups/groups_test_fixture.h"

namespace lanemq::groups {
namespace {

using checker::GroupEvent;
using checker::GroupEventKind;
using std::chrono_literals::operator""s;
using testing::WaitFor;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

class OperatorTest : public GroupsTest {
 protected:
  void SetUp() override { StartCluster({}, 4); }

  /// Events of all members of one kind and partition, by time.
  std::vector<GroupEvent> EventsOf(GroupEventKind kind, std::int32_t partition) {
    std::vector<GroupEvent> events;
    for (const auto& log : rig_->Logs()) {
      for (const auto& event : log.events) {
        if (event.kind == kind && event.partition == partition) events.push_back(event);
      }
    }
    std::sort(events.begin(), events.end(),
              [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
    return events;
  }
  /// The longest time between two records of a partition, in nanoseconds.
  struct Gaps {
    std::int64_t kept = 0;   ///< Where the owner stayed.
    std::int64_t moved = 0;  ///< Where it changed.
  };
  Gaps GapsSince(std::int64_t at) {
    Gaps gaps;
    for (std::int32_t partition = 0; partition < partitions_; ++partition) {
      const bool is_moved =
          std::ranges::any_of(EventsOf(GroupEventKind::kRevoked, partition),
                              [&](const auto& event) { return event.at_ns > at; });
      std::int64_t last = 0;
      for (const auto& event : EventsOf(GroupEventKind::kRead, partition)) {
        std::int64_t& largest = is_moved ? gaps.moved : gaps.kept;
        if (last > at) largest = std::max(largest, event.at_ns - last);
        last = event.at_ns;
      }
    }
    return gaps;
  }
  idl::PauseGroupRequest PauseOf(bool is_paused) {
    idl::PauseGroupRequest request;
    request.group = rig_->group();
    request.is_paused = is_paused;
    request.__set_reason("disk full downstream");
    request.__set_requested_by("ops");
    return request;
  }
};

TEST_P(OperatorTest, PartitionsAreAddedWhileItRuns) {
  StartMembers({"a", "b"});
  ASSERT_TRUE(WaitForReads(100));
  idl::AddPartitionsRequest request;
  request.name = "jobs";
  request.partitions = 8;
  const auto added =
      cluster_->control_plane().AddPartitionsSync(cluster_->metaserver(), request, In(30s));
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  partitions_ = 8;
  ASSERT_TRUE(WaitForBalance({"a", "b"}));
  rig_->set_partitions(8);
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto ends = rig_->Ends();
        return ends.ok() && ends->size() == 8 &&
               std::ranges::all_of(*ends, [](const auto& end) { return end.second > 1; });
      },
      40s, "records in every partition"));
  ASSERT_TRUE(WaitForReads(500));
  Finish(true);
}

TEST_P(OperatorTest, ResetMovesRunningMembersWithinTwoSeconds) {
  StartMembers({"a", "b"});
  ASSERT_TRUE(WaitForReads(500));
  const auto revoked = EventsOf(GroupEventKind::kRevoked, 1).size();
  idl::ResetOffsetsRequest request;
  request.group = rig_->group();
  idl::ResetPartition& wanted = request.partitions.emplace_back();
  wanted.topic = "jobs";
  wanted.partition = 1;
  wanted.offset = 1;
  request.__set_reason("handler had a bug");
  request.__set_requested_by("ops");
  const std::int64_t at = SystemClock::Instance().Now().since_start.count();
  const auto reset = cluster_->data_plane().ResetOffsetsSync(cluster_->broker(0), request, In(10s));
  ASSERT_TRUE(reset.ok()) << reset.error().ToString();
  ASSERT_FALSE(reset->partitions.at(0).__isset.error) << reset->partitions[0].error.message;
  EXPECT_EQ(reset->partitions[0].new_offset, 1);
  EXPECT_GT(reset->partitions[0].old_offset, 1);

  std::int64_t seen = 0;
  ASSERT_TRUE(WaitFor(
      [&] {
        for (const auto& event : EventsOf(GroupEventKind::kRead, 1)) {
          if (event.at_ns > at && event.offset == 1) seen = event.at_ns;
        }
        return seen > 0;
      },
      10s, "reads from the new position"));
  std::cout << fmt::format("went on from the new position after {} ms\n", (seen - at) / 1'000'000);
  EXPECT_LT(seen - at, 2'000'000'000);
  EXPECT_EQ(EventsOf(GroupEventKind::kRevoked, 1).size(), revoked) << "it left the group";

  idl::ListOffsetResetsRequest list;
  list.group = rig_->group();
  const auto resets =
      cluster_->data_plane().ListOffsetResetsSync(cluster_->broker(1), list, In(10s));
  ASSERT_TRUE(resets.ok()) << resets.error().ToString();
  ASSERT_EQ(resets->resets.size(), 1u);
  const idl::OffsetReset& row = resets->resets[0];
  EXPECT_EQ(row.requested_by, "ops");
  EXPECT_EQ(row.reason, "handler had a bug");
  EXPECT_EQ(row.old_offset, reset->partitions[0].old_offset);
  EXPECT_EQ(row.new_offset, 1);
  // What was committed late did not undo it: everything is read a second time.
  ASSERT_TRUE(WaitFor(
      [&] {
        std::int64_t repeated = 0;
        for (const auto& event : EventsOf(GroupEventKind::kRead, 1)) {
          if (event.at_ns > at && event.offset <= row.old_offset) ++repeated;
        }
        return repeated >= row.old_offset;
      },
      30s, "all of it read again"));
}

TEST_P(OperatorTest, PauseStopsDeliveryAndResumeLetsGo) {
  StartMembers({"a", "b"});
  ASSERT_TRUE(WaitForReads(200));
  const auto paused =
      cluster_->data_plane().PauseGroupSync(cluster_->broker(0), PauseOf(true), In(10s));
  ASSERT_TRUE(paused.ok()) << paused.error().ToString();
  // Owners look once a second, and what they were given before is still read.
  std::int64_t reads = rig_->Reads();
  MonotonicTime quiet_since = SystemClock::Instance().Now();
  ASSERT_TRUE(WaitFor(
      [&] {
        const std::int64_t before = std::exchange(reads, rig_->Reads());
        const MonotonicTime now = SystemClock::Instance().Now();
        if (reads != before) quiet_since = now;
        return now - quiet_since > 2s;
      },
      10s, "2 s without a record"))
      << "a paused group is given records";
  const auto resumed =
      cluster_->data_plane().PauseGroupSync(cluster_->broker(1), PauseOf(false), In(10s));
  ASSERT_TRUE(resumed.ok()) << resumed.error().ToString();
  ASSERT_TRUE(WaitForReads(500));
  Finish(true);
}

TEST_P(OperatorTest, PartitionsThatStayNeverStopInACooperativeJoin) {
  StartMembers({"a", "b"});
  Gaps gaps;
  // A machine that stands still for a second looks the same, but not at each of three joins.
  for (int join = 1; join <= 3; ++join) {
    ASSERT_TRUE(WaitForReads(200));
    const std::int64_t at = SystemClock::Instance().Now().since_start.count();
    ASSERT_TRUE(rig_->Start("c").ok());
    ASSERT_TRUE(WaitForBalance({"a", "b", "c"}));
    ASSERT_TRUE(WaitForReads(200));
    gaps = GapsSince(at);
    std::cout << fmt::format(
        "largest gap between two records: {} ms where the owner stayed, {} ms where it changed\n",
        gaps.kept / 1'000'000, gaps.moved / 1'000'000);
    EXPECT_GT(gaps.kept, 0);
    if (gaps.kept < 1'000'000'000 || join == 3) break;
    EXPECT_EQ(rig_->Stop("c"), 0);
    ASSERT_TRUE(WaitForBalance({"a", "b"}));
  }
  EXPECT_LT(gaps.kept, 1'000'000'000);
  Finish(true);
}

INSTANTIATE_TEST_SUITE_P(Engines, OperatorTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::groups
