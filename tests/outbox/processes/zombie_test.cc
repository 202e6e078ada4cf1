// Relays that freeze past their leases and wake up as though nothing had happened.
#include <csignal>
#include <iostream>
#include <random>

#include <fmt/format.h>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "tests/outbox/processes/outbox_rig.h"

namespace lanemq::outbox_testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr const char* kTopic = "orders";
constexpr int kRelays = 3;
// A lease, and when it was frozen within a transaction, what the server lets it be idle.
constexpr auto kTakenOver = 15s;

class OutboxZombieTest : public OutboxProcessTest {
 protected:
  static std::string Relay(int index) { return fmt::format("relay{}", index); }

  // What is in the outbox now leaves it, although the relay is frozen.
  ::testing::AssertionResult OutboxGoesOn(std::chrono::milliseconds patience) {
    const std::int64_t newest = rig_->Number("SELECT IFNULL(MAX(id), 0) FROM lanemq_outbox");
    return WaitFor(
        [&] {
          return rig_->Number(
                     fmt::format("SELECT COUNT(*) FROM lanemq_outbox WHERE id <= {}", newest)) == 0;
        },
        patience, "the others publish what the frozen relay had");
  }
  std::int64_t SessionsOf(const std::string& relay) {
    return rig_->Number("SELECT COUNT(*) FROM lanemq_outbox_session WHERE name = '" + relay + "'");
  }
  ::testing::AssertionResult WaitForShares() {
    return WaitFor(
        [&] {
          return rig_->Number(
                     "SELECT COUNT(*) FROM (SELECT session_id FROM lanemq_outbox_bucket GROUP BY "
                     "session_id HAVING COUNT(*) BETWEEN 85 AND 86) AS shares") == kRelays;
        },
        15s, "256 buckets shared by three");
  }
  // Whether a transaction has locked the relay's session, which every write of it does first.
  bool IsLocked(const std::string& relay) {
    const auto free = rig_->Ask("SELECT session_id FROM lanemq_outbox_session WHERE name = '" +
                                relay + "' FOR UPDATE SKIP LOCKED");
    return free.ok() && free->empty() && SessionsOf(relay) > 0;
  }
  // True when the relay is frozen within a transaction, not just at the end of one.
  bool FreezeInTransaction(const std::string& relay) {
    rig_->relay(relay).Signal(SIGSTOP);
    if (IsLocked(relay)) {
      never_.WaitFor(100ms);
      if (IsLocked(relay)) return true;
    }
    rig_->relay(relay).Signal(SIGCONT);
    return false;
  }

  void StartAll() {
    ASSERT_NO_FATAL_FAILURE(StartRig({.relay_flags = {"--lease-ttl=1s"}}));
    if (IsSkipped()) return;
    std::cout << "seed " << seed_ << "\n";
    ASSERT_NO_FATAL_FAILURE(CreateTopic({.name = kTopic, .partitions = 4}));
    for (int i = 0; i < kRelays; ++i) ASSERT_NO_FATAL_FAILURE(StartRelay(Relay(i)));
    ASSERT_TRUE(WaitForShares());
    // Transactions stay open for less than a relay is frozen.
    ExpectOk(rig_->StartApp(kTopic, {"--slow-max-ms=500", fmt::format("--seed={}", seed_)}));
    ASSERT_TRUE(WaitFor([&] { return rig_->CountOf(kTopic) > 50; }, 20s, "messages"));
  }

  const std::uint64_t seed_ = Random::FromSystem().Below(1'000'000'000);
  std::mt19937_64 random_{seed_};
};

TEST_P(OutboxZombieTest, ARelayThatWakesUpAfterItsLeaseNeitherDoublesNorTurnsRound) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  const SystemClock& clock = SystemClock::Instance();
  const Deadline end = Deadline::After(clock, 9s);
  int zombies = 0;
  while (zombies < 3 || !end.HasPassed(clock)) {
    const std::string relay = Relay(static_cast<int>(random_() % kRelays));
    never_.WaitFor(std::chrono::milliseconds(random_() % 100));
    rig_->relay(relay).Signal(SIGSTOP);
    if (random_() % 4 == 0) {
      // About as long as the lease: it may or may not be taken over.
      never_.WaitFor(std::chrono::milliseconds(700 + random_() % 600));
    } else {
      ASSERT_TRUE(
          WaitFor([&] { return SessionsOf(relay) == 0; }, kTakenOver, relay + " is taken over"));
      ++zombies;
    }
    rig_->relay(relay).Signal(SIGCONT);
  }
  EXPECT_TRUE(WaitForShares());
  const OutboxReport report = rig_->Finish(kTopic);
  EXPECT_GT(report.committed, 300);
}

TEST_P(OutboxZombieTest, ARelayFrozenWithinATransactionStopsTheOthersForSecondsOnly) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  std::string relay;
  const auto frozen = [&] {
    relay = Relay(static_cast<int>(random_() % kRelays));
    return FreezeInTransaction(relay);
  };
  ASSERT_TRUE(WaitFor(frozen, 20s, "a relay frozen within a transaction"));
  // Their own work and the business's at once, and what the frozen one had, when the server ends
  // its transaction.
  const std::int64_t published = rig_->CountOf(kTopic);
  const std::int64_t done = rig_->Number("SELECT COUNT(*) FROM done");
  EXPECT_TRUE(WaitFor(
      [&] {
        return rig_->CountOf(kTopic) >= published + 50 &&
               rig_->Number("SELECT COUNT(*) FROM done") >= done + 50;
      },
      5s, "others go on"));
  EXPECT_TRUE(OutboxGoesOn(kTakenOver));
  EXPECT_TRUE(
      WaitFor([&] { return SessionsOf(relay) == 0; }, kTakenOver, relay + " is taken over"));
  rig_->relay(relay).Signal(SIGCONT);
  EXPECT_TRUE(WaitForShares());
  (void)rig_->Finish(kTopic);
}

INSTANTIATE_TEST_SUITE_P(Engines, OutboxZombieTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::outbox_testing
