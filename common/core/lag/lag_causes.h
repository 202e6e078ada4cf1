#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/lag/lag_verdict.h"

namespace lanemq::core {

/// What is known when somebody asks why a group lags on a topic. Defaults: nothing is wrong.
struct CauseFacts {
  LagStatus status = LagStatus::kOk;
  // The data node of the worst partition.
  std::string_view node_name;
  std::chrono::milliseconds round_took{0};          ///< The last reading of its tables.
  std::chrono::milliseconds canary_failing_for{0};  ///< Messages late or failing; 0: they are not.
  // The group.
  std::int32_t members = 0;
  bool has_explicit_reader = false;  ///< A partition in trouble is read without membership.
  bool is_stable = true;
  std::string_view group_state;               ///< For people, when it is not stable.
  std::chrono::milliseconds unstable_for{0};  ///< Since when it is not Stable.
  std::int32_t rebalances = 0;                ///< Within 15 minutes.
  // The worst partition.
  std::int32_t partition = 0;
  std::string_view owner;
  std::optional<std::chrono::milliseconds> last_poll_age;  ///< Of its owner; nullopt: not told.
  // The partition in trouble whose record was tried most.
  std::int32_t poison_partition = 0;
  Offset committed{-1};
  std::int32_t claims = 0;
  std::int32_t attempts = 0;
  Offset attempt_offset{-1};
  bool is_throttled = false;
  // Rates per second; norms are HourlyNorm() of the last day, nullopt: not known.
  double in_rate = 0;
  double out_rate = 0;
  std::optional<double> in_norm;
  std::optional<double> out_norm;
  std::int32_t partitions = 0;          ///< Of the topic.
  std::int32_t partitions_lagging = 0;  ///< With anything unread.
};

struct FoundCause {
  LagCause cause = LagCause::kNone;
  std::string evidence;  ///< One sentence for a person on call; empty for kNone.
};

/// The first of the causes that fits, in the order of docs/adr/20261122_on_call.md, section 2;
/// kNone unless the status is trouble.
[[nodiscard]] FoundCause FindCause(const CauseFacts& facts);

/// What `group` itself tells: everything of its partitions, members and rates. The caller adds the
/// node, the group's state, polls and norms. Views into `group`.
[[nodiscard]] CauseFacts FactsOf(const GroupTopicLag& group);

/// The partition that FindCause() is about: of the worst status the one with the oldest message.
/// nullptr when there is none.
[[nodiscard]] const JudgedPartition* WorstPartition(const GroupTopicLag& group);

}  // namespace lanemq::core
