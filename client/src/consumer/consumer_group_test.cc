// Who is a member, of what, and what the listener hears.
#include <stdexcept>

#include "client/src/consumer/consumer_group_test_base.h"
#include "common/base/clock.h"

namespace lanemq::client {
namespace {

TEST_F(ConsumerGroupTest, ASecondMemberGetsHalfAndFindsWhatTheFirstCommittedWhenItGaveUp) {
  const auto first_heard = std::make_shared<Heard>();
  const auto first = Subscribed(first_heard);
  Records first_seen;
  ASSERT_TRUE(PollUntil(
      {first.get()}, [&] { return first_seen.size() > 100; }, "alone", &first_seen));
  first_heard->on_revoked = [&](const std::vector<TopicPartition>& partitions) {
    for (const TopicPartition& id : partitions) {
      const auto position = first->Position(id);
      ASSERT_TRUE(position.ok());
      EXPECT_TRUE(first->CommitSync({{id, *position}}).ok());
      EXPECT_EQ(first->Poll(0ms).error().code, ErrorCode::kFailedPrecondition);
    }
  };
  const auto second_heard = std::make_shared<Heard>();
  const auto second = Subscribed(second_heard);
  Records second_seen;
  ASSERT_TRUE(PollUntil(
      {first.get(), second.get()},
      [&] { return second_heard->assigned.size() == 2 && first_heard->assigned.size() == 2; },
      "shared"));
  ASSERT_TRUE(PollUntil(
      {second.get()}, [&] { return second_seen.size() > 10; }, "second reads", &second_seen));
  EXPECT_EQ(first_heard->revoked, second_heard->assigned);
  EXPECT_TRUE(first_heard->lost.empty());
  for (const TopicPartition& id : second_heard->assigned) {
    const FakeCluster::Row row = cluster_.Get(id);
    EXPECT_EQ(row.member, second->Group().member_id);
    EXPECT_GT(row.offset, 0);
    EXPECT_EQ(first->CommitSync({{id, 1}}).error().code, ErrorCode::kIllegalGeneration);
  }
  for (const TopicPartition& id : first_heard->assigned) {
    EXPECT_EQ(cluster_.Get(id).claims, 1) << "what is kept is not claimed again";
  }
}

TEST_F(ConsumerGroupTest, ACallbackThatThrowsHoldsNothingUp) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  const TopicPartition id{"t", 1};
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return consumer->Position(id).ok(); }, "claimed"));
  int called = 0;
  consumer->CommitAsync({{id, 5}}, [](const Status&) { throw std::runtime_error("commit"); });
  consumer->CommitAsync({{id, 6}}, [&](const Status&) { ++called; });
  EXPECT_THROW((void)consumer->Unsubscribe(), std::runtime_error);
  EXPECT_TRUE(consumer->Unsubscribe().ok());
  EXPECT_TRUE(testing::WaitFor([&] { return coordinator_->Group().members.empty(); }, 5s, "left"));
  heard->assigned.clear();
  ASSERT_TRUE(consumer->Subscribe({"t"}, heard).ok());
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 4; }, "back"));
  EXPECT_EQ(called, 1);
  heard->on_revoked = [](const auto&) { throw std::runtime_error("listener"); };
  EXPECT_THROW((void)consumer->Close(5s), std::runtime_error);
  EXPECT_TRUE(consumer->Close(5s).ok());
  EXPECT_EQ(consumer->Poll(0ms).error().code, ErrorCode::kClosed);
}

TEST_F(ConsumerGroupTest, CloseCommitsAutomaticallyAndLeaves) {
  ConsumerOptions options = Options();
  options.enable_auto_commit = true;
  options.auto_commit_interval = 1h;
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard, options);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return seen.size() > 100; }, "read", &seen));
  ASSERT_TRUE(consumer->Close(10s).ok());
  EXPECT_EQ(heard->revoked.size(), 4u);
  for (int p = 0; p < 4; ++p) {
    const auto offsets = OffsetsOf(seen, p);
    EXPECT_EQ(cluster_.Get({"t", p}).offset, offsets.empty() ? 1 : *offsets.rbegin() + 1) << p;
  }
  EXPECT_TRUE(coordinator_->Group().members.empty());
  EXPECT_EQ(consumer->Poll(0ms).error().code, ErrorCode::kClosed);
  EXPECT_TRUE(consumer->Close(1s).ok());
}

