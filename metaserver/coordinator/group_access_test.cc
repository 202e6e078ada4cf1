// Members that lose their rights: who is told to go, when, and who stays.
#include "metaserver/coordinator/group_access.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/coordinator/test_stores.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::Action;
using core::kGroupSlots;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::TestClock;
using testing::TestDatabase;
using testing::WaitFor;

constexpr seconds kTtl{3'600};

/// Group "pickers" may be consumed with by team shop, whose service is cart; and by guest, as long
/// as it has a grant.
class GroupAccessTest : public ::testing::Test {
 protected:
  GroupAccessTest() {
    records_.version = 1;
    records_.cluster_id = "c";
    records_.teams = {{.name = "shop"}};
    records_.services = {{.name = "cart", .team = "shop"}, {.name = "guest"}};
    AddToken("a-cart", "cart");
    AddToken("b-guest", "guest");
    records_.owners = {{core::ResourceKind::kGroup, kGroup, "shop"}};
    core::Grant grant;
    grant.id = 1;
    grant.kind = core::ResourceKind::kGroup;
    grant.name = kGroup;
    grant.principal = {core::PrincipalKind::kService, "guest"};
    grant.actions = {Action::kConsume};
    records_.grants = {grant};
    Publish();
    keeper_.Tick();
    EXPECT_TRUE(WaitFor([&] { return slot().state() == GroupSlot::State::kServing; }, seconds{20},
                        "serves"));
  }

  static Coordinator::Options Options() {
    Coordinator::Options options;
    options.slot.limits.initial_rebalance_delay = milliseconds{0};
    options.slot.lease = Lease();
    return options;
  }
  static core::LeaseTrust::Options Lease() { return {.ttl = kTtl, .margin = seconds{1}}; }

  GroupSlot& slot() { return coordinator_.SlotOf(kGroup); }
  void AddToken(const std::string& id, const std::string& service) {
    core::Token token;
    token.id = id;
    token.hash = std::string(32, 'h');
    token.service = service;
    records_.tokens.push_back(token);
    std::ranges::sort(records_.tokens, {}, &core::Token::id);
  }
  void Publish() {
    ++records_.version;
    guard_.Publish(std::make_shared<const core::AccessBook>(records_));
  }
  void Revoke(const std::string& id) {
    std::erase_if(records_.tokens, [&](const core::Token& token) { return token.id == id; });
    Publish();
  }
  static std::shared_ptr<const core::Caller> CallerOf(const std::string& service,
                                                      const std::string& token) {
    return std::make_shared<const core::Caller>(
        core::Caller{{core::PrincipalKind::kService, service}, token});
  }

  Result<core::JoinReply> JoinOnce(const std::string& member_id) {
    core::JoinCall join;
    join.member_id = member_id;
    join.client_id = "c";
    join.host = "h";
    join.session_timeout = minutes{30};
    join.rebalance_timeout = seconds{5};
    join.protocols = {"range"};
    join.subscription.topics = {"orders"};
    const auto answer = std::make_shared<Answer<Result<core::JoinReply>>>();
    (void)slot().Join(kGroup, join, [answer](const auto& reply) { answer->Set(reply); });
    return answer->Wait();
  }
  /// The only member of the group.
  std::string Join(const std::string& service, const std::string& token) {
    const auto first = JoinOnce("");
    EXPECT_TRUE(first.ok() && first->must_rejoin_with_id);
    const auto joined = JoinOnce(first->member_id);
    EXPECT_TRUE(joined.ok()) << joined.error().ToString();
    slot().NoteCaller(kGroup, joined->member_id, CallerOf(service, token));
    return joined->member_id;
  }
  [[nodiscard]] std::size_t Members() {
    const auto group = slot().Peek(kGroup, nullptr);
    return group ? group->members.size() : 0;
  }
  ::testing::AssertionResult IsEmptySoon() {
    return WaitFor([&] { return Members() == 0; }, seconds{20}, "the member to be gone");
  }

  template <typename T>
  struct Answer {
    void Set(const T& value) {
      MutexLock lock(mutex);
      got = value;
    }
    T Wait() {
      EXPECT_TRUE(WaitFor(
          [&] {
            MutexLock lock(mutex);
            return got.has_value();
          },
          seconds{20}, "answer"));
      MutexLock lock(mutex);
      return got.value_or(T{Error{ErrorCode::kRequestTimedOut, "no answer"}});
    }
    Mutex mutex;
    std::optional<T> got LANEMQ_GUARDED_BY(mutex);
  };

  const std::string kGroup = "pickers";
  TestClock clock_;
  TestDatabase database_{clock_};
  core::AccessRecords records_;
  Guard guard_{true, clock_};
  const core::Endpoint self_{"a", 1};
  Coordinator coordinator_{Options(), database_, testing::NoOffsetNodes(), clock_};
  SlotDirectory directory_{kTtl, clock_};
  SlotKeeper keeper_{{.self = self_, .owner = LeaseOwner(self_, 7), .lease = Lease()},
                     database_,
                     coordinator_,
                     directory_,
                     clock_};
  GroupAccess access_{{.grace = seconds{10}}, coordinator_, guard_, clock_};
};

TEST_F(GroupAccessTest, WhoMayConsumeStays) {
  Join("cart", "a-cart");
  EXPECT_EQ(access_.Look(), 0u);
  clock_.Advance(minutes{5});
  EXPECT_EQ(access_.Look(), 0u);
  EXPECT_EQ(Members(), 1u);
}

TEST_F(GroupAccessTest, WhoLosesTheGrantGoesAtTheNextLook) {
  Join("guest", "b-guest");
  EXPECT_EQ(access_.Look(), 0u);
  records_.grants.clear();
  Publish();
  EXPECT_EQ(access_.Look(), 1u);
  EXPECT_TRUE(IsEmptySoon());
  EXPECT_EQ(access_.Look(), 0u) << "it is not told twice";
  EXPECT_EQ(coordinator_.Stats().members_expelled, 1);
}

TEST_F(GroupAccessTest, AGrantThatEndsByTheClockNeedsNoNewBook) {
  records_.grants[0].expires_at = WallTime{clock_.WallNow().micros + 5'000'000};
  Publish();
  Join("guest", "b-guest");
  EXPECT_EQ(access_.Look(), 0u);
  clock_.Advance(seconds{6});
  EXPECT_EQ(access_.Look(), 1u);
  EXPECT_TRUE(IsEmptySoon());
}

TEST_F(GroupAccessTest, WhoseOnlyTokenIsRevokedGoesAtOnce) {
  Join("cart", "a-cart");
  Revoke("a-cart");
  EXPECT_EQ(access_.Look(), 1u);
  EXPECT_TRUE(IsEmptySoon());
}

TEST_F(GroupAccessTest, ADisabledServiceGoesAtOnceThoughItHasTokens) {
  Join("cart", "a-cart");
  records_.services[0].is_disabled = true;
  Publish();
  EXPECT_EQ(access_.Look(), 1u);
  EXPECT_TRUE(IsEmptySoon());
}

TEST_F(GroupAccessTest, WhoseTokenIsReplacedHasTimeToComeBackWithTheNewOne) {
  AddToken("c-cart", "cart");
  Publish();
  const std::string member = Join("cart", "a-cart");
  Revoke("a-cart");
  EXPECT_EQ(access_.Look(), 0u);
  clock_.Advance(seconds{9});
  EXPECT_EQ(access_.Look(), 0u);
  slot().NoteCaller(kGroup, member, CallerOf("cart", "c-cart"));
  clock_.Advance(seconds{60});
  EXPECT_EQ(access_.Look(), 0u);
  EXPECT_EQ(Members(), 1u);

  AddToken("d-cart", "cart");
  Revoke("c-cart");
  EXPECT_EQ(access_.Look(), 0u);
  clock_.Advance(seconds{10});
  EXPECT_EQ(access_.Look(), 1u) << "it has not come back";
  EXPECT_TRUE(IsEmptySoon());
}

TEST_F(GroupAccessTest, WithTheGuardOffOrObservingNobodyGoes) {
  for (const AuthMode mode : {AuthMode::kNone, AuthMode::kObserve}) {
    Guard guard(mode, clock_);
    core::AccessRecords nothing;
    nothing.version = 1;
    guard.Publish(std::make_shared<const core::AccessBook>(nothing));
    GroupAccess access({}, coordinator_, guard, clock_);
    Join("cart", "a-cart");
    EXPECT_EQ(access.Look(), 0u);
    EXPECT_EQ(guard.log().observed_total(), 0u);
    Revoke("a-cart");
    EXPECT_EQ(access_.Look(), 1u);
    EXPECT_TRUE(IsEmptySoon());
    AddToken("a-cart", "cart");
    Publish();
  }
}

TEST_F(GroupAccessTest, TheThreadLooksAgainAndAgain) {
  GroupAccess access({.every = milliseconds{1}}, coordinator_, guard_, clock_);
  access.Start();
  Join("guest", "b-guest");
  records_.grants.clear();
  Publish();
  EXPECT_TRUE(IsEmptySoon());
  access.Stop();
}

}  // namespace
}  // namespace lanemq::metaserver
