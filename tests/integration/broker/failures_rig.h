#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/wire/errors.h"
#include "tests/integration/broker/broker_rig.h"

namespace lanemq::testing {

/// Two brokers, "orders" with three partitions of five messages, and group "g".
class FailuresTest : public ::testing::TestWithParam<Engine> {
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
  static idl::FailureNote Note(const std::string& reason, const std::string& error) {
    idl::FailureNote note;
    note.reason = reason;
    note.__set_error(error);
    return note;
  }
  /// One partition's settlement without anything in it.
  static idl::SettleRequest Settlement(std::int32_t partition, std::int64_t generation = 1,
                                       const std::string& member = "m") {
    idl::SettleRequest request;
    request.group = "g";
    request.__set_generation(generation);
    request.__set_member_id(member);
    idl::SettlePartition& out = request.partitions.emplace_back();
    out.topic = "orders";
    out.partition = partition;
    return request;
  }
  static void Commit(idl::SettleRequest& request, std::int64_t offset) {
    idl::SettlePartition& partition = request.partitions.at(0);
    idl::CommitPartition commit;
    commit.topic = partition.topic;
    commit.partition = partition.partition;
    commit.offset = offset;
    partition.__set_commit(commit);
  }
  static idl::LogFailure& Fail(idl::SettleRequest& request, std::int64_t offset,
                               const std::string& reason, const std::string& error = "boom") {
    idl::SettlePartition& partition = request.partitions.at(0);
    partition.__isset.failures = true;
    idl::LogFailure& failure = partition.failures.emplace_back();
    failure.offset = offset;
    failure.attempts = 1;
    failure.is_fatal = false;
    failure.note = Note(reason, error);
    return failure;
  }
  static idl::RetryOutcome& End(idl::SettleRequest& request, std::int64_t offset,
                                std::int32_t attempt, bool is_ok) {
    idl::SettlePartition& partition = request.partitions.at(0);
    partition.__isset.retries = true;
    idl::RetryOutcome& outcome = partition.retries.emplace_back();
    outcome.offset = offset;
    outcome.attempt = attempt;
    outcome.is_ok = is_ok;
    if (!is_ok) outcome.__set_note(Note("declined", "no money"));
    return outcome;
  }
  Result<idl::SettlePartitionResult> Settle(const idl::SettleRequest& request) {
    LANEMQ_ASSIGN_OR_RETURN(auto reply, rig_->client.SettleSync(one_->endpoint(), request, In()));
    return std::move(reply.partitions.at(0));
  }
  /// OK, or the name of the request's or the partition's error.
  std::string Outcome(const idl::SettleRequest& request) {
    const auto result = Settle(request);
    if (!result.ok()) return std::string(NameOf(result.error().code));
    return result->__isset.error ? std::string(NameOf(wire::FromWire(result->error).code)) : "OK";
  }
  /// Fails records 1 to `last` of a partition for good, in a transaction.
  void Bury(std::int32_t partition, std::int64_t last, const std::string& reason) {
    idl::SettleRequest request = Settlement(partition, 0, "");
    Commit(request, last + 1);
    for (std::int64_t offset = 1; offset <= last; ++offset) {
      Fail(request, offset, reason).is_fatal = true;
    }
    const auto result = Settle(request);
    ASSERT_TRUE(result.ok() && !result->__isset.error);
    ASSERT_EQ(result->dead, last);
  }

  idl::FetchOffsetsPartitionResult Claim(std::int32_t partition, std::int64_t generation,
                                         const std::string& member) {
    idl::ClaimPartitionsRequest request;
    request.group = "g";
    request.generation = generation;
    request.member_id = member;
    request.partitions = {On(partition)};
    const auto reply = rig_->client.ClaimPartitionsSync(one_->endpoint(), request, In());
    EXPECT_TRUE(reply.ok());
    return reply.ok() ? reply->partitions.at(0) : idl::FetchOffsetsPartitionResult{};
  }
  static idl::FetchRetriesRequest RetriesOf(std::vector<idl::TopicPartition> partitions,
                                            std::int64_t generation = 1,
                                            const std::string& member = "m") {
    idl::FetchRetriesRequest request;
    request.group = "g";
    request.partitions = std::move(partitions);
    request.__set_generation(generation);
    request.__set_member_id(member);
    return request;
  }
  Result<idl::FetchRetriesResponse> FetchRetries(const idl::FetchRetriesRequest& request) {
    return rig_->client.FetchRetriesSync(other_->endpoint(), request, In());
  }
  Status SetPolicy(const std::optional<idl::RetryPolicy>& policy,
                   const std::optional<std::string>& topic = std::nullopt) {
    idl::SetGroupPolicyRequest request;
    request.group = "g";
    if (policy) request.__set_policy(*policy);
    if (topic) request.__set_topic(*topic);
    request.__set_requested_by("ana");
    const auto reply = rig_->client.SetGroupPolicySync(one_->endpoint(), request, In());
    return reply.ok() ? Status() : Status(reply.error());
  }
  static idl::RetryPolicy Policy(std::int32_t max_attempts) {
    idl::RetryPolicy policy;
    policy.__set_max_attempts(max_attempts);
    policy.__set_first_delay_ms(0);
    return policy;
  }
  idl::ListDeadLettersRequest List() {
    idl::ListDeadLettersRequest request;
    request.filter.group = "g";
    return request;
  }
  Result<idl::ListDeadLettersResponse> Letters(const idl::ListDeadLettersRequest& request) {
    return rig_->client.ListDeadLettersSync(other_->endpoint(), request, In());
  }
  template <typename T>
  static std::string NameOfError(const Result<T>& result) {
    return result.ok() ? "OK" : std::string(NameOf(result.error().code));
  }
  static Deadline In() { return BrokerRig::In(30); }

  std::unique_ptr<BrokerRig> rig_;
  RigBroker* one_ = nullptr;
  RigBroker* other_ = nullptr;
};

}  // namespace lanemq::testing
