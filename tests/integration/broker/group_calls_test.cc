// What members and operators of a group ask of a broker: claims, resets, pauses, deletion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/wire/errors.h"
#include "tests/integration/broker/broker_rig.h"

namespace lanemq::testing {
namespace {

class GroupCallsTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server, 3);
    one_ = &rig_->AddBroker();
    other_ = &rig_->AddBroker();
    for (std::int32_t partition = 0; partition < 3; ++partition) {
      ASSERT_TRUE(rig_->Produce(*one_, partition, {"a", "b", "c", "d", "e"}).ok());
    }
  }

  static idl::TopicPartition On(std::int32_t partition) {
    idl::TopicPartition out;
    out.topic = "orders";
    out.partition = partition;
    return out;
  }
  Result<idl::FetchOffsetsPartitionResult> Claim(std::int32_t partition, std::int64_t generation,
                                                 const std::string& member) {
    idl::ClaimPartitionsRequest request;
    request.group = "g";
    request.generation = generation;
    request.member_id = member;
    request.partitions = {On(partition)};
    LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                            rig_->client.ClaimPartitionsSync(one_->endpoint(), request, In()));
    return reply.partitions.at(0);
  }
  /// OK, or the error's name.
  std::string Commit(std::int32_t partition, std::int64_t offset, std::int64_t generation,
                     const std::string& member, std::optional<std::int64_t> epoch = {},
                     std::optional<std::int64_t> sequence = {}) {
    idl::CommitOffsetsRequest request;
    request.group = "g";
    request.__set_generation(generation);
    request.__set_member_id(member);
    if (sequence) request.__set_commit_sequence(*sequence);
    idl::CommitPartition& commit = request.partitions.emplace_back();
    commit.topic = "orders";
    commit.partition = partition;
    commit.offset = offset;
    if (epoch) commit.__set_reset_epoch(*epoch);
    const auto reply = rig_->client.CommitOffsetsSync(other_->endpoint(), request, In());
    if (!reply.ok()) return std::string(NameOf(reply.error().code));
    const auto& result = reply->partitions.at(0);
    return result.__isset.error ? std::string(NameOf(wire::FromWire(result.error).code)) : "OK";
  }
  std::map<std::int32_t, idl::FetchOffsetsPartitionResult> Stored() {
    idl::FetchOffsetsRequest request;
    request.group = "g";
    const auto reply = rig_->client.FetchOffsetsSync(other_->endpoint(), request, In());
    EXPECT_TRUE(reply.ok());
    std::map<std::int32_t, idl::FetchOffsetsPartitionResult> out;
    if (!reply.ok()) return out;
    for (const auto& row : reply->partitions) out[row.partition] = row;
    return out;
  }
  static Deadline In() { return BrokerRig::In(30); }

  std::unique_ptr<BrokerRig> rig_;
  RigBroker* one_ = nullptr;
  RigBroker* other_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(On, GroupCallsTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GroupCallsTest, AClaimHandsThePartitionOver) {
  ASSERT_EQ(Claim(0, 1, "first")->offset, -1);
  EXPECT_EQ(Commit(0, 3, 1, "first"), "OK");
  const auto claim = Claim(0, 2, "second");
  ASSERT_TRUE(claim.ok());
  EXPECT_FALSE(claim->__isset.error);
  EXPECT_EQ(claim->offset, 3);
  EXPECT_EQ(claim->generation, 2);
  EXPECT_EQ(Commit(0, 4, 1, "first"), "ILLEGAL_GENERATION");
  EXPECT_EQ(Commit(0, 4, 2, "first"), "ILLEGAL_GENERATION");
  const auto late = Claim(0, 1, "first");
  ASSERT_TRUE(late.ok() && late->__isset.error);
  EXPECT_EQ(wire::FromWire(late->error).code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(late->generation, 2) << "it says who has it";
  EXPECT_EQ(late->member_id, "second");
  EXPECT_EQ(Stored()[0].offset, 3);
  EXPECT_EQ(Commit(0, 5, 2, "second"), "OK");
  EXPECT_EQ(Claim(7, 3, "second")->error.code, idl::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

TEST_P(GroupCallsTest, ClaimsAreChecked) {
  EXPECT_EQ(Claim(0, 0, "m").error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(Claim(0, -1, "m").error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(Claim(0, 1, "").error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(Claim(0, 1, std::string(256, 'm')).error().code, ErrorCode::kInvalidRequest);
  EXPECT_TRUE(Claim(0, 1, std::string(255, 'm')).ok());
  EXPECT_EQ(Commit(0, 1, 1, ""), "INVALID_REQUEST");
  EXPECT_EQ(Commit(0, 1, -1, ""), "INVALID_REQUEST");
}

TEST_P(GroupCallsTest, ACommitThatArrivesAfterALaterOneIsRefused) {
  (void)Claim(0, 1, "m");
  EXPECT_EQ(Commit(0, 3, 1, "m", {}, 1), "OK");
  EXPECT_EQ(Commit(0, 5, 1, "m", {}, 3), "OK");
  EXPECT_EQ(Commit(0, 4, 1, "m", {}, 2), "FENCED");
  EXPECT_EQ(Stored()[0].offset, 5);
  EXPECT_EQ(Commit(0, 5, 1, "m", {}, 3), "OK") << "repeated";
  EXPECT_EQ(Commit(0, 4, 1, "m", {}, 4), "OK");
  EXPECT_EQ(Commit(0, 4, 1, "m", {}, 0), "INVALID_REQUEST");
  EXPECT_EQ(Commit(0, 4, 1, "m", {}, -1), "INVALID_REQUEST");
  EXPECT_EQ(Commit(1, 4, 0, "", {}, 1), "INVALID_REQUEST") << "nobody's";
}

TEST_P(GroupCallsTest, AResetMovesTheGroupAndIsKept) {
  (void)Claim(1, 1, "m");
  ASSERT_EQ(Commit(1, 5, 1, "m", 0), "OK");
  idl::ResetOffsetsRequest request;
  request.group = "g";
  for (const std::int32_t partition : {1, 9}) {
    idl::ResetPartition& to = request.partitions.emplace_back();
    to.topic = "orders";
    to.partition = partition;
    to.offset = 2;
  }
  request.__set_requested_by("ana");
  request.__set_reason("a bug");
  const auto reset = rig_->client.ResetOffsetsSync(one_->endpoint(), request, In());
  ASSERT_TRUE(reset.ok()) << reset.error().ToString();
  EXPECT_EQ(reset->partitions.at(0).old_offset, 5);
  EXPECT_EQ(reset->partitions[0].reset_epoch, 1);
  EXPECT_EQ(reset->partitions.at(1).error.code, idl::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
  EXPECT_EQ(Commit(1, 6, 1, "m", 0), "OFFSET_RESET");
  EXPECT_EQ(Stored()[1].offset, 2);
  EXPECT_EQ(Commit(1, 3, 1, "m", 1), "OK");

  idl::ListOffsetResetsRequest list;
  list.group = "g";
  const auto resets = rig_->client.ListOffsetResetsSync(other_->endpoint(), list, In());
  ASSERT_TRUE(resets.ok());
  ASSERT_EQ(resets->resets.size(), 1u);
  EXPECT_EQ(resets->resets[0].topic, "orders");
  EXPECT_EQ(resets->resets[0].requested_by, "ana");
  EXPECT_EQ(resets->resets[0].reason, "a bug");

  request.partitions.resize(1);
  request.partitions[0].offset = 0;
  EXPECT_EQ(rig_->client.ResetOffsetsSync(one_->endpoint(), request, In()).error().code,
            ErrorCode::kOffsetOutOfRange);
  request.partitions[0].offset = 1;
  request.__set_reason(std::string(1'025, 'r'));
  EXPECT_EQ(rig_->client.ResetOffsetsSync(one_->endpoint(), request, In()).error().code,
            ErrorCode::kInvalidRequest);
  list.__set_max_count(0);
  EXPECT_FALSE(rig_->client.ListOffsetResetsSync(other_->endpoint(), list, In()).ok());
}

TEST_P(GroupCallsTest, AGroupIsPausedAsAWholeOrInPart) {
  (void)Claim(0, 1, "m");
  ASSERT_EQ(Commit(2, 3, 1, "m"), "OK");
  idl::PauseGroupRequest request;
  request.group = "g";
  request.is_paused = true;
  request.__set_reason("deploy");
  const auto paused = rig_->client.PauseGroupSync(one_->endpoint(), request, In());
  ASSERT_TRUE(paused.ok()) << paused.error().ToString();
  EXPECT_EQ(paused->partitions.size(), 2u) << "what it has claimed or committed";
  auto stored = Stored();
  EXPECT_EQ(stored[0].paused_until_us, -1);
  EXPECT_EQ(stored[2].pause_reason, "deploy");
  EXPECT_FALSE(stored.contains(1));

  request.is_paused = false;
  request.__set_partitions({On(2)});
  ASSERT_TRUE(rig_->client.PauseGroupSync(other_->endpoint(), request, In()).ok());
  stored = Stored();
  EXPECT_FALSE(stored[2].__isset.paused_until_us);
  EXPECT_TRUE(stored[0].__isset.paused_until_us);
  request.__set_partitions({On(8)});
  EXPECT_EQ(rig_->client.PauseGroupSync(one_->endpoint(), request, In()).error().code,
            ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(GroupCallsTest, DeletedOffsetsAreGone) {
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    ASSERT_EQ(Commit(partition, 2, 0, ""), "OK");
  }
  idl::DeleteOffsetsRequest request;
  request.group = "g";
  request.__set_partitions({On(1)});
  EXPECT_EQ(rig_->client.DeleteOffsetsSync(one_->endpoint(), request, In())->deleted, 1);
  EXPECT_EQ(Stored().size(), 2u);
  request.__isset.partitions = false;
  EXPECT_EQ(rig_->client.DeleteOffsetsSync(one_->endpoint(), request, In())->deleted, 2);
  EXPECT_EQ(Stored().size(), 0u);
}

TEST_P(GroupCallsTest, RequestsForAnotherClusterAreRefused) {
  const auto is_refused = [&](const auto& reply) {
    return !reply.ok() && reply.error().code == ErrorCode::kInconsistentClusterId;
  };
  idl::ClaimPartitionsRequest claim;
  claim.group = "g";
  claim.generation = 1;
  claim.member_id = "m";
  claim.partitions = {On(0)};
  claim.__set_cluster_id("another");
  EXPECT_TRUE(is_refused(rig_->client.ClaimPartitionsSync(one_->endpoint(), claim, In())));
  idl::ResetOffsetsRequest reset;
  reset.group = "g";
  reset.partitions.emplace_back().topic = "orders";
  reset.partitions[0].offset = 1;
  reset.__set_cluster_id("another");
  EXPECT_TRUE(is_refused(rig_->client.ResetOffsetsSync(one_->endpoint(), reset, In())));
  idl::PauseGroupRequest pause;
  pause.group = "g";
  pause.__set_cluster_id("another");
  EXPECT_TRUE(is_refused(rig_->client.PauseGroupSync(one_->endpoint(), pause, In())));
  idl::DeleteOffsetsRequest remove;
  remove.group = "g";
  remove.__set_cluster_id("another");
  EXPECT_TRUE(is_refused(rig_->client.DeleteOffsetsSync(one_->endpoint(), remove, In())));
}

}  // namespace
}  // namespace lanemq::testing
