#pragma once

#include <chrono>
#include <optional>

#include "common/base/time.h"
#include "common/core/lag/lag_sample.h"
#include "common/core/lag/lag_track.h"
#include "common/core/lag/lag_verdict.h"

namespace lanemq::core {

/// How long things may take before they are called by a name. Shorter only in tests.
struct LagWindows {
  std::chrono::milliseconds shortest{std::chrono::minutes{10}};  ///< Of STOP and STALL.
  std::chrono::milliseconds longest{std::chrono::hours{6}};
  std::chrono::milliseconds fresh{std::chrono::minutes{5}};  ///< NEW; and after a gap.
  std::chrono::milliseconds slow_for{std::chrono::minutes{1}};
  std::chrono::milliseconds gap{std::chrono::minutes{1}};     ///< Longer: nobody was looking.
  std::chrono::milliseconds point{std::chrono::seconds{30}};  ///< WARN looks at 20 of them.
  std::chrono::milliseconds rewind_for{std::chrono::hours{24}};

  /// How long a group may neither commit nor move: its objective, within reason.
  [[nodiscard]] std::chrono::milliseconds Patience(const LagObjective& objective) const;
};
inline constexpr int kLagPoints = 20;

/// Takes the sample in and says what it means; the rules are those of docs/adr/20261122_on_call.md,
/// section 2, the first that hits wins. `at`: the node's clock in the sample's snapshot.
/// `unread_allowed`: the topic's retention may remove what was not read (retention.unread=allow).
/// Samples that are missing change nothing; one that is given twice changes nothing, either.
[[nodiscard]] LagVerdict Judge(LagTrack& track, const LagSample& sample, WallTime at,
                               const LagObjective& objective, bool unread_allowed,
                               const LagWindows& windows = {});

/// The worse of both.
[[nodiscard]] constexpr LagStatus Worst(LagStatus a, LagStatus b) { return a > b ? a : b; }

/// Fills `status`, `since`, `lag_messages`, `lag` and `lost_messages` from `partitions`.
void Summarise(GroupTopicLag& group);

/// How long until retention reaches the oldest unread message, not below 0. nullopt: never, since
/// nothing is unread or everything is kept.
[[nodiscard]] std::optional<std::chrono::milliseconds> RetentionHeadroom(
    const LagSample& sample, WallTime at, std::optional<std::chrono::milliseconds> keep_for);

}  // namespace lanemq::core
