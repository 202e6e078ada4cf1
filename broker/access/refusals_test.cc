// What requests of many partitions may do, and what is needed besides.
#include "broker/access/refusals.h"

#include <memory>

#include <gtest/gtest.h>

#include "broker/access/further_rights.h"

namespace lanemq::broker {
namespace {

/// The call of service "shop", whose team owns topic "mine" and group "readers".
class ShopsCall final : public rpc::CallContext {
 public:
  ShopsCall()
      : CallContext("produce", std::make_shared<const std::string>("1.2.3.4:5"),
                    std::make_shared<const core::Caller>(
                        core::Caller{{core::PrincipalKind::kService, "shop"}, ""}),
                    MonotonicTime{}, 100) {}
  void Identify(std::shared_ptr<const core::Caller>) override {}
  [[nodiscard]] std::string request_id() const override { return "r-1"; }
};

class RefusalsTest : public ::testing::Test {
 protected:
  RefusalsTest() {
    core::AccessRecords records;
    records.version = 1;
    records.cluster_id = "test";
    records.teams = {{.name = "shops"}, {.name = "others"}};
    records.services = {{.name = "shop", .team = "shops"}};
    records.owners = {{core::ResourceKind::kTopic, "mine", "shops"},
                      {core::ResourceKind::kTopic, "theirs", "others"},
                      {core::ResourceKind::kGroup, "readers", "shops"}};
    guard_.Publish(std::make_shared<const core::AccessBook>(std::move(records)));
  }
  template <typename Request>
  static Request RequestFor(const std::vector<std::string>& topics) {
    Request request;
    for (const std::string& topic : topics) {
      auto& partition = request.partitions.emplace_back();
      partition.topic = topic;
      partition.partition = static_cast<std::int32_t>(request.partitions.size());
    }
    return request;
  }
  static std::vector<std::string> TopicsOf(const auto& partitions) {
    std::vector<std::string> out;
    for (const auto& one : partitions) out.push_back(one.topic);
    return out;
  }

