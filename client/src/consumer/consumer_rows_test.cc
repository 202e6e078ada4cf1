// What a member does with the group's rows: claims, commits, resets, pauses.
#include <algorithm>

#include "client/src/consumer/consumer_group_test_base.h"

namespace lanemq::client {
namespace {

using ConsumerRowsTest = ConsumerGroupTest;

TEST_F(ConsumerRowsTest, AMemberClaimsItsPartitionsAndReadsFromTheCommittedOffsets) {
  cluster_.Change({"t", 1}, [](FakeCluster::Row& row) { row.offset = 50; });
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return !OffsetsOf(seen, 1).empty() && !OffsetsOf(seen, 0).empty(); },
      "read", &seen));
  EXPECT_EQ(heard->assigned.size(), 4u);
  EXPECT_EQ(*OffsetsOf(seen, 1).begin(), 50);
  EXPECT_EQ(*OffsetsOf(seen, 0).begin(), 1);
  const GroupStatus status = consumer->Group();
  EXPECT_EQ(status.state, "stable");
  EXPECT_EQ(status.problem, "");
  const FakeCluster::Row row = cluster_.Get({"t", 1});
  EXPECT_EQ(row.generation, status.generation);
  EXPECT_EQ(row.member, status.member_id);
  const std::string host = coordinator_->last_host();
  EXPECT_EQ(std::ranges::count(host, ':'), 3) << host;
  ASSERT_TRUE(consumer->CommitSync().ok());
  EXPECT_GT(cluster_.Get({"t", 1}).offset, 50);
}

TEST_F(ConsumerRowsTest, HiddenRecordsAreAnErrorAndNotHandedOut) {
  broker_->hides = true;
  const auto consumer = Subscribed(std::make_shared<Heard>());
  std::size_t read = 0;
  std::optional<Error> error;
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(std::chrono::milliseconds(10));
        if (records.ok()) {
          read += records->size();
        } else {
          error = records.error();
        }
        return error.has_value();
      },
      std::chrono::seconds(20), "the error"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kTopicAuthorizationFailed);
  EXPECT_EQ(read, 0u);
}

TEST_F(ConsumerRowsTest, AnOperatorsResetMovesTheRunningMember) {
  const auto consumer = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return seen.size() > 100; }, "read", &seen));
  cluster_.Change({"t", 2}, [](FakeCluster::Row& row) {
    row.offset = 900;
    ++row.epoch;
  });
  seen.clear();
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(seen, 2).contains(901); }, "reset", &seen));
  EXPECT_TRUE(OffsetsOf(seen, 2).contains(900));
  EXPECT_TRUE(consumer->CommitSync().ok());
  EXPECT_GT(cluster_.Get({"t", 2}).offset, 900);
}

TEST_F(ConsumerRowsTest, ALateCommitDoesNotUndoAReset) {
  const auto consumer = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(seen, 2).size() > 20; }, "read", &seen));
  cluster_.Change({"t", 2}, [](FakeCluster::Row& row) {
    row.offset = 1'001;
    ++row.epoch;
  });
  EXPECT_EQ(consumer->CommitSync({{{"t", 2}, 15}}).error().code, ErrorCode::kOffsetReset);
  EXPECT_EQ(consumer->CommitSync({{{"t", 2}, 15}}).error().code, ErrorCode::kOffsetReset);
  EXPECT_EQ(cluster_.Get({"t", 2}).offset, 1'001);
  ASSERT_TRUE(PollUntil(
      {consumer.get()},
      [&] {
        const auto position = consumer->Position({"t", 2});
        return position.ok() && *position == 1'001;
      },
      "followed"));
}

TEST_F(ConsumerRowsTest, AnOperatorsPauseHoldsRecordsBackUntilItEnds) {
  for (int p = 0; p < 4; ++p) {
    cluster_.Change({"t", p}, [](FakeCluster::Row& row) { row.is_paused = true; });
  }
  const auto consumer = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed(); }, "claimed", &seen));
  for (int i = 0; i < 20; ++i) {
    for (auto& record : PollOnce(*consumer)) seen.push_back(record);
  }
  EXPECT_TRUE(seen.empty());
  for (int p = 0; p < 4; ++p) {
    cluster_.Change({"t", p}, [](FakeCluster::Row& row) { row.is_paused = false; });
  }
  EXPECT_TRUE(PollUntil(
      {consumer.get()}, [&] { return seen.size() > 10; }, "resumed", &seen));
}

TEST_F(ConsumerRowsTest, WithoutACoordinatorItReadsAndCommitsAndSaysSo) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return !seen.empty(); }, "read", &seen));
  meta_server_.Stop();
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return !consumer->Group().problem.empty(); }, "noticed", &seen));
  seen.clear();
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return seen.size() > 100; }, "reads on", &seen));
  EXPECT_TRUE(consumer->CommitSync().ok());
  EXPECT_EQ(heard->assigned.size(), 4u);
  EXPECT_TRUE(heard->lost.empty());
  EXPECT_TRUE(consumer->Close(5s).ok());
}

TEST_F(ConsumerRowsTest, AZombiesCommitIsRefusedAndItJoinsAgain) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed(); }, "claimed"));
  // It was away so long that another member came and went.
  const std::int64_t mine = consumer->Group().generation;
  cluster_.Change({"t", 3}, [&](FakeCluster::Row& row) {
    row.generation = mine + 1;
    row.member = "other";
  });
  EXPECT_EQ(consumer->CommitSync({{{"t", 3}, 9}}).error().code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(cluster_.Get({"t", 3}).offset, -1);
  std::optional<Status> later;
  consumer->CommitAsync({{{"t", 3}, 9}}, [&](const Status& status) { later = status; });
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->lost.size() == 4 && heard->assigned.size() == 4; },
      "joined again"));
  EXPECT_GT(consumer->Group().generation, mine);
}

