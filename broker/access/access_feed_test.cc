#include "broker/access/access_feed.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "broker/access/access_file.h"
#include "broker/catalog/fake_meta_client.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::broker {
namespace {

using lanemq::testing::TempDir;
using lanemq::testing::WaitFor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeMetaClient;

class ManualClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return MonotonicTime{passed_.load()}; }
  [[nodiscard]] WallTime WallNow() const override {
    return {kStart + std::chrono::duration_cast<std::chrono::microseconds>(passed_.load()).count()};
  }
  void Pass(std::chrono::nanoseconds time) { passed_ = passed_.load() + time; }
  [[nodiscard]] WallTime In(std::chrono::microseconds time) const {
    return {WallNow().micros + time.count()};
  }

 private:
  static constexpr std::int64_t kStart = 1'700'000'000'000'000;
  std::atomic<std::chrono::nanoseconds> passed_{seconds(100)};
};

core::Token TokenOf(const std::string& service, std::optional<WallTime> expires = std::nullopt) {
  core::Token token;
  token.id = service + "-token";
  token.id.resize(10, '0');
  token.hash = std::string(32, 'h');
  token.service = service;
  token.expires_at = expires;
  return token;
}

class AccessFeedTest : public ::testing::Test {
 protected:
  AccessFeedTest() {
    options_.file = dir_.path() / "access.snapshot";
    options_.interval = milliseconds(5);
    meta_.ChangeAccess([](core::AccessRecords& records) {
      records.services = {{.name = "billing"}, {.name = "shop"}};
      records.tokens = {TokenOf("billing"), TokenOf("shop")};
    });
  }
  AccessFeed& Make(bool is_on = true) {
    feed_.reset();
    guard_ = std::make_unique<Guard>(is_on, clock_);
    feed_ = std::make_unique<AccessFeed>(
        options_, meta_, *guard_, clock_,
        AccessFeed::Hooks{[this] { return servers_; }, [this] { return cluster_; },
                          [this] { ++changes_; }});
    return *feed_;
  }
  [[nodiscard]] std::int64_t version() const {
    const auto book = guard_->book();
    return book ? book->version() : 0;
  }

  TempDir dir_;
  ManualClock clock_;
  FakeMetaClient meta_;
  AccessFeedOptions options_;
  std::vector<core::Endpoint> servers_ = {{"a", 1}, {"b", 2}};
  std::string cluster_;
  std::unique_ptr<Guard> guard_;
  std::atomic<int> changes_{0};
  std::unique_ptr<AccessFeed> feed_;
};

TEST_F(AccessFeedTest, TheBookComesOnceAndThenOnlyWhatIsNewer) {
  AccessFeed& feed = Make();
  feed.Round();
  EXPECT_EQ(version(), 2);
  EXPECT_NE(guard_->book()->FindService("shop"), nullptr);
  feed.Round();
  feed.Round();
  EXPECT_EQ(meta_.access_calls(), 3);
  EXPECT_EQ(meta_.whole_books(), 1);
  EXPECT_EQ(changes_, 1);
  meta_.ChangeAccess([](core::AccessRecords& records) { records.tokens.pop_back(); });
  feed.Round();
  EXPECT_EQ(version(), 3);
  EXPECT_EQ(changes_, 2);
}

TEST_F(AccessFeedTest, TheThreadKeepsAskingAndStartsWithABook) {
  options_.interval = milliseconds(1);
  AccessFeed feed(
      options_, meta_, *(guard_ = std::make_unique<Guard>(true, SystemClock::Instance())),
      SystemClock::Instance(),
      {[this] { return servers_; }, [this] { return cluster_; }, [this] { ++changes_; }});
  feed.Start(seconds(10));
  EXPECT_EQ(version(), 2) << "Start() did not wait for the first book";
  meta_.ChangeAccess([](core::AccessRecords& records) { records.services.pop_back(); });
  EXPECT_TRUE(WaitFor([&] { return version() == 3; }, seconds(10), "the change"));
  feed.Stop();
}

