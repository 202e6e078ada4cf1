#include "broker/quota/quotas.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "common/core/access/access_rig.h"

namespace lanemq::broker {
namespace {

using core::PrincipalKind;
using core::QuotaMode;
using std::chrono::milliseconds;

/// As Produce() below says it.
constexpr std::optional<ErrorCode> kServed;

class SetClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {}; }
  MonotonicTime now{milliseconds{1}};
};

core::Caller Service(const std::string& name) { return {{PrincipalKind::kService, name}, {}}; }

/// Team shop with service till and topic orders; team feed with service reader; service tool of
/// nobody.
class QuotasTest : public ::testing::Test {
 protected:
  QuotasTest() {
    rig_.AddTeam("feed").AddTeam("shop");
    rig_.AddService("reader", "feed");
    rig_.AddService("till", "shop");
    rig_.AddService("tool", "", core::ServiceKind::kOperator);
    rig_.records.owners.push_back({core::ResourceKind::kTopic, "orders", "shop"});
  }
  void Publish(std::vector<core::QuotaOfTeam> team_quotas, QuotaMode mode = QuotaMode::kEnforce) {
    ++rig_.records.version;
    rig_.records.quotas = std::move(team_quotas);
    rig_.records.quota_mode = mode;
    quotas_.SetBook(std::make_shared<const core::AccessBook>(rig_.records));
  }
  /// How it was refused; nullopt: it was not.
  std::optional<ErrorCode> Produce(const core::Caller& caller, const std::string& topic,
                                   std::size_t bytes) {
    const auto paid = quotas_.Produce(&caller, topic, {bytes, 1, bytes});
    if (paid.ok()) return kServed;
    return paid.error().code;
  }
  double Counted(const std::string& team, const std::string& what, const std::string& mode) {
    return metrics_.QuotaThrottled(team, what, mode).Value();
  }

  core::testing::AccessRig rig_;
  SetClock clock_;
  Metrics metrics_{core::BrokerId{1}};
  Quotas quotas_{metrics_, clock_};
};

