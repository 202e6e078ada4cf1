#include "client/src/session/group_wire.h"

#include <gtest/gtest.h>

#include "client/src/session/process_identity.h"
#include "client/src/session/topic_pattern.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;

TEST(GroupWireTest, AJoinCarriesWhatTheMemberHas) {
  core::JoinCall join;
  join.member_id = "m";
  join.instance_id = "i";
  join.client_id = "c";
  join.host = "h";
  join.session_timeout = 6'000ms;
  join.rebalance_timeout = 60'000ms;
  join.protocols = {"range"};
  join.subscription = {
      .topics = {"t"}, .owned = {{"t", 3}}, .owned_generation = core::Generation{4}};
  const idl::JoinGroupRequest wire = ToWire("g", join);
  EXPECT_EQ(wire.group, "g");
  EXPECT_EQ(wire.group_instance_id, "i");
  EXPECT_EQ(wire.session_timeout_ms, 6'000);
  EXPECT_EQ(wire.rebalance_timeout_ms, 60'000);
  ASSERT_EQ(wire.owned.size(), 1u);
  EXPECT_EQ(wire.owned[0].partition, 3);
  EXPECT_EQ(wire.owned_generation, 4);
  EXPECT_FALSE(wire.__isset.generation_floor);
  join.generation_floor = core::Generation{7};
  EXPECT_EQ(ToWire("g", join).generation_floor, 7);
  join.instance_id.clear();
  EXPECT_FALSE(ToWire("g", join).__isset.group_instance_id) << "dynamic";
}

TEST(GroupWireTest, AHeartbeatTellsSinceWhenNobodyPolls) {
  const core::MemberCall call{
      .member_id = "m", .instance_id = "", .generation = core::Generation{3}, .reason = {}};
  const idl::GroupHeartbeatRequest wire = ToHeartbeat("g", call, 1'234ms);
  EXPECT_EQ(wire.member_id, "m");
  EXPECT_EQ(wire.generation, 3);
  EXPECT_TRUE(wire.__isset.last_poll_age_ms);
  EXPECT_EQ(wire.last_poll_age_ms, 1'234);
  EXPECT_EQ(ToHeartbeat("g", call, -1ms).last_poll_age_ms, 0) << "clocks of two threads";
}

TEST(GroupWireTest, MemberIdRequiredIsAReplyAndOtherErrorsAreErrors) {
  idl::JoinGroupResponse response;
  response.member_id = "m-1";
  response.__set_error(wire::ToWire(Error{ErrorCode::kMemberIdRequired, ""}));
  const auto reply = FromWire(response);
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(reply->must_rejoin_with_id);
  EXPECT_EQ(reply->member_id, "m-1");
  response.__set_error(wire::ToWire(Error{ErrorCode::kGroupMaxSizeReached, ""}));
  EXPECT_EQ(FromWire(response).error().code, ErrorCode::kGroupMaxSizeReached);
}

TEST(GroupWireTest, TheLeaderGetsTheMembers) {
  idl::JoinGroupResponse response;
  response.generation = 7;
  idl::GroupMemberInfo& info = response.members.emplace_back();
  info.member_id = "m-2";
  info.topics = {"t"};
  idl::TopicPartition owned;
  owned.topic = "t";
  owned.partition = 1;
  info.__set_owned({owned});
  info.__set_owned_generation(6);
  const auto reply = FromWire(response);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->generation, core::Generation{7});
  ASSERT_EQ(reply->members.size(), 1u);
  EXPECT_EQ(reply->members[0].subscription.owned, (std::vector<core::TopicPartition>{{"t", 1}}));
  EXPECT_EQ(reply->members[0].subscription.owned_generation, core::Generation{6});
}

TEST(TopicPatternTest, MatchesWholeNames) {
  const auto pattern = TopicPattern::Parse("orders-(eu|us)");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(pattern->Matches("orders-eu"));
  EXPECT_FALSE(pattern->Matches("orders-eu-2"));
  EXPECT_FALSE(pattern->Matches("my-orders-eu"));
  EXPECT_EQ(TopicPattern::Parse("[").error().code, ErrorCode::kInvalidRequest);
  EXPECT_FALSE(TopicPattern::Parse("").ok());
}

TEST(ProcessIdentityTest, IsTheSameAllOverTheProcessAndEndsWithItsId) {
  const std::string identity = ProcessIdentity();
  EXPECT_EQ(identity, ProcessIdentity());
  EXPECT_TRUE(identity.ends_with(":" + std::to_string(getpid()))) << identity;
  EXPECT_EQ(identity.find(":0:0:"), std::string::npos) << "the start time is known: " << identity;
}

}  // namespace
}  // namespace lanemq::client