TEST_F(ConsumerGroupTest, ADestructorLeavesWithoutACommit) {
  ConsumerOptions options = Options();
  options.enable_auto_commit = true;
  options.auto_commit_interval = 1h;
  const auto heard = std::make_shared<Heard>();
  auto consumer = Subscribed(heard, options);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return seen.size() > 10; }, "read", &seen));
  consumer.reset();
  EXPECT_TRUE(coordinator_->Group().members.empty());
  EXPECT_TRUE(heard->revoked.empty());
  for (int p = 0; p < 4; ++p) EXPECT_EQ(cluster_.Get({"t", p}).offset, -1);
}

TEST_F(ConsumerGroupTest, ASlowApplicationKeepsItsPartitionsUntilTheMaxPollInterval) {
  ConsumerOptions options = Options();
  options.session_timeout = 800ms;
  options.max_poll_interval = 4s;
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard, options);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 4; }, "joined"));
  const Deadline two_seconds = Deadline::After(SystemClock::Instance(), 2s);
  ASSERT_TRUE(testing::WaitFor([&] { return two_seconds.HasPassed(SystemClock::Instance()); }, 5s,
                               "two sessions"));
  EXPECT_EQ(coordinator_->Group().members.size(), 1u) << "heartbeats go on";
  EXPECT_GE(coordinator_->poll_age_ms, 1'500) << "and tell that nobody polls";
  EXPECT_TRUE(consumer->CommitSync({{{"t", 0}, 5}}).ok());
  ASSERT_TRUE(testing::WaitFor([&] { return coordinator_->Group().members.empty(); }, 10s, "left"));
  EXPECT_EQ(consumer->CommitSync({{{"t", 0}, 6}}).error().code, ErrorCode::kIllegalGeneration);
  EXPECT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->lost.size() == 4 && heard->assigned.size() == 4; },
      "lost and back"));
}

TEST_F(ConsumerGroupTest, APatternPicksUpNewTopicsAndASubscriptionNewPartitions) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Make(Options());
  EXPECT_EQ(consumer->SubscribePattern("t(", heard).error().code, ErrorCode::kInvalidRequest);
  cluster_.SetTopic("other", 1);
  ASSERT_TRUE(consumer->SubscribePattern("t.*", heard).ok());
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 4; }, "first"));
  cluster_.SetTopic("tea", 2);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 6; }, "topic"));
  cluster_.SetTopic("t", 7);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 9; }, "partitions"));
  EXPECT_FALSE(heard->assigned.contains({"other", 0}));
}

TEST_F(ConsumerGroupTest, MoreMembersThanPartitionsWait) {
  cluster_.SetTopic("t", 1);
  const auto heard = std::make_shared<Heard>();
  const auto other_heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  const auto other = Subscribed(other_heard);
  ASSERT_TRUE(PollUntil(
      {consumer.get(), other.get()},
      [&] {
        return consumer->Group().state == "stable" && other->Group().state == "stable" &&
               coordinator_->Group().members.size() == 2 &&
               heard->assigned.size() + other_heard->assigned.size() == 1;
      },
      "one has it"));
  Consumer& idle = heard->assigned.empty() ? *consumer : *other;
  EXPECT_TRUE(PollOnce(idle).empty());
  EXPECT_TRUE(idle.CommitSync().ok());
}

