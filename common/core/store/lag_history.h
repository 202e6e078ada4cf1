#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// How far behind a group was on a topic within one bucket of time. With group '' the topic alone.
struct LagHistoryRow {
  std::string group;
  TopicId topic;
  WallTime at;                    ///< Beginning of the bucket, by the metadata database.
  std::int64_t lag_messages = 0;  ///< The last.
  std::int64_t lag_messages_max = 0;
  std::chrono::milliseconds lag_max{0};
  std::int64_t produced = 0;
  std::int64_t consumed = 0;
  std::int32_t members = 0;  ///< The last.
  std::string worst_status;  ///< ToString(LagStatus); empty for a topic alone.
  std::string partitions;    ///< SaveTracks(), in the finest tier; else empty.
  bool operator==(const LagHistoryRow&) const = default;
};

/// Tiers, each kept for a bounded time: 30 s for an hour, 5 min for 26 hours, 1 h for 35 days.
struct LagTier {
  std::int32_t number;
  std::chrono::seconds bucket;
  std::chrono::hours kept;
};
inline constexpr LagTier kLagTiers[] = {{0, std::chrono::seconds{30}, std::chrono::hours{1}},
                                        {1, std::chrono::minutes{5}, std::chrono::hours{26}},
                                        {2, std::chrono::hours{1}, std::chrono::hours{840}}};

/// When a topic was last used, as far as anybody watched.
struct LastUse {
  TopicId topic;
  WallTime watched_since;               ///< When it was first looked at.
  std::optional<WallTime> produced_at;  ///< At the latest; nullopt: nothing was ever written.
  std::optional<WallTime> consumed_at;  ///< The same; nullopt: not since watched_since.
  /// Where it was then: ends of its partitions, and positions of all groups, summed up.
  std::int64_t produced = 0;
  std::int64_t consumed = 0;
  bool operator==(const LastUse&) const = default;
};

/// Lag over time, in the metadata database. Written by the one metaserver on call.
///
/// Implementations: sql::MySqlLagHistory, testing::FakeLagHistory (tests/conformance/
/// lag_history_suite.h). Thread safety: every method from any thread.
/// Errors of every method: kMetadataUnavailable, kThrottled: nothing was done; writers also
/// kFenced: the term is over; kOutcomeUnknown: repeating is harmless.
class LagHistory {
 public:
  virtual ~LagHistory() = default;

  /// The metadata database's clock, and so the bucket that rows written now belong to.
  virtual Result<WallTime> Now(Deadline deadline) = 0;
  /// Writes rows of the finest tier (their `at` is a multiple of 30 s); one that exists is
  /// replaced. In transactions of at most 500 rows and a MiB, each checking the fence: after an
  /// error some may be there.
  virtual Status Write(std::span<const LagHistoryRow> rows, const Fence& fence,
                       Deadline deadline) = 0;
  /// Sums rows of `from_tier` (0 or 1) up into those buckets of the next tier that begin in
  /// [since, until), have ended by the database's clock, and of which no row can have expired.
  /// Repeating gives the same rows. A transaction per bucket, each checking the fence.
  virtual Status RollUp(std::int32_t from_tier, WallTime since, WallTime until, const Fence& fence,
                        Deadline deadline) = 0;
  /// Deletes at most `max` rows that are older than their tier keeps, the oldest first, by 1,000;
  /// how many. Fewer than `max`: there are no more.
  virtual Result<std::int64_t> Expire(std::int32_t max, const Fence& fence, Deadline deadline) = 0;

  /// The newest row of every (group, topic) in the finest tier not older than `age`: what a new
  /// metaserver on call goes on from. By group and topic; it reads all rows of that age.
  virtual Result<std::vector<LagHistoryRow>> Newest(std::chrono::seconds age, std::size_t max,
                                                    Deadline deadline) = 0;
  /// Rows of one (group, topic) in [from, until) of one tier, by time, without `partitions`.
  virtual Result<std::vector<LagHistoryRow>> Read(std::string_view group, TopicId topic,
                                                  std::int32_t tier, WallTime from, WallTime until,
                                                  std::size_t max, Deadline deadline) = 0;
  /// Produced per topic in the last 24 full hours, oldest first (group ''): the norm of production.
  /// Idle hours have no row.
  virtual Result<std::vector<LagHistoryRow>> ProducedHourly(std::size_t max, Deadline deadline) = 0;

  /// Of every topic that was watched, by id, at most `max`.
  virtual Result<std::vector<LastUse>> LastUses(std::size_t max, Deadline deadline) = 0;
  /// Puts them in the place of those of the same topics, 500 in a transaction that checks the
  /// fence: after an error some may be there.
  virtual Status WriteLastUses(std::span<const LastUse> uses, const Fence& fence,
                               Deadline deadline) = 0;
  /// Deletes at most `max` of topics that the catalogue does not have any more; how many.
  virtual Result<std::int64_t> ForgetLastUses(std::int32_t max, const Fence& fence,
                                              Deadline deadline) = 0;
};

}  // namespace lanemq::core