const core::QuotaOfTeam kShop{"shop", {.produce_bytes_per_s = 1'000}};
const core::QuotaOfTeam kFeed{"feed", {.fetch_bytes_per_s = 100}};

TEST_F(QuotasTest, WithoutABookOrAQuotaNobodyIsRefused) {
  EXPECT_EQ(Produce(Service("till"), "orders", 1u << 30), kServed);
  Publish({});
  EXPECT_EQ(Produce(Service("till"), "orders", 1u << 30), kServed);
  Publish({kFeed});
  EXPECT_EQ(Produce(Service("reader"), "orders", 1u << 30), kServed);
}

TEST_F(QuotasTest, AboveTheQuotaABatchIsThrottledAndSaysForHowLong) {
  Publish({kShop});
  EXPECT_EQ(Produce(Service("till"), "orders", 1'500), kServed);
  const core::Caller till = Service("till");
  const auto refused = quotas_.Produce(&till, "orders", {100, 1, 100});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kThrottled);
  EXPECT_EQ(refused.error().retry_after_ms, 600);
  EXPECT_NE(refused.error().message.find("team 'shop'"), std::string::npos);
  EXPECT_EQ(Counted("shop", "produce_bytes_per_s", "enforce"), 1);
  clock_.now = clock_.now + milliseconds{600};
  EXPECT_EQ(Produce(till, "orders", 100), kServed);
}

TEST_F(QuotasTest, TheCallersTeamPaysAndForOthersTheTopicsOwner) {
  Publish({kShop});
  EXPECT_EQ(Produce(Service("reader"), "orders", 5'000), kServed) << "feed has no limit";
  EXPECT_EQ(Produce(Service("tool"), "of-nobody", 5'000), kServed);
  EXPECT_EQ(Produce(Service("tool"), "orders", 5'000), kServed);
  EXPECT_EQ(Produce(Service("till"), "of-nobody", 1), ErrorCode::kThrottled)
      << "the tool used up what the owner has";
  EXPECT_EQ(Produce({{PrincipalKind::kPerson, "ann"}, {}}, "orders", 1), ErrorCode::kThrottled);
  EXPECT_FALSE(quotas_.Produce(nullptr, "orders", {1, 1, 1}).ok());
  EXPECT_EQ(Produce(Service("reader"), "orders", 1), kServed);
}

TEST_F(QuotasTest, BrokersShareTheQuota) {
  Publish({kShop});
  quotas_.SetBrokers(4);
  EXPECT_EQ(Produce(Service("till"), "orders", 250), kServed);
  const core::Caller till = Service("till");
  const auto refused = quotas_.Produce(&till, "orders", {50, 1, 50});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().retry_after_ms, 200);
}

TEST_F(QuotasTest, WhatIsNotStoredIsGivenBack) {
  Publish({kShop});
  const core::Caller till = Service("till");
  const auto paid = quotas_.Produce(&till, "orders", {1'000, 1, 1});
  ASSERT_TRUE(paid.ok());
  EXPECT_EQ(Produce(till, "orders", 1), ErrorCode::kThrottled);
  quotas_.GiveBack(*paid);
  EXPECT_EQ(Produce(till, "orders", 1'000), kServed);
}

TEST_F(QuotasTest, FetchesArePaidAfterwardsAndRefusedBefore) {
  Publish({kFeed});
  const core::Caller reader = Service("reader");
  auto team = quotas_.Fetch(&reader, "orders");
  ASSERT_TRUE(team.ok());
  EXPECT_EQ(*team, "feed");
  quotas_.PayForFetch(*team, 150);
  team = quotas_.Fetch(&reader, "orders");
  ASSERT_FALSE(team.ok());
  EXPECT_EQ(team.error().code, ErrorCode::kThrottled);
  EXPECT_EQ(team.error().retry_after_ms, 500);
  EXPECT_EQ(Counted("feed", "fetch_bytes_per_s", "enforce"), 1);
}

TEST_F(QuotasTest, LogModeCountsAndServes) {
  Publish({kShop, kFeed}, QuotaMode::kLog);
  EXPECT_EQ(Produce(Service("till"), "orders", 1'000), kServed);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Produce(Service("till"), "orders", 1'000), kServed);
  }
  EXPECT_EQ(Counted("shop", "produce_bytes_per_s", "log"), 5);
  clock_.now = clock_.now + milliseconds{1'001};
  EXPECT_EQ(Produce(Service("till"), "orders", 900), kServed);
  EXPECT_EQ(Counted("shop", "produce_bytes_per_s", "log"), 5)
      << "what would have been refused would not have cost anything";
}

TEST_F(QuotasTest, OffIsOffAtOnce) {
  Publish({kShop});
  EXPECT_EQ(Produce(Service("till"), "orders", 9'000), kServed);
  EXPECT_EQ(Produce(Service("till"), "orders", 1), ErrorCode::kThrottled);
  Publish({kShop}, QuotaMode::kOff);
  EXPECT_EQ(Produce(Service("till"), "orders", 9'000), kServed);
  EXPECT_EQ(Counted("shop", "produce_bytes_per_s", "off"), 0);
}

TEST_F(QuotasTest, ATeamsLargestMessageMayBeSmallerThanTheTopics) {
  Publish({{"shop", {.message_bytes_max = 10}}});
  EXPECT_EQ(Produce(Service("till"), "orders", 10), kServed);
  EXPECT_EQ(Produce(Service("till"), "orders", 11), ErrorCode::kMessageTooLarge);
  Publish({{"shop", {.message_bytes_max = 10}}}, QuotaMode::kLog);
  EXPECT_EQ(Produce(Service("till"), "orders", 11), kServed);
  EXPECT_EQ(Counted("shop", "message_bytes_max", "enforce"), 1);
  EXPECT_EQ(Counted("shop", "message_bytes_max", "log"), 1);
}

}  // namespace
}  // namespace lanemq::broker
