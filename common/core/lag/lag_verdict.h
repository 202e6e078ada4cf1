#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "common/core/lag/lag_sample.h"

namespace lanemq::core {

/// From harmless to worst: a group's status on a topic is the worst of its partitions.
enum class LagStatus : std::int8_t {
  kOk = 0,
  kNew,
  kPaused,
  kWarn,
  kRewind,
  kSlow,
  kStall,
  kStop,
  kLost,
};
inline constexpr int kLagStatuses = 9;

enum class LagCause : std::int8_t {
  kNone = 0,  ///< Nothing is wrong.
  kUnknown,
  kNoMembers,
  kNotPolling,
  kPoison,
  kTooFewPartitions,
  kThrottled,
  kDataNodeSlow,
  kProducerSurge,
  kRebalancing,
};
inline constexpr int kLagCauses = 10;

/// "OK", "NEW", "PAUSED", … and "NO_MEMBERS", "" for kNone, …
[[nodiscard]] std::string_view ToString(LagStatus status);
[[nodiscard]] std::string_view ToString(LagCause cause);
[[nodiscard]] std::optional<LagStatus> LagStatusFromString(std::string_view text);

/// Worse than OK, NEW and PAUSED.
[[nodiscard]] constexpr bool IsTrouble(LagStatus status) { return status >= LagStatus::kWarn; }

/// What a group promises on a topic.
struct LagObjective {
  std::chrono::milliseconds objective{60'000};
  std::int64_t allowed_messages = 0;
  std::string owner;          ///< '': the platform.
  std::string tier = "page";  ///< "page" or "ticket": how urgent kSlow is.
  bool alerts_on = true;
  bool operator==(const LagObjective&) const = default;
};

/// The verdict on one partition.
struct LagVerdict {
  LagStatus status = LagStatus::kOk;
  WallTime since;  ///< When it got this status, by its node's clock.
  std::int64_t lag_messages = 0;
  std::chrono::microseconds lag{0};  ///< Age of the oldest unread message.
  WallTime moved_at;                 ///< When the committed offset last moved, as far as is known.
  std::optional<Offset> rewound_from;  ///< The highest commit before it went back.
  bool operator==(const LagVerdict&) const = default;
};

/// A sample and what is thought of it.
struct JudgedPartition {
  LagSample sample;
  LagVerdict verdict;
  WallTime sampled_at;  ///< By the node's clock.
};

/// One group on one topic, as people and metrics see it.
struct GroupTopicLag {
  std::string group;
  TopicId topic;
  std::string topic_name;
  LagStatus status = LagStatus::kOk;  ///< The worst.
  WallTime since;                     ///< Of that status, the earliest.
  LagCause cause = LagCause::kNone;
  std::string evidence;              ///< One sentence about the cause, for people.
  std::int64_t lag_messages = 0;     ///< Summed.
  std::chrono::microseconds lag{0};  ///< The longest.
  std::int32_t members = 0;
  double in_rate = 0;                                 ///< Messages per second, of five minutes.
  double out_rate = 0;                                ///< Committed ones.
  std::optional<std::chrono::milliseconds> drain;     ///< nullopt: it does not drain.
  std::optional<std::chrono::milliseconds> headroom;  ///< Until retention reaches what is unread.
  std::int64_t lost_messages = 0;
  LagObjective objective;
  std::vector<JudgedPartition> partitions;  ///< By index.
};

}  // namespace lanemq::core
