#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/core/store/dead_letter_store.h"
#include "sql/driver/connection.h"
#include "sql/store/dead_letter_text.h"

namespace lanemq::sql {

/// Where a letter of a known group is. Places are ordered as pages are.
struct LetterPlace {
  core::PartitionKey key;
  core::Offset offset;
  auto operator<=>(const LetterPlace&) const = default;
};

/// What filters look at.
struct LetterHead {
  LetterPlace place;
  WallTime dead_at;
  std::string reason;
  std::optional<std::string> key;
  std::int64_t body_bytes = 0;  ///< When they were asked for.
};

struct LetterScan {
  std::vector<LetterHead> heads;    ///< In order.
  std::optional<LetterPlace> next;  ///< Where to go on; nullopt: this was the end.
};

/// Letters that match, and no dead after `dead_until`.
struct LetterQuery {
  const core::DeadLetterFilter& filter;
  std::optional<WallTime> dead_until;  ///< Inclusive; nullopt: all.
};

/// Looks at no more rows than this at a time, and takes no more than this to one page or step.
inline constexpr std::int64_t kLettersLookedAtMax = 5'000;
inline constexpr std::int32_t kLettersTakenMax = 1'000;

/// kInvalidRequest when there is no group, or too many ids.
Status CheckFilter(const core::DeadLetterFilter& filter);

/// Up to `max` (at most kLettersTakenMax) that match after `after`, without locks. By primary key,
/// by time when that is less, or one after the other when the filter names them.
Result<LetterScan> ScanLetters(Connection& connection, const LetterQuery& query,
                               const std::optional<LetterPlace>& after, std::int32_t max);

/// Up to `max` of those that died before `until`, the oldest, without locks; in order of place.
Result<std::vector<LetterHead>> OldestLetters(Connection& connection, std::string_view group,
                                              WallTime until, std::int64_t max);

/// Locks letters that a scan found, for this transaction: those that still match. Passes over those
/// of partitions that are not here, which are about to come or were deleted. Errors: MovesAway().
Result<std::vector<LetterHead>> LockLetters(Connection& connection, const LetterQuery& query,
                                            std::span<const LetterHead> heads, bool with_sizes);

/// Calls `visit` for each partition's share of `heads`, which are in order.
Status ForEachPartition(std::string_view group, std::span<const LetterHead> heads,
                        const std::function<Status(const ChosenLetters&)>& visit);

}  // namespace lanemq::sql
