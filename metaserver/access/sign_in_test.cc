#include "metaserver/access/sign_in.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/password.h"
#include "common/guard/test_world.h"
#include "tests/conformance/fake_people_store.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kRight = "correct horse battery";

TEST(SignInPauseTest, GrowsTwofoldFromTheFifthFailureToAQuarterOfAnHour) {
  for (const int failures : {0, 1, 4}) EXPECT_EQ(PauseAfter(failures), seconds{0});
  EXPECT_EQ(PauseAfter(5), seconds{1});
  EXPECT_EQ(PauseAfter(6), seconds{2});
  EXPECT_EQ(PauseAfter(7), seconds{4});
  EXPECT_EQ(PauseAfter(14), seconds{512});
  for (const int failures : {15, 40, 100, 2'000'000'000}) {
    EXPECT_EQ(PauseAfter(failures), minutes{15}) << failures;
  }
}

TEST(SignInPauseTest, LocksFromTheLastFailureOn) {
  core::PersonAccount account;
  account.failures = 6;
  EXPECT_EQ(LockedUntil(account, WallTime{0}), std::nullopt);
  account.last_failed_at = WallTime{10'000'000};
  EXPECT_EQ(LockedUntil(account, WallTime{10'000'000}), WallTime{12'000'000});
  EXPECT_EQ(LockedUntil(account, WallTime{11'999'999}), WallTime{12'000'000});
  EXPECT_EQ(LockedUntil(account, WallTime{12'000'000}), std::nullopt);
  account.failures = 4;
  EXPECT_EQ(LockedUntil(account, WallTime{10'000'000}), std::nullopt);
}

class PasswordCheckTest : public ::testing::Test {
 protected:
  PasswordCheckTest() {
    for (const std::string name : {"ann", "bob", "gil", "oid"}) {
      core::PersonProfile person;
      person.person.name = name;
      EXPECT_TRUE(store_.Put(person, {}, Deadline{}).ok());
      if (name != "bob") {
        EXPECT_TRUE(store_.SetPassword({name, kHash(), false, ""}, {}, Deadline{}).ok());
      }
      person.person.is_disabled = name == "gil";
      if (name == "oid") person.oidc_subject = "sub";
      EXPECT_TRUE(store_.Put(person, {}, Deadline{}).ok());
    }
  }
  static const std::string& kHash() {
    static const std::string hash = HashPassword(kRight);
    return hash;
  }
  /// From an address of its own each time, unless one is given.
  Result<core::PersonAccount> Try(const std::string& name, const std::string& password,
                                  std::string address = {}) {
    if (address.empty()) address = "10.0.0." + std::to_string(++addresses_);
    return check_.Verify({name, password, std::move(address)}, Deadline{});
  }
  int Failures(const std::string& name) {
    return (*store_.FindForSignIn(name, Deadline{}))->account.failures;
  }
  void Forgive(const std::string& name) {
    EXPECT_TRUE(store_.SetPassword({name, kHash(), false, ""}, {}, Deadline{}).ok());
  }

  testing::GuardClock clock_;
  testing::FakeAccessStore access_;
  testing::FakePeopleStore store_{access_};
  PasswordCheck check_{store_, clock_};
  int addresses_ = 0;
};

TEST_F(PasswordCheckTest, TheRightPasswordSaysWhoItIsAndCountsUntilASessionIsThere) {
  const auto person = Try("ann", kRight);
  ASSERT_TRUE(person.ok()) << person.error().ToString();
  EXPECT_EQ(person->profile.person.name, "ann");
  EXPECT_EQ(Failures("ann"), 1);
  core::Token session;
  session.id = "t1";
  session.person = "ann";
  session.is_session = true;
  session.expires_at = WallTime{access_.now().micros + 1};
  ASSERT_TRUE(store_.AddToken(session, {}, Deadline{}).ok());
  EXPECT_EQ(Failures("ann"), 0);
}

TEST_F(PasswordCheckTest, WhateverIsWrongTheAnswerIsTheSame) {
  std::vector<std::string> messages;
  for (const auto& [name, password] :
       std::vector<std::pair<std::string, std::string>>{
           {"ann", "correct horse batterz"},
           {"ann", ""},
           {"nobody", kRight},
           {"bob", kRight},                  // Has none.
           {"bob", ""},                      //
           {"gil", kRight},                  // Disabled.
           {"oid", kRight},                  // Signs in elsewhere.
           {"Not A Name", kRight},           //
           {"ann", std::string(257, 'x')}})  // Longer than any.
  {
    const auto refused = Try(name, password);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kAuthenticationFailed) << name;
    messages.push_back(refused.error().message);
    EXPECT_EQ(messages.back(), messages.front()) << name;
  }
  EXPECT_EQ(Failures("ann"), 2);
  EXPECT_EQ(Failures("gil"), 0);
}

