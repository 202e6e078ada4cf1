// The page of broken glass, on real databases: metaservers die between the commit and the page, and
// the receiver is away at first. It comes, and it is the same one.
#include "metaserver/governance/request_notices.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "metaserver/oncall/notifier.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_governance_store.h"
#include "tests/integration/meta/governance_wrapper.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using metaserver::Delivery;
using metaserver::NoticeText;
using metaserver::Notifier;
using metaserver::RequestNotices;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A receiver that is away until it is back.
class AwaySender final : public metaserver::ChannelSender {
 public:
  Delivery Send(const core::AlertChannel& /*channel*/, const NoticeText& text) override {
    MutexLock lock(mutex_);
    tried_.push_back(text);
    if (!is_back_) return {false, "nobody there"};
    taken_.push_back(text);
    return {true, ""};
  }
  Delivery SendStates(const core::AlertChannel& /*channel*/, std::string /*body*/) override {
    return {true, ""};
  }
  Delivery Beat(const std::string& /*url*/, std::string /*body*/) override { return {true, ""}; }
  void ComeBack() {
    MutexLock lock(mutex_);
    is_back_ = true;
  }
  [[nodiscard]] std::vector<NoticeText> tried() const {
    MutexLock lock(mutex_);
    return tried_;
  }
  [[nodiscard]] std::vector<NoticeText> taken() const {
    MutexLock lock(mutex_);
    return taken_;
  }

 private:
  mutable Mutex mutex_;
  bool is_back_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<NoticeText> tried_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<NoticeText> taken_ LANEMQ_GUARDED_BY(mutex_);
};

class RequestNoticesOnDatabases : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<MetaRig>(*server, prefix_);
    pool_ = std::make_unique<sql::ConnectionPool>(
        "metadata", MetaRig::MakeConnection(*server, prefix_), sql::PoolOptions{});
    store_ = std::make_unique<sql::MySqlGovernanceStore>(*pool_);
    alerts_ = std::make_unique<sql::MySqlAlertStore>(*pool_);
    const core::AlertChannel pager{
        .name = "pager", .url = "http://pager", .lowest = core::AlertSeverity::kPage};
    ASSERT_TRUE(alerts_->SetChannel(pager, "root", Note(), Soon()).ok());
  }
  static Deadline Soon() { return MetaRig::Soon(); }

  /// Committed; whoever did it dies at once.
  void BreakTheGlass() {
    core::StoredRequest stored;
    stored.title = "Refunds";
    stored.request.author = {core::PrincipalKind::kPerson, "olga"};
    stored.request.state = core::RequestState::kApproved;
    stored.request.break_glass_reason = "the bank waits";
    stored.request.created_at = stored.request.changed_at = SystemClock::Instance().WallNow();
    const auto added = store_->AddRequest(stored, "", Note(), Soon());
    ASSERT_TRUE(added.ok()) << added.error().ToString();
  }
  /// One look of a metaserver that dies when it hands over, before or after that has happened; or
  /// of one that lives.
  void LookOnce(std::optional<bool> dies_after) {
    GovernanceStoreWrapper dying(*store_, [&](std::string_view call, bool is_after) -> Status {
      if (call != "HandOver" || dies_after != is_after) return {};
      return Error{ErrorCode::kMetadataUnavailable, "this process is dead"};
    });
    RequestNotices notices(
        {}, dying, *alerts_, [] { return nullptr; }, SystemClock::Instance());
    notices.Round();
    EXPECT_EQ(notices.Totals().failed, dies_after ? 1 : 0);
  }
  core::StoredRequest AddApproved() {
    core::StoredRequest stored;
    stored.request.author = {core::PrincipalKind::kPerson, "ann"};
    stored.request.approvers = {{core::Approver::Kind::kOperators, ""}};
    stored.request.state = core::RequestState::kPending;
    stored.request.created_at = stored.request.changed_at = SystemClock::Instance().WallNow();
    return Save(*store_->AddRequest(stored, "", Note(), Soon()), core::RequestState::kApproved);
  }
  core::StoredRequest Save(core::StoredRequest stored, core::RequestState state) {
    stored.request.state = state;
    auto saved = store_->SaveRequest(stored, Note(), Soon());
    EXPECT_TRUE(saved.ok()) << saved.error().ToString();
    return saved.ok() ? *saved : stored;
  }
  /// The team of ann has the pager.
  RequestNotices::Counts LookOfTeam() {
    core::AccessRecords records;
    records.version = 1;
    records.teams = {{.name = "payments", .oncall_route = "pager", .members = {{"ann"}}}};
    const auto book = std::make_shared<const core::AccessBook>(std::move(records));
    RequestNotices notices(
        {}, *store_, *alerts_, [&] { return book; }, SystemClock::Instance());
    notices.Round();
    return notices.Totals();
  }
  void Run(const std::string& text) {
    auto connection = pool_->Checkout(sql::Access::kWrite, Soon());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = text;
    const auto done = (*connection)->UpdateText("test");
    ASSERT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  }
  /// Notices that may be sent now, and that are then.
  std::vector<std::string> SendDue() {
    std::vector<std::string> sent;
    const auto due = alerts_->Due("pager", 1, 10, Soon());
    EXPECT_TRUE(due.ok()) << due.error().ToString();
    if (!due.ok()) return sent;
    for (const core::AlertNotice& notice : *due) {
      sent.push_back(notice.notice);
      Run("UPDATE alert_notices SET state = 'sent' WHERE notice = '" + notice.notice + "'");
    }
    return sent;
  }
  /// The notifier of a metaserver that is on call from now on.
  std::unique_ptr<Notifier> GoOnCall(const std::string& name) {
    const auto lease = rig_->leases.Acquire("on-call", name, seconds{60}, Soon());
    EXPECT_TRUE(lease.ok()) << lease.error().ToString();
    if (!lease.ok()) return nullptr;
    lease_ = *lease;
    auto view = std::make_shared<metaserver::AlertView>();
    view->fence = core::Fence{"on-call", lease->token};
    view->now = SystemClock::Instance().WallNow();
    view->at = SystemClock::Instance().Now();
    view->channels = alerts_->LoadSettings(Soon())->channels;
    auto notifier =
        std::make_unique<Notifier>(Notifier::Options{.times = core::AlertTimes{}.Scaled(0.01),
                                                     .tick = milliseconds{5},
                                                     .runbook_url = "http://book/"},
                                   *alerts_, sender_, SystemClock::Instance());
    notifier->Start();
    notifier->Update(view);
    return notifier;
  }

  const std::string prefix_ = UniquePrefix();
  std::unique_ptr<MetaRig> rig_;
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlGovernanceStore> store_;
  std::unique_ptr<sql::MySqlAlertStore> alerts_;
  AwaySender sender_;
  core::Lease lease_;
};

