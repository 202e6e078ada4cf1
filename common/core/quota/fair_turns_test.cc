#include "common/core/quota/fair_turns.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

std::string PopAll(FairTurns<char>& turns) {
  std::string out;
  while (!turns.empty()) out += turns.Pop();
  return out;
}

TEST(FairTurnsTest, OnePartyAloneIsAQueue) {
  FairTurns<char> turns(10);
  for (const char c : std::string("abcdef")) turns.Push(1, c == 'c' ? 500 : 3, c);
  EXPECT_EQ(turns.size(), 6u);
  EXPECT_EQ(PopAll(turns), "abcdef");
  EXPECT_EQ(turns.parties(), 0u);
}

TEST(FairTurnsTest, OneItemDoesNotWaitForAllThatCameBefore) {
  FairTurns<char> turns(10);
  for (int i = 0; i < 6; ++i) turns.Push(1, 10, 'x');
  turns.Push(2, 10, 'y');
  EXPECT_EQ(PopAll(turns), "xyxxxxx");
}

TEST(FairTurnsTest, TurnsAreWorthTheSameWhateverItemsCost) {
  FairTurns<char> turns(10);
  for (int i = 0; i < 4; ++i) turns.Push(1, 20, 'L');
  for (int i = 0; i < 8; ++i) turns.Push(2, 5, 's');
  EXPECT_EQ(PopAll(turns), "ssLssssLssLL");
}

TEST(FairTurnsTest, WhoWaitsForNothingSavesNothing) {
  FairTurns<char> turns(10);
  turns.Push(1, 1, 'a');
  EXPECT_EQ(PopAll(turns), "a");
  turns.Push(1, 10, 'b');
  turns.Push(1, 10, 'c');
  turns.Push(2, 10, 'd');
  EXPECT_EQ(PopAll(turns), "bdc") << "the nine that were left of the first turn are gone";
}

TEST(FairTurnsTest, NothingIsLostAndEachPartyKeepsItsOrderAndNobodyIsPreferred) {
  constexpr std::size_t kQuantum = 64;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    struct Work {
      std::uint64_t party;
      int number;
      std::size_t cost;
    };
    FairTurns<Work> turns(kQuantum);
    const std::uint64_t parties = 2 + random.Below(5);
    const std::size_t cost_max = 1 + random.Below(400);
    std::map<std::uint64_t, int> pushed;
    const auto push = [&](std::uint64_t party) {
      const std::size_t cost = 1 + random.Below(cost_max);
      turns.Push(party, cost, {party, pushed[party]++, cost});
    };
    for (std::uint64_t party = 0; party < parties; ++party) {
      for (int i = 0; i < 200; ++i) push(party);
    }
    std::map<std::uint64_t, int> popped;
    std::map<std::uint64_t, std::size_t> served;
    bool is_anybody_done = false;
    while (!turns.empty()) {
      const Work work = turns.Pop();
      ASSERT_EQ(work.number, popped[work.party]++);
      served[work.party] += work.cost;
      is_anybody_done = is_anybody_done || popped[work.party] == pushed[work.party];
      if (is_anybody_done) continue;  // All others still have work.
      for (std::uint64_t a = 0; a < parties; ++a) {
        ASSERT_LE(served[work.party], served[a] + kQuantum + cost_max);
      }
    }
    EXPECT_EQ(popped, pushed);
  }
}

}  // namespace
}  // namespace lanemq::core