TEST_F(PasswordCheckTest, AfterFiveWrongOnesTheRightOneHasToWaitAndAttemptsMeanwhileDoNotCount) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(*store_.CountAttempt("ann", i, Deadline{}));
  }
  const auto locked = Try("ann", kRight);
  ASSERT_FALSE(locked.ok());
  EXPECT_EQ(locked.error().code, ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(locked.error().message, Try("nobody", kRight).error().message);
  EXPECT_EQ(Failures("ann"), 5);
  access_.Advance(seconds{1});
  EXPECT_FALSE(Try("ann", "wrong horse battery").ok());
  EXPECT_EQ(Failures("ann"), 6);
  access_.Advance(microseconds{1'999'999});
  EXPECT_FALSE(Try("ann", kRight).ok());
  access_.Advance(microseconds{1});
  EXPECT_TRUE(Try("ann", kRight).ok());
  Forgive("ann");
  EXPECT_TRUE(Try("ann", kRight).ok());
}

TEST_F(PasswordCheckTest, AnAddressHasThreeAttemptsASecondWhoeverItTries) {
  for (const std::string name : {"a", "b", "c"}) {
    EXPECT_EQ(Try(name, "x", "10.1.1.1").error().code, ErrorCode::kAuthenticationFailed);
  }
  const auto held_up = Try("ann", kRight, "10.1.1.1");
  ASSERT_FALSE(held_up.ok());
  EXPECT_EQ(held_up.error().code, ErrorCode::kThrottled);
  EXPECT_GT(held_up.error().retry_after_ms, 0);
  EXPECT_TRUE(Try("ann", kRight, "10.1.1.2").ok());
  clock_.Advance(seconds{1});
  EXPECT_TRUE(Try("ann", kRight, "10.1.1.1").ok());
}

TEST_F(PasswordCheckTest, WhoGuessesFromManyNetworksDoesNotKeepOutThoseAtWork) {
  ASSERT_TRUE(Try("ann", kRight, "10.9.0.1").ok());
  Forgive("ann");
  clock_.Advance(seconds{10});
  int looked_at = 0;
  for (int i = 0; i < 30; ++i) {
    const auto guess = Try("nobody", "x");
    looked_at += guess.error().code == ErrorCode::kAuthenticationFailed ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 10);
  const auto stranger = Try("ann", kRight, "10.8.0.1");
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code, ErrorCode::kThrottled);
  EXPECT_GT(stranger.error().retry_after_ms, 0);
  EXPECT_EQ(Failures("ann"), 0) << "it was not looked at";
  EXPECT_TRUE(Try("ann", kRight, "10.9.0.1").ok());
  Forgive("ann");
  // A wrong password makes no network known, and what is known ends.
  clock_.Advance(std::chrono::hours{24 * 7});
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Try("nobody", "x").ok());
  EXPECT_EQ(Try("ann", kRight, "10.9.0.1").error().code, ErrorCode::kThrottled);
}

