#include "common/core/quota/eviction_guard.h"

#include <set>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using std::chrono::seconds;

/// Brokers 1, 2, ... silent for so many seconds.
std::vector<BrokerSilence> Silent(std::initializer_list<int> silent_for) {
  std::vector<BrokerSilence> brokers;
  for (const int s : silent_for) {
    brokers.push_back({BrokerId{static_cast<int>(brokers.size()) + 1}, 7, seconds{s}});
  }
  return brokers;
}

MonotonicTime At(int second) { return {seconds{second}}; }

std::vector<int> Ids(const EvictionGuard::Verdict& verdict) {
  std::vector<int> ids;
  for (const BrokerSilence& broker : verdict.evict) ids.push_back(broker.id.value);
  return ids;
}

struct Case {
  std::string name;
  std::vector<BrokerSilence> alive;
  std::vector<int> evict;
  std::size_t held_back;
  bool suspects_itself;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class EvictionGuardTableTest : public ::testing::TestWithParam<Case> {};

TEST_P(EvictionGuardTableTest, DecidesAsTheTableSays) {
  EvictionGuard guard;
  const auto verdict = guard.Decide(GetParam().alive, At(100));
  EXPECT_EQ(Ids(verdict), GetParam().evict);
  EXPECT_EQ(verdict.held_back, GetParam().held_back);
  EXPECT_EQ(verdict.suspects_itself, GetParam().suspects_itself);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, EvictionGuardTableTest,
    ::testing::Values(Case{"NoBrokers", {}, {}, 0, false},
                      Case{"EverybodyTalks", Silent({0, 1, 2}), {}, 0, false},
                      Case{"TheTimeoutItselfIsNotTooLong", Silent({6, 0}), {}, 0, false},
                      Case{"OneOfTwo", Silent({0, 7}), {2}, 0, false},
                      Case{"OneOfThree", Silent({9, 0, 0}), {1}, 0, false},
                      Case{"TheOnlyOne", Silent({7}), {1}, 0, false},
                      Case{"TwoOfThreeLongestFirst", Silent({8, 9, 0}), {2}, 1, false},
                      Case{"AThirdOfSix", Silent({9, 8, 7, 10, 0, 0}), {4, 1}, 2, false},
                      Case{"BothOfTwo", Silent({7, 70}), {}, 2, true},
                      Case{"TheFirstOfAllThatVanishedTogether", Silent({7, 6, 5}), {}, 1, true},
                      Case{"SomebodyWasHeardInTime", Silent({7, 6, 3}), {1}, 0, false},
                      Case{"AllOfFive", Silent({7, 7, 7, 7, 7}), {}, 5, true}),
    [](const auto& c) { return c.param.name; });

TEST(EvictionGuardTest, TheShareHoldsForTheWholeWindow) {
  EvictionGuard guard;
  EXPECT_EQ(Ids(guard.Decide(Silent({9, 8, 0}), At(100))), (std::vector<int>{1}));
  // The first is dead now; the second has to wait until the window has passed.
  const std::vector<BrokerSilence> rest = {{BrokerId{2}, 7, seconds{10}}, {BrokerId{3}, 7, {}}};
  const auto held = guard.Decide(rest, At(101));
  EXPECT_TRUE(held.evict.empty());
  EXPECT_EQ(held.held_back, 1u);
  EXPECT_TRUE(guard.Decide(rest, At(129)).evict.empty());
  EXPECT_EQ(Ids(guard.Decide(rest, At(130))), (std::vector<int>{2}));
}

TEST(EvictionGuardTest, NoWindowSeesMoreThanTheShareGo) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::size_t one_in = 1 + random.Below(4);
    EvictionGuard guard({.session_timeout = seconds{6}, .one_in = one_in, .window = seconds{30}});
    const int count = 1 + static_cast<int>(random.Below(12));
    std::set<int> alive;
    for (int i = 1; i <= count; ++i) alive.insert(i);
    std::vector<std::pair<int, std::size_t>> evicted;  // When, and how many lived before.
    for (int second = 0; second < 120; ++second) {
      std::vector<BrokerSilence> brokers;
      for (const int id : alive) {
        brokers.push_back({BrokerId{id}, 1, seconds{random.Below(3) == 0 ? 0 : 20}});
      }
      const std::size_t before = alive.size();
      for (const int id : Ids(guard.Decide(brokers, At(second)))) {
        alive.erase(id);
        evicted.emplace_back(second, before);
      }
      std::size_t in_window = 0;
      for (const auto& [when, lived] : evicted) in_window += when > second - 30 ? 1 : 0;
      const std::size_t lived_at_start = alive.size() + in_window;
      EXPECT_LE(in_window, std::max<std::size_t>(lived_at_start / one_in, 1)) << second;
    }
  }
}

}  // namespace
}  // namespace lanemq::core