TEST_F(AccessFeedTest, WhoeverPokesHasTheBookAskedForAtOnceAndNotAllTheTime) {
  options_.interval = std::chrono::minutes(10);
  options_.poke_interval = milliseconds(50);
  AccessFeed feed(
      options_, meta_, *(guard_ = std::make_unique<Guard>(true, SystemClock::Instance())),
      SystemClock::Instance(),
      {[this] { return servers_; }, [this] { return cluster_; }, [this] { ++changes_; }});
  feed.Start(seconds(10));
  ASSERT_EQ(version(), 2);
  meta_.ChangeAccess([](core::AccessRecords& records) { records.services.pop_back(); });
  feed.Poke();
  EXPECT_TRUE(WaitFor([&] { return version() == 3; }, seconds(10), "the change"));
  const int before = meta_.access_calls();
  const MonotonicTime begun = SystemClock::Instance().Now();
  while (SystemClock::Instance().Now() - begun < milliseconds(500)) feed.Poke();
  feed.Stop();
  const auto passed = SystemClock::Instance().Now() - begun;
  EXPECT_GT(meta_.access_calls(), before);
  EXPECT_LE(meta_.access_calls() - before, passed / options_.poke_interval + 1);
}

TEST_F(AccessFeedTest, ATokenOfAMomentAgoIsKnownWhenItComesAgain) {
  options_.metaserver_delay = seconds(1);
  AccessFeed& feed = Make();
  feed.Round();
  const std::string token = "lmq_0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq";
  EXPECT_TRUE(guard_->MayBeNew(token));
  feed.Round();
  EXPECT_TRUE(guard_->MayBeNew(token)) << "the metaserver may not know it yet";
  meta_.SetAllDown(true);
  clock_.Pass(seconds(30));
  feed.Round();
  EXPECT_TRUE(guard_->MayBeNew(token)) << "nobody has answered";
  meta_.SetAllDown(false);
  feed.Round();
  EXPECT_FALSE(guard_->MayBeNew(token));
}

TEST_F(AccessFeedTest, AGuardThatObservesHasItsBookToo) {
  guard_ = std::make_unique<Guard>(AuthMode::kObserve, clock_);
  AccessFeed feed(options_, meta_, *guard_, clock_,
                  {[this] { return servers_; }, [this] { return cluster_; }, [] {}});
  feed.Start(seconds(10));
  EXPECT_EQ(version(), 2);
  feed.Stop();
}

TEST_F(AccessFeedTest, WithTheGuardOffNobodyIsAsked) {
  AccessFeed& feed = Make(false);
  feed.Load();
  feed.Start(seconds(10));
  feed.Stop();
  EXPECT_EQ(meta_.access_calls(), 0);
  EXPECT_FALSE(std::filesystem::exists(options_.file));
}

TEST_F(AccessFeedTest, AMetaserverThatIsDownIsPassedOver) {
  meta_.SetDown({"a", 1}, true);
  AccessFeed& feed = Make();
  feed.Round();
  EXPECT_EQ(version(), 2);
  meta_.SetDown({"a", 1}, false);
  meta_.SetDown({"b", 2}, true);
  meta_.ChangeAccess([](core::AccessRecords&) {});
  feed.Round();
  EXPECT_EQ(version(), 3);
}

TEST_F(AccessFeedTest, WhenNobodyAnswersTheLastBookHoldsAndItsAgeGrows) {
  AccessFeed& feed = Make();
  feed.Round();
  clock_.Pass(seconds(3));
  feed.Round();
  EXPECT_EQ(feed.age(), seconds(0)) << "unchanged is an answer, too";
  meta_.SetAllDown(true);
  clock_.Pass(seconds(60));
  feed.Round();
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(feed.age(), seconds(60));
  EXPECT_TRUE(feed.confirmed_at());
}

TEST_F(AccessFeedTest, ARestartWithoutAMetaserverStartsFromDisk) {
  Make().Round();
  meta_.SetAllDown(true);
  AccessFeed& feed = Make();
  EXPECT_EQ(guard_->book(), nullptr);
  feed.Load();
  EXPECT_EQ(version(), 2);
  EXPECT_NE(guard_->book()->FindService("billing"), nullptr);
  EXPECT_FALSE(feed.confirmed_at());
  clock_.Pass(seconds(7));
  EXPECT_EQ(feed.age(), seconds(7)) << "since the start: it says so in metrics";
  meta_.SetAllDown(false);
  feed.Round();
  EXPECT_TRUE(feed.confirmed_at());
  EXPECT_EQ(meta_.whole_books(), 1) << "what is on disk is the newest";
}