  Guard guard_{true, SystemClock::Instance()};
  Metrics metrics_{core::BrokerId{1}};
  ShopsCall call_;
  const Rights rights_{guard_, metrics_, &call_};
};

TEST_F(RefusalsTest, WhatIsAllowedStaysAsItIs) {
  auto request = RequestFor<idl::ProduceRequest>({"mine", "mine"});
  EXPECT_TRUE(TakeRefused(rights_, core::Action::kProduce, request.partitions).empty());
  EXPECT_EQ(TopicsOf(request.partitions), (std::vector<std::string>{"mine", "mine"}));
}

TEST_F(RefusalsTest, TheRefusedAreTakenOutAndAnsweredInTheirPlaces) {
  auto request =
      RequestFor<idl::ProduceRequest>({"theirs", "mine", "nobodys", "nobodys", "mine", "theirs"});
  const auto refused = TakeRefused(rights_, core::Action::kProduce, request.partitions);
  ASSERT_EQ(refused.size(), 4u);
  EXPECT_EQ(TopicsOf(request.partitions), (std::vector<std::string>{"mine", "mine"}));
  EXPECT_EQ(request.partitions[1].partition, 5);

  idl::ProduceResponse response;
  for (const auto& one : request.partitions) {
    auto& result = response.partitions.emplace_back();
    result.topic = one.topic;
    result.partition = one.partition;
    result.__set_base_offset(10 + one.partition);
  }
  AddRefused(refused, "r-1", response);
  ASSERT_EQ(response.partitions.size(), 6u);
  for (std::int32_t i = 0; i < 6; ++i) {
    const auto& result = response.partitions[static_cast<std::size_t>(i)];
    EXPECT_EQ(result.partition, i + 1);
    EXPECT_EQ(result.__isset.error, result.topic != "mine") << i;
    if (result.__isset.error) {
      EXPECT_EQ(result.error.code, idl::ErrorCode::TOPIC_AUTHORIZATION_FAILED);
      EXPECT_NE(result.error.message.find("'" + result.topic + "'"), std::string::npos);
    } else {
      EXPECT_EQ(result.base_offset, 10 + result.partition);
    }
  }
}

TEST_F(RefusalsTest, AnAnswerMayConsistOfRefusalsAlone) {
  auto request = RequestFor<idl::CommitOffsetsRequest>({"theirs", "nobodys"});
  const auto refused = TakeRefused(rights_, core::Action::kConsume, request.partitions);
  EXPECT_TRUE(request.partitions.empty());
  idl::CommitOffsetsResponse response;
  AddRefused(refused, "", response);
  EXPECT_EQ(TopicsOf(response.partitions), (std::vector<std::string>{"theirs", "nobodys"}));
}

TEST_F(RefusalsTest, FetchesAndRetriesListThemInTheirOwnWays) {
  auto fetch = RequestFor<idl::FetchRequest>({"theirs", "mine"});
  const auto refused = TakeRefused(rights_, core::Action::kConsume, fetch.partitions);
  AnswerAtOnce(fetch);
  EXPECT_TRUE(fetch.__isset.min_bytes && fetch.min_bytes == 0) << "there is something to say";
  idl::FetchResponse fetched;
  AddRefused(refused, "", fetched);
  ASSERT_EQ(fetched.partitions.size(), 1u);
  EXPECT_EQ(fetched.partitions[0].topic, "theirs");
  idl::FetchRetriesResponse retries;
  AddRefused(refused, "", retries);
  ASSERT_TRUE(retries.__isset.errors);
  EXPECT_EQ(TopicsOf(retries.errors), (std::vector<std::string>{"theirs"}));
}

TEST_F(RefusalsTest, WhatIsRefusedIsCounted) {
  auto request = RequestFor<idl::ProduceRequest>({"theirs", "theirs", "mine", "nobodys"});
  (void)TakeRefused(rights_, core::Action::kProduce, request.partitions);
  EXPECT_EQ(metrics_.AccessRefused("TOPIC_AUTHORIZATION_FAILED").Value(), 2) << "by topic";
}

TEST_F(RefusalsTest, AFetchForAGroupNeedsTheGroup) {
  idl::FetchRequest request;
  EXPECT_TRUE(CheckFurther(rights_, request).ok());
  request.__set_group("readers");
  EXPECT_TRUE(CheckFurther(rights_, request).ok());
  request.__set_group("spies");
  EXPECT_EQ(CheckFurther(rights_, request).error().code, ErrorCode::kGroupAuthorizationFailed);
}

TEST_F(RefusalsTest, ARedriveToATopicNeedsTheTopic) {
  idl::RedriveRequest request;
  request.filter.group = "readers";
  request.filter.__set_topic("theirs");
  EXPECT_TRUE(CheckFurther(rights_, request).ok()) << "to the group it concerns nobody else";
  request.__set_target(idl::RedriveTarget::TOPIC);
  EXPECT_EQ(CheckFurther(rights_, request).error().code, ErrorCode::kTopicAuthorizationFailed);
  request.filter.__set_topic("mine");
  EXPECT_TRUE(CheckFurther(rights_, request).ok());
  idl::DeadLetterId id;
  id.topic = "theirs";
  request.filter.__set_ids({id});
  EXPECT_EQ(CheckFurther(rights_, request).error().code, ErrorCode::kTopicAuthorizationFailed);
  request.filter = idl::DeadLetterFilter();
  request.filter.group = "readers";
  EXPECT_EQ(CheckFurther(rights_, request).error().code, ErrorCode::kClusterAuthorizationFailed)
      << "any topic";
}

TEST_F(RefusalsTest, WithoutACallerNothingIsAllowed) {
  const Rights nobody(guard_, metrics_, nullptr);
  EXPECT_EQ(nobody.CheckTopic(core::Action::kDescribe, "mine").error().code,
            ErrorCode::kAuthenticationFailed);
  const Guard off(false, SystemClock::Instance());
  EXPECT_TRUE(Rights(off, metrics_, nullptr).CheckTopic(core::Action::kManage, "theirs").ok());
}

}  // namespace
}  // namespace lanemq::broker