TEST_F(ConsumerGroupTest, AssignAndSubscribeExcludeEachOther) {
  const auto consumer = Make(Options());
  EXPECT_EQ(consumer->Poll(0ms).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(consumer->Assign({{"t", 0}}).ok());
  EXPECT_EQ(consumer->Subscribe({"t"}).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(consumer->Assign({}).ok());
  ASSERT_TRUE(consumer->Subscribe({"t"}).ok());
  EXPECT_EQ(consumer->Assign({{"t", 0}}).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed(); }, "joined"));
  ASSERT_TRUE(consumer->Unsubscribe().ok());
  EXPECT_TRUE(testing::WaitFor([&] { return coordinator_->Group().members.empty(); }, 5s, "left"));
  EXPECT_TRUE(consumer->Assign({{"t", 0}}).ok());
  ConsumerOptions options = Options();
  options.group_id.clear();
  EXPECT_EQ(Make(options)->Subscribe({"t"}).error().code, ErrorCode::kInvalidGroupId);
}

TEST_F(ConsumerGroupTest, AnInstanceIdTakenByAnotherProcessEndsTheMember) {
  ConsumerOptions options = Options();
  options.group_instance_id = "worker-1";
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard, options);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed(); }, "joined"));
  const auto twin_heard = std::make_shared<Heard>();
  const auto twin = Subscribed(twin_heard, options);
  ASSERT_TRUE(PollUntil(
      {twin.get()}, [&] { return twin_heard->assigned.size() == 4; }, "twin"));
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(5ms);
        return !records.ok() && records.error().code == ErrorCode::kFencedInstanceId;
      },
      10s, "fenced"));
  EXPECT_EQ(consumer->Poll(0ms).error().code, ErrorCode::kFencedInstanceId);
  EXPECT_EQ(heard->lost.size(), 4u);
  // The twin took the same generation over: it claims, and is not thrown out for it.
  ASSERT_TRUE(PollUntil(
      {twin.get()},
      [&] {
        return cluster_.Get({"t", 0}).member == twin->Group().member_id;
      },
      "the twin's"));
  EXPECT_TRUE(twin->CommitSync({{{"t", 0}, 5}}).ok());
  EXPECT_TRUE(twin_heard->lost.empty());
}

TEST_F(ConsumerGroupTest, AJoinThatHangsIsGivenUpWhenTheGroupHasMoved) {
  const auto other = std::make_shared<FakeCoordinator>(cluster_);
  rpc::Server other_server({.host = "127.0.0.1", .threads = 1, .name = "other"},
                           std::make_shared<idl::ControlPlaneAsyncProcessor>(other));
  ASSERT_TRUE(other_server.Start().ok());
  coordinator_->Hang();
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return coordinator_->hanging() > 0; }, "hangs"));
  coordinator_->SetPort(other_server.port());
  other->SetPort(other_server.port());
  EXPECT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->assigned.size() == 4; }, "moved"));
  EXPECT_TRUE(consumer->Close(5s).ok());
  other_server.Stop();
}

TEST_F(ConsumerGroupTest, AnEagerMemberGivesUpEverythingAndAutomaticCommitsComeBefore) {
  ConsumerOptions options = Options();
  options.partition_assignment_strategy = {"range"};
  options.enable_auto_commit = true;
  options.auto_commit_interval = 1h;
  const auto heard = std::make_shared<Heard>();
  const auto first = Subscribed(heard, options);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {first.get()}, [&] { return seen.size() > 100; }, "alone", &seen));
  std::map<TopicPartition, std::int64_t> committed;
  heard->on_revoked = [&](const std::vector<TopicPartition>& partitions) {
    for (const TopicPartition& id : partitions) committed[id] = cluster_.Get(id).offset;
  };
  const auto other_heard = std::make_shared<Heard>();
  const auto second = Subscribed(other_heard, options);
  ASSERT_TRUE(PollUntil(
      {first.get(), second.get()},
      [&] { return other_heard->assigned.size() == 2 && heard->assigned.size() == 2; }, "shared"));
  EXPECT_EQ(heard->revoked.size(), 4u);
  EXPECT_TRUE(heard->lost.empty());
  for (int p = 0; p < 4; ++p) {
    const auto offsets = OffsetsOf(seen, p);
    EXPECT_GE((committed[{"t", p}]), offsets.empty() ? 1 : *offsets.rbegin() + 1) << p;
  }
}

}  // namespace
}  // namespace lanemq::client