TEST_F(ConsumerRowsTest, WhatIsNotClaimedYetIsCommittedAfterTheClaimAndCostsNothing) {
  broker_->claims_late = true;
  for (int p = 0; p < 4; ++p) {
    cluster_.Change({"t", p}, [](FakeCluster::Row& row) {
      row.offset = 50;
      row.generation = 1;
      row.member = "former";
    });
  }
  const auto heard = std::make_shared<Heard>();
  ConsumerOptions options = Options();
  options.enable_auto_commit = true;
  options.auto_commit_interval = 10ms;
  const auto consumer = Subscribed(heard, options);
  std::optional<Status> later;
  heard->on_assigned = [&](const std::vector<TopicPartition>& partitions) {
    for (const auto& id : partitions) EXPECT_TRUE(consumer->Seek(id, 700).ok());
    consumer->CommitAsync({{{"t", 0}, 600}}, [&](const Status& status) { later = status; });
    EXPECT_TRUE(consumer->CommitSync().ok());
    for (const auto& id : partitions) EXPECT_EQ(cluster_.Get(id).offset, 700);
  };
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(seen, 0).contains(710) && later; }, "read", &seen));
  ASSERT_FALSE(later->ok());
  EXPECT_EQ(later->error().code, ErrorCode::kRebalanceInProgress);
  EXPECT_TRUE(heard->lost.empty());
}

TEST_F(ConsumerRowsTest, CommitsUnderWayAreAnsweredBeforeItLeaves) {
  for (const bool is_member : {true, false}) {
    const auto consumer = Make(Options());
    if (is_member) {
      ASSERT_TRUE(consumer->Subscribe({"t"}).ok());
      ASSERT_TRUE(PollUntil(
          {consumer.get()},
          [&] {
            return consumer->Position({"t", 1}).ok();
          },
          "claimed"));
    } else {
      cluster_.Change({"t", 1}, [](FakeCluster::Row& row) { row = {}; });
      ASSERT_TRUE(consumer->Assign({{"t", 1}}).ok());
      ASSERT_TRUE(consumer->Position({"t", 1}).ok());
    }
    std::vector<ErrorCode> codes;
    int ok = 0;
    for (int i = 1; i <= 100; ++i) {
      consumer->CommitAsync({{{"t", 1}, i}}, [&](const Status& status) {
        ok += status.ok() ? 1 : 0;
        if (!status.ok()) codes.push_back(status.error().code);
      });
    }
    EXPECT_TRUE(consumer->Close(10s).ok());
    EXPECT_EQ(ok, 100) << is_member << " " << codes.size();
    EXPECT_EQ(cluster_.Get({"t", 1}).offset, 100);
  }
}

TEST_F(ConsumerRowsTest, ANewMemberIdClaimsEverythingAgainAndCommitsAsItself) {
  for (const bool is_static : {false, true}) {
    ConsumerOptions options = Options();
    if (is_static) options.group_instance_id = "worker-1";
    const auto heard = std::make_shared<Heard>();
    const auto consumer = Subscribed(heard, options);
    const auto is_owner = [&](const std::string& not_as) {
      const std::string id = consumer->Group().member_id;
      for (int p = 0; p < 4; ++p) {
        if (id.empty() || id == not_as || cluster_.Get({"t", p}).member != id) return false;
      }
      return consumer->CommitSync({{{"t", 0}, 9}, {{"t", 3}, 9}}).ok();
    };
    ASSERT_TRUE(PollUntil(
        {consumer.get()}, [&] { return is_owner(""); }, "claimed"));
    const std::string former = consumer->Group().member_id;
    if (is_static) {
      ASSERT_TRUE(consumer->Unsubscribe().ok());
      ASSERT_TRUE(consumer->Subscribe({"t"}, heard).ok());
    } else {
      coordinator_->Expel(former);
    }
    ASSERT_TRUE(PollUntil(
        {consumer.get()}, [&] { return is_owner(former); }, "claimed again"));
    EXPECT_EQ(heard->lost.empty(), is_static);
    EXPECT_TRUE(consumer->Close(5s).ok());
  }
}

TEST_F(ConsumerRowsTest, RowsThatOutlivedTheirGroupHoldNobodyUp) {
  for (int p = 0; p < 4; ++p) {
    cluster_.Change({"t", p}, [&](FakeCluster::Row& row) {
      row.generation = 1'000 + p;
      row.member = "former";
      row.offset = 50;
    });
  }
  const auto consumer = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed() && !OffsetsOf(seen, 3).empty(); }, "read",
      &seen));
  EXPECT_EQ(*OffsetsOf(seen, 3).begin(), 50);
  EXPECT_EQ(consumer->Group().generation, 1'004);
}

TEST_F(ConsumerRowsTest, ASeekOfTheListenerStandsAndThePartitionIsClaimed) {
  cluster_.Change({"t", 0}, [](FakeCluster::Row& row) { row.offset = 50; });
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  heard->on_assigned = [&](const std::vector<TopicPartition>& partitions) {
    for (const auto& id : partitions) {
      EXPECT_TRUE(consumer->Seek(id, 700).ok());
      EXPECT_TRUE(consumer->CommitSync({{id, 700}}).ok()) << "after the claim";
    }
  };
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(seen, 0).contains(700); }, "sought", &seen));
  EXPECT_EQ(*OffsetsOf(seen, 0).begin(), 700);
  EXPECT_EQ(cluster_.Get({"t", 0}).member, consumer->Group().member_id);
}

}  // namespace
}  // namespace lanemq::client
