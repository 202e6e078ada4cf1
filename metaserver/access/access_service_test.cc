#include "metaserver/access/access_service.h"

#include <atomic>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/secure.h"
#include "common/guard/test_world.h"
#include "metaserver/access/new_token.h"
#include "tests/conformance/fake_access_store.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::WaitFor;

class AccessServiceTest : public ::testing::Test {
 protected:
  AccessServiceTest() { AddOps(); }

  /// A service with a token of its own.
  void AddOps() {
    core::Service ops;
    ops.name = "ops";
    ops.kind = core::ServiceKind::kOperator;
    EXPECT_TRUE(store_.PutService(ops, {}, Deadline{}).ok());
    token_.token.service = ops.name;
  }
  void AddToken(std::optional<WallTime> expires_at = std::nullopt) {
    token_.token.expires_at = expires_at;
    EXPECT_TRUE(store_.AddToken(token_.token, {}, Deadline{}).ok());
  }
  [[nodiscard]] bool IsKnown() const { return guard_.Authenticate(token_.text).ok(); }

  testing::GuardClock clock_;
  testing::FakeAccessStore store_;
  NewToken token_ = MakeNewToken();
  Guard guard_{true, clock_};
  std::atomic<int> voided_{0};
  AccessService service_{
      {.poll_interval = milliseconds{5}}, store_, guard_, clock_, [this] { ++voided_; }};
};

TEST_F(AccessServiceTest, WhatOthersChangeIsInForceSoon) {
  ASSERT_TRUE(service_.Load().ok());
  EXPECT_FALSE(IsKnown());
  service_.Start();
  const int before = voided_;
  AddToken();
  EXPECT_TRUE(WaitFor([&] { return IsKnown(); }, seconds{20}, "the token counts"));
  EXPECT_TRUE(WaitFor([&] { return voided_ > before; }, seconds{20}, "connections are looked at"));
  ASSERT_TRUE(store_.RevokeToken(token_.token.id, {}, Deadline{}).ok());
  EXPECT_TRUE(WaitFor([&] { return !IsKnown(); }, seconds{20}, "it counts no more"));
}

TEST_F(AccessServiceTest, OwnChangesAreInForceAfterReload) {
  ASSERT_TRUE(service_.Load().ok());
  AddToken();
  ASSERT_TRUE(service_.Reload().ok());
  EXPECT_TRUE(IsKnown());
}

TEST_F(AccessServiceTest, WhileTheDatabaseIsAwayTheLastBookHolds) {
  AddToken();
  ASSERT_TRUE(service_.Load().ok());
  service_.Start();
  store_.SetDown(true);
  ASSERT_TRUE(WaitFor([&] { return !service_.is_fresh(); }, seconds{20}, "it is noticed"));
  EXPECT_TRUE(IsKnown());
  EXPECT_FALSE(service_.Reload().ok());
  EXPECT_TRUE(IsKnown());
  store_.SetDown(false);
  EXPECT_TRUE(WaitFor([&] { return service_.is_fresh(); }, seconds{20}, "it is back"));
}

TEST_F(AccessServiceTest, AfterAChangeThatCannotBeReadBackItSaysThatItIsDone) {
  ASSERT_TRUE(service_.Load().ok());
  AddToken();
  store_.SetDown(true);
  const Status told = service_.Reload();
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_THAT(told.error().message, HasSubstr("it is done"));
}

TEST_F(AccessServiceTest, AnOlderDatabaseBringsNothingBack) {
  AddToken();
  ASSERT_TRUE(service_.Load().ok());
  const std::int64_t serving = guard_.book()->version();
  store_.Edit([&](core::AccessRecords& records) {
    records.tokens.clear();
    records.version = serving - 5;
  });
  clock_.Advance(seconds{10});
  service_.Start();
  ASSERT_TRUE(WaitFor([&] { return !service_.is_fresh(); }, seconds{20}, "it is noticed"));
  EXPECT_TRUE(IsKnown());
  EXPECT_EQ(guard_.book()->version(), serving);
  EXPECT_LT(service_.confirmed_at(), clock_.Now()) << "nothing confirms the book";
  // Once is enough to know what an older book has.
  const int versions = store_.versions();
  const int loads = store_.loads();
  ASSERT_TRUE(WaitFor([&] { return store_.versions() > versions + 5; }, seconds{20}, "it looks"));
  EXPECT_EQ(store_.loads(), loads);
  EXPECT_FALSE(service_.is_fresh());

  // A change that does not get beyond the book: the fake counts, the database goes by the clock.
  core::Service more;
  more.name = "more";
  more.kind = core::ServiceKind::kServer;
  ASSERT_TRUE(store_.PutService(more, {}, Deadline{}).ok());
  const Status told = service_.Reload();
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_THAT(told.error().message, HasSubstr("it is done, but it is not in force"));

  store_.Edit([&](core::AccessRecords& records) { records.version = serving + 100; });
  EXPECT_TRUE(WaitFor([&] { return service_.is_fresh(); }, seconds{20}, "the next is newer"));
  EXPECT_FALSE(IsKnown()) << "the database's book is in force";
  EXPECT_TRUE(service_.Reload().ok());
}

TEST_F(AccessServiceTest, WithoutAFirstBookItDoesNotBegin) {
  store_.SetDown(true);
  const Status loaded = service_.Load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kMetadataUnavailable);
  EXPECT_EQ(guard_.book(), nullptr);
}

TEST_F(AccessServiceTest, AnExpiredTokenClosesConnectionsWithoutANewBook) {
  AddToken(WallTime{clock_.WallNow().micros + 1'000'000});
  ASSERT_TRUE(service_.Load().ok());
  const int before = voided_;
  service_.Start();
  EXPECT_TRUE(IsKnown());
  store_.SetDown(true);  // A database that is away does not make it last longer.
  EXPECT_EQ(voided_, before);
  clock_.Advance(seconds{1});
  EXPECT_TRUE(WaitFor([&] { return voided_ == before + 1; }, seconds{20}, "they are closed"));
  EXPECT_FALSE(IsKnown());
}

TEST_F(AccessServiceTest, SigningInLoadsTokensOfPeopleAlone) {
  AddToken();
  ASSERT_TRUE(service_.Load().ok());
  const int loads = store_.loads();
  store_.EditPeopleTokens([](core::AccessRecords& records) {
    core::Token session;
    session.id = "~";
    session.person = "ann";
    records.tokens.push_back(session);
  });
  ASSERT_TRUE(service_.Reload().ok());
  EXPECT_NE(guard_.book()->FindToken("~"), nullptr);
  EXPECT_TRUE(IsKnown()) << "the rest is as it was";
  EXPECT_EQ(store_.loads(), loads);
  EXPECT_EQ(store_.people_loads(), 1);
  // With another change it is the whole book.
  store_.EditPeopleTokens([](core::AccessRecords& records) { records.tokens.pop_back(); });
  ASSERT_TRUE(store_.RevokeToken(token_.token.id, {}, Deadline{}).ok());
  ASSERT_TRUE(service_.Reload().ok());
  EXPECT_FALSE(IsKnown());
  EXPECT_EQ(guard_.book()->FindToken("~"), nullptr);
  EXPECT_EQ(store_.loads(), loads + 1);
  EXPECT_EQ(store_.people_loads(), 1);
}

}  // namespace
}  // namespace lanemq::metaserver