TEST_F(AccessFeedTest, ABookOfAMetaserverThatKnowsNoPeopleIsAskedForAgainUntilItIsWhole) {
  meta_.ChangeAccess([](core::AccessRecords& records) {
    records.people = {{.name = "ann", .role = core::PersonRole::kAdmin}};
    records.quotas = {{"shops", {.messages_per_s = 1}}};
  });
  meta_.SetTooOldForPeople(true);
  Make().Round();
  EXPECT_EQ(version(), 3);
  EXPECT_TRUE(guard_->book()->records().people.empty());
  feed_->Round();
  EXPECT_EQ(meta_.whole_books(), 2);
  EXPECT_EQ(changes_, 1) << "it is the same book";
  AccessFeed& feed = Make();
  feed.Load();
  EXPECT_EQ(version(), 3);
  meta_.SetTooOldForPeople(false);
  feed.Round();
  EXPECT_EQ(guard_->book()->records().people, meta_.access().people);
  EXPECT_EQ(guard_->book()->records().quotas, meta_.access().quotas);
  EXPECT_EQ(changes_, 2);
  feed.Round();
  EXPECT_EQ(meta_.whole_books(), 3) << "nothing is missing any more";
  Make().Load();
  EXPECT_EQ(guard_->book()->records().people, meta_.access().people);
  feed_->Round();
  EXPECT_EQ(meta_.whole_books(), 3);
}

TEST_F(AccessFeedTest, AnOlderBookOfTheSameClusterIsNotTaken) {
  AccessFeed& feed = Make();
  feed.Round();
  core::AccessRecords old = meta_.access();
  old.version = 1;
  old.tokens.clear();
  meta_.SetAccess(old);
  clock_.Pass(seconds(5));
  feed.Round();
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(guard_->book()->records().tokens.size(), 2u);
  EXPECT_EQ(feed.age(), seconds(5)) << "it has confirmed nothing";
}

TEST_F(AccessFeedTest, ABookOfAnotherClusterIsNotTaken) {
  AccessFeed& feed = Make();
  feed.Round();
  core::AccessRecords other = meta_.access();
  other.version = 99;
  other.cluster_id = "another";
  meta_.SetAccess(other);
  feed.Round();
  EXPECT_EQ(version(), 2);
  other.version = 2;  // Now it says that nothing has changed.
  meta_.SetAccess(other);
  clock_.Pass(seconds(5));
  feed.Round();
  EXPECT_EQ(feed.age(), seconds(5)) << "another cluster's word counts for nothing";

  // Nor the first one, when the catalogue knows better.
  std::filesystem::remove(options_.file);
  cluster_ = "test";
  Make().Round();
  EXPECT_EQ(version(), 0);
  cluster_ = "another";
  feed_->Round();
  EXPECT_EQ(version(), 2);
}

TEST_F(AccessFeedTest, ARefusalKeepsTheBookToo) {
  AccessFeed& feed = Make();
  feed.Round();
  meta_.RefuseAccess(Error{ErrorCode::kMetadataUnavailable, "starting"});
  meta_.ChangeAccess([](core::AccessRecords& records) { records.tokens.clear(); });
  feed.Round();
  EXPECT_EQ(version(), 2);
  meta_.RefuseAccess(std::nullopt);
  feed.Round();
  EXPECT_EQ(version(), 3);
}