TEST_P(RequestNoticesOnDatabases, ThePageOfBrokenGlassComesWhoeverDiesOnTheWay) {
  BreakTheGlass();
  LookOnce(/*dies_after=*/false);
  EXPECT_EQ(store_->LoadNotices(10, Soon())->waiting, 1);
  LookOnce(/*dies_after=*/true);
  EXPECT_EQ(store_->LoadNotices(10, Soon())->waiting, 0);
  LookOnce(std::nullopt);
  {
    const auto first = GoOnCall("first");
    ASSERT_NE(first, nullptr);
    ASSERT_TRUE(WaitFor([&] { return sender_.tried().size() >= 2; }, seconds{30}, "it is tried"));
    first->Stop();
  }
  EXPECT_TRUE(sender_.taken().empty());
  ASSERT_TRUE(rig_->leases.Release(lease_, Soon()).ok());
  sender_.ComeBack();
  const auto second = GoOnCall("second");
  ASSERT_NE(second, nullptr);
  ASSERT_TRUE(WaitFor([&] { return !sender_.taken().empty(); }, seconds{60}, "it is taken"));
  ASSERT_TRUE(WaitFor([&] { return alerts_->ChannelStates(Soon())->front().queued == 0; },
                      seconds{30}, "it is marked"));
  second->Stop();
  const auto taken = sender_.taken();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].kind, "change_request_break_glass");
  EXPECT_EQ(taken[0].severity, "page");
  EXPECT_THAT(taken[0].summary, ::testing::HasSubstr("the bank waits"));
  EXPECT_EQ(taken[0].runbook, "") << "there is none of it";
  for (const NoticeText& tried : sender_.tried()) EXPECT_EQ(tried.notice, taken[0].notice);
}

TEST_P(RequestNoticesOnDatabases, TwoMetaserversTellOnce) {
  BreakTheGlass();
  const auto found = store_->LoadNotices(10, Soon());
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  ASSERT_EQ(found->notices.size(), 1u);
  std::atomic<int> first{0};
  {
    std::vector<std::jthread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back([&] {
        const auto handed = store_->HandOver(found->notices[0], {}, Soon());
        if (handed.ok() && *handed) ++first;
      });
    }
  }
  EXPECT_EQ(first, 1);
}

TEST_P(RequestNoticesOnDatabases, WhatHappensToARequestIsSentInThisOrder) {
  core::StoredRequest request = AddApproved();
  Save(request, core::RequestState::kApplied);
  EXPECT_EQ(LookOfTeam().told, 2);
  EXPECT_THAT(SendDue(), ::testing::ElementsAre(::testing::HasSubstr("-approved-")));
  EXPECT_THAT(SendDue(), ::testing::ElementsAre(::testing::HasSubstr("-applied-")));
}

TEST_P(RequestNoticesOnDatabases, NobodyIsAskedForWhatIsDecided) {
  AddApproved();
  const RequestNotices::Counts counts = LookOfTeam();
  EXPECT_EQ(counts.told, 1);
  EXPECT_EQ(counts.overtaken, 1);
  EXPECT_EQ(store_->LoadNotices(10, Soon())->waiting, 0);
}

TEST_P(RequestNoticesOnDatabases, ARequestOfANewerVersionDoesNotBlockOthers) {
  const std::int64_t newer = AddApproved().request.id;
  AddApproved();
  Run("UPDATE change_requests SET author = 'dragon' WHERE id = " + std::to_string(newer));
  const RequestNotices::Counts counts = LookOfTeam();
  EXPECT_EQ(counts.failed, 0);
  EXPECT_EQ(counts.told, 1);
  const auto left = store_->LoadNotices(10, Soon());
  ASSERT_TRUE(left.ok());
  EXPECT_EQ(left->waiting, 2);
  for (const core::RequestNotice& one : left->notices) EXPECT_EQ(one.request, newer);
}

INSTANTIATE_TEST_SUITE_P(On, RequestNoticesOnDatabases, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