TEST_F(PasswordCheckTest, WhatIsNoNameAtAllCostsNobodyHisAttempt) {
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(Try("Not A Name", "x").error().code, ErrorCode::kAuthenticationFailed);
    EXPECT_EQ(Try("ann", std::string(257, 'x'), "10.8.0.1").error().code,
              ErrorCode::kAuthenticationFailed);
  }
  EXPECT_TRUE(Try("ann", kRight, "10.8.0.1").ok());
}

TEST_F(PasswordCheckTest, WhenAllThatCanBeKnownAreTheOldestGivesWay) {
  PasswordCheck check(store_, clock_, {.strangers_per_second = 2, .known_max = 2});
  for (const std::string address : {"10.1.0.1", "10.2.0.1", "10.1.0.1", "10.3.0.1"}) {
    ASSERT_TRUE(check.Verify({"ann", kRight, address}, Deadline{}).ok()) << address;
    Forgive("ann");
    clock_.Advance(seconds{1});
  }
  // No stranger is let in any more.
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(check.Verify({"nobody", "x", "10.9.0.1"}, Deadline{}).ok());
  }
  for (const std::string address : {"10.1.0.1", "10.3.0.1"}) {
    EXPECT_TRUE(check.Verify({"ann", kRight, address}, Deadline{}).ok()) << address;
    Forgive("ann");
  }
  EXPECT_EQ(check.Verify({"ann", kRight, "10.2.0.1"}, Deadline{}).error().code,
            ErrorCode::kThrottled);
}

TEST_F(PasswordCheckTest, APersonMakesSoManyNetworksKnownAndHisOwnOldestGivesWay) {
  core::PersonProfile dan;
  dan.person.name = "dan";
  ASSERT_TRUE(store_.Put(dan, {}, Deadline{}).ok());
  Forgive("dan");
  PasswordCheck check(store_, clock_, {.strangers_per_second = 1, .known_per_person_max = 2});
  const auto is_let_in = [&](const std::string& name, const std::string& address) {
    const auto person = check.Verify({name, kRight, address}, Deadline{});
    Forgive(name);
    return person.ok();
  };
  // The office is dan's and ann's.
  ASSERT_TRUE(is_let_in("dan", "10.1.0.1"));
  for (const std::string address : {"10.1.0.1", "10.2.0.1", "10.3.0.1", "10.4.0.1"}) {
    clock_.Advance(seconds{1});
    ASSERT_TRUE(is_let_in("ann", address)) << address;
  }
  EXPECT_FALSE(is_let_in("ann", "10.2.0.1"));
  for (const std::string address : {"10.1.0.1", "10.3.0.1", "10.4.0.1"}) {
    EXPECT_TRUE(is_let_in("dan", address)) << address;
  }
}

TEST_F(PasswordCheckTest, KnownNetworksTogetherHaveTheirBounds) {
  PasswordCheck check(store_, clock_, {.known_per_second = 4});
  const std::vector<std::string> addresses = {"10.1.0.1", "10.2.0.1", "10.3.0.1"};
  for (const std::string& address : addresses) {
    ASSERT_TRUE(check.Verify({"ann", kRight, address}, Deadline{}).ok()) << address;
    Forgive("ann");
  }
  clock_.Advance(seconds{10});
  int looked_at = 0;
  for (int i = 0; i < 6; ++i) {
    const auto guess = check.Verify({"nobody", "x", addresses[i % 3]}, Deadline{});
    looked_at += guess.error().code == ErrorCode::kAuthenticationFailed ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 4);
  const auto held_up = check.Verify({"ann", kRight, addresses[0]}, Deadline{});
  ASSERT_FALSE(held_up.ok());
  EXPECT_EQ(held_up.error().code, ErrorCode::kThrottled);
  EXPECT_GT(held_up.error().retry_after_ms, 0);
  EXPECT_TRUE(check.Verify({"ann", kRight, "10.9.0.1"}, Deadline{}).ok()) << "a stranger";
  clock_.Advance(seconds{1});
  EXPECT_TRUE(check.Verify({"ann", kRight, addresses[0]}, Deadline{}).ok());
}

}  // namespace
}  // namespace lanemq::metaserver
