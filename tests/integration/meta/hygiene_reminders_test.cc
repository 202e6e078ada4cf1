// Reminders of what is to be tidied up, on real databases: metaservers die before and after the
// commit, and another one goes on call. Each matter is told, and once.
#include "metaserver/governance/hygiene_reminders.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "common/core/policy/policy_rig.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/mysql_lag_history.h"
#include "tests/integration/meta/governance_wrapper.h"
#include "tests/integration/meta/meta_rig.h"

namespace lanemq::testing {
namespace {

using metaserver::HygieneReminders;

class HygieneOnDatabases : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<MetaRig>(*server, prefix_);
    pool_ = std::make_unique<sql::ConnectionPool>(
        "metadata", MetaRig::MakeConnection(*server, prefix_), sql::PoolOptions{});
    store_ = std::make_unique<sql::MySqlGovernanceStore>(*pool_);
    alerts_ = std::make_unique<sql::MySqlAlertStore>(*pool_);
    history_ = std::make_unique<sql::MySqlLagHistory>(*pool_);
    const core::AlertChannel ops{.name = "ops", .url = "http://ops"};
    ASSERT_TRUE(alerts_->SetChannel(ops, "root", Note(), Soon()).ok());
    // lost.events belongs to a team that is gone.
    world_.PutTopic({"lost.events", "gone", "page", "what it is", 4, {}, std::nullopt, false});
  }
  static Deadline Soon() { return MetaRig::Soon(); }

  /// A new metaserver is on call.
  core::Fence NewTerm() {
    if (lease_) {
      EXPECT_TRUE(rig_->leases.Release(*lease_, Soon()).ok());
    }
    auto lease = rig_->leases.Acquire("on-call", "test", std::chrono::hours{1}, Soon());
    EXPECT_TRUE(lease.ok()) << lease.error().ToString();
    if (lease.ok()) lease_ = *std::move(lease);
    return lease_ ? core::Fence{"on-call", lease_->token} : core::Fence{};
  }
  /// One look of a metaserver that dies when it tells, before or after that has happened; or of one
  /// that lives.
  HygieneReminders::Counts LookOnce(const core::Fence& fence,
                                    std::optional<bool> dies_after = std::nullopt) {
    GovernanceStoreWrapper dying(*store_, [&](std::string_view call, bool is_after) -> Status {
      if (call != "Remind" || dies_after != is_after) return {};
      return Error{ErrorCode::kMetadataUnavailable, "this process is dead"};
    });
    HygieneReminders hygiene(
        {},
        {dying, *alerts_, *history_, [] { return std::make_shared<const core::CatalogSnapshot>(); },
         [this]() -> Result<core::PolicyWorld> { return world_; }},
        SystemClock::Instance());
    hygiene.Round(fence);
    return hygiene.Totals();
  }
  std::size_t Due(const core::Fence& fence) {
    const auto due = alerts_->Due("ops", fence.token.value, 10, Soon());
    EXPECT_TRUE(due.ok()) << due.error().ToString();
    return due.ok() ? due->size() : 0;
  }

  const std::string prefix_ = UniquePrefix();
  std::unique_ptr<MetaRig> rig_;
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlGovernanceStore> store_;
  std::unique_ptr<sql::MySqlAlertStore> alerts_;
  std::unique_ptr<sql::MySqlLagHistory> history_;
  core::PolicyWorld world_;
  std::optional<core::Lease> lease_;
};
INSTANTIATE_TEST_SUITE_P(On, HygieneOnDatabases, ::testing::ValuesIn(Engines()),
                         [](const auto& param) { return NameOf(param.param); });

TEST_P(HygieneOnDatabases, AMatterIsToldOnceWhoeverDiesWhenever) {
  const core::Fence first = NewTerm();
  EXPECT_EQ(LookOnce(first, false).failed, 1);
  EXPECT_EQ(Due(first), 0u);
  const core::Fence second = NewTerm();
  EXPECT_EQ(LookOnce(first).failed, 1) << "its term is over";
  EXPECT_EQ(Due(second), 0u);
  EXPECT_EQ(LookOnce(second, true).failed, 1);
  EXPECT_EQ(Due(second), 1u);
  const core::Fence third = NewTerm();
  const HygieneReminders::Counts last = LookOnce(third);
  EXPECT_EQ(last.failed, 0);
  EXPECT_EQ(last.told, 0);
  EXPECT_EQ(Due(third), 1u);
}

TEST_P(HygieneOnDatabases, WhatIsRightAgainIsForgottenAndToldAnew) {
  const core::Fence fence = NewTerm();
  EXPECT_EQ(LookOnce(fence).told, 1);
  world_.PutTeam({"gone", "", "", {{"ann", core::TeamRole::kLead}}});
  EXPECT_EQ(LookOnce(fence).told, 0);
  const auto memory = store_->LoadReminded(Soon());
  ASSERT_TRUE(memory.ok()) << memory.error().ToString();
  EXPECT_TRUE(memory->told.empty());
  world_.PutTeam({"gone", "", "", {}});
  EXPECT_EQ(LookOnce(fence).told, 1);
  EXPECT_EQ(Due(fence), 2u);
}

}  // namespace
}  // namespace lanemq::testing
