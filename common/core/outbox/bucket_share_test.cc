#include "common/core/outbox/bucket_share.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/outbox/model_outbox.h"

namespace lanemq::core {
namespace {

// Shares of relays that come, go and die in any order.
TEST(BucketShareTest, SharesBecomeEqualAndThenNothingMoves) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    ModelOutbox outbox;
    std::vector<OutboxSession> live;
    for (int change = 0; change < 12; ++change) {
      if (live.empty() || random.Unit() < 0.6) {
        live.push_back(outbox.Open());
      } else {
        const auto gone = static_cast<std::ptrdiff_t>(random.Below(live.size()));
        outbox.SetAlive(live[static_cast<std::size_t>(gone)].id, false);
        live.erase(live.begin() + gone);
      }
      if (live.empty()) continue;
      int moves = 0;
      for (int i = 0; i < 4; ++i) {  // Each has its turn, in any order.
        moves = 0;
        for (std::size_t j = live.size(); j > 1; --j) std::swap(live[j - 1], live[random.Below(j)]);
        for (const OutboxSession& own : live) {
          const BucketMove move = PlanBuckets(outbox.View(own.id), own.id);
          EXPECT_TRUE(move.take.empty() || move.release.empty());
          for (const std::int64_t dead : move.adopt) outbox.Close(outbox.Adopt(dead).session);
          if (!move.take.empty()) (void)outbox.Take(own, move.take);
          outbox.Commit(own, {.released_buckets = move.release}, {});
          moves += static_cast<int>(move.take.size() + move.release.size() + move.adopt.size());
        }
      }
      EXPECT_EQ(moves, 0) << "never at rest";
      std::vector<std::size_t> shares;
      for (const OutboxSession& own : live) {
        shares.push_back(outbox.View(own.id).own_buckets.size());
      }
      EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0u), 256u);
      const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
      EXPECT_LE(*most - *least, 1u);
    }
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace lanemq::core