TEST_F(AccessFeedTest, AMetaserverThatIsCutOffFromItsDatabaseConfirmsNothing) {
  AccessFeed& feed = Make();
  feed.Round();
  std::set<std::int32_t> cut_off = {1};
  std::vector<std::int32_t> asked;
  meta_.OnAccess([&](const core::Endpoint& server) {
    asked.push_back(server.port);
    std::optional<Error> refusal;
    if (cut_off.contains(server.port)) refusal = {ErrorCode::kMetadataUnavailable, "cut off"};
    meta_.RefuseAccess(refusal);
  });
  clock_.Pass(seconds(5));
  feed.Round();
  EXPECT_EQ(asked, (std::vector{1, 2}));
  EXPECT_EQ(feed.age(), seconds(0)) << "the other has confirmed it";
  feed.Round();
  EXPECT_EQ(asked, (std::vector{1, 2, 2})) << "and is asked first from now on";

  cut_off = {1, 2};
  for (int i = 1; i <= 3; ++i) {
    clock_.Pass(seconds(5));
    feed.Round();
    EXPECT_EQ(feed.age(), seconds(5 * i));
  }
  EXPECT_EQ(version(), 2);
  EXPECT_NE(guard_->book()->FindService("billing"), nullptr);
}

TEST_F(AccessFeedTest, WhatEndsByItselfIsToldWithoutANewBook) {
  meta_.ChangeAccess([&](core::AccessRecords& records) {
    records.tokens[1].expires_at = clock_.In(hours(2));
    core::Grant grant;
    grant.id = 1;
    grant.name = "orders";
    grant.principal = {core::PrincipalKind::kService, "shop"};
    grant.actions = {core::Action::kConsume};
    grant.expires_at = clock_.In(hours(1));
    records.grants = {grant};
  });
  AccessFeed& feed = Make();
  feed.Round();
  ASSERT_EQ(changes_, 1);
  clock_.Pass(hours(1) - seconds(1));
  feed.Round();
  EXPECT_EQ(changes_, 1);
  meta_.SetAllDown(true);  // Nobody need be asked for that.
  clock_.Pass(seconds(1));
  feed.Round();
  EXPECT_EQ(changes_, 2) << "the grant";
  feed.Round();
  EXPECT_EQ(changes_, 2);
  clock_.Pass(hours(1));
  feed.Round();
  EXPECT_EQ(changes_, 3) << "the token";
  clock_.Pass(hours(100));
  feed.Round();
  EXPECT_EQ(changes_, 3);
}

TEST_F(AccessFeedTest, AnEndIsNotToldLaterBecauseMetaserversHang) {
  meta_.ChangeAccess([&](core::AccessRecords& records) {
    records.tokens[0].expires_at = clock_.In(seconds(10));
    records.tokens[1].expires_at = clock_.In(seconds(11));
  });
  // Each hangs for two seconds. What had been told when it was asked:
  std::vector<int> told;
  bool is_hanging = false;
  meta_.OnAccess([&](const core::Endpoint&) {
    told.push_back(changes_);
    if (is_hanging) clock_.Pass(seconds(2));
  });
  AccessFeed& feed = Make();
  feed.Round();
  ASSERT_EQ(told, std::vector{0});
  ASSERT_EQ(changes_, 1) << "the book";
  is_hanging = true;
  meta_.SetAllDown(true);
  clock_.Pass(seconds(10));
  feed.Round();
  EXPECT_EQ(told, (std::vector{0, 2, 3}))
      << "the first token had ended before anybody was asked, the second while the first hung";
  EXPECT_EQ(changes_, 3);
}

TEST_F(AccessFeedTest, TheFileIsForThisUserAloneAndChecked) {
  Make().Round();
  const auto mode = std::filesystem::status(options_.file).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::string bytes;
  {
    std::ifstream in(options_.file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_EQ(LoadAccess(options_.file)->records.services, meta_.access().services);
  EXPECT_EQ(LoadAccess(options_.file)->records.tokens, meta_.access().tokens);
  for (std::size_t i = 0; i < bytes.size(); i += 5) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    std::ofstream(options_.file, std::ios::binary) << damaged;
    ASSERT_EQ(LoadAccess(options_.file).error().code, ErrorCode::kCorruptMessage) << i;
  }
  Make().Load();
  EXPECT_EQ(guard_->book(), nullptr) << "a damaged file is no book";
  EXPECT_EQ(LoadAccess(dir_.path() / "nothing").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace lanemq::broker
