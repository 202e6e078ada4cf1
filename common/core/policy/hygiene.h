#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "common/core/access/access_types.h"
#include "common/core/policy/policy_world.h"

namespace lanemq::core {

/// What somebody should tidy up.
enum class HygieneKind : std::uint8_t {
  kGrantEnds,     ///< A grant that ends soon.
  kOwnerGone,     ///< Its owner is no team any more, or a team without members.
  kNobodyWrites,  ///< Nobody has written to the topic for long.
  kNobodyReads,   ///< Nobody has read it for long.
};
[[nodiscard]] std::string_view ToString(HygieneKind kind);  ///< "grant_ends".
/// nullopt: of a newer version.
[[nodiscard]] std::optional<HygieneKind> HygieneKindFromString(std::string_view text);

/// When, and how often.
struct HygieneRule {
  std::int64_t idle_days = 60;
  std::int64_t remind_every_days = 14;
  std::int32_t reminders_max =
      6;  ///< Of one matter; then it is quiet until it has been right once.
  std::vector<std::int64_t> grant_days = {14, 3};  ///< Before the end; a reminder at each.
  std::size_t reminders_per_run_max = 500;         ///< The others wait for the next run.
};

struct TopicActivity {
  WallTime created_at;
  std::optional<WallTime> produced_at;  ///< The newest message; nullopt: never.
  std::optional<WallTime> consumed_at;  ///< The newest commit of any group; nullopt: never.
};

/// What a reminder is about; `subject` is as people read it: "topic orders".
struct HygieneMatter {
  HygieneKind kind = HygieneKind::kOwnerGone;
  std::string subject;
  auto operator<=>(const HygieneMatter&) const = default;
};

/// That a matter was told.
struct Reminded {
  std::int32_t count = 0;
  WallTime last_at;
  bool operator==(const Reminded&) const = default;
};

struct HygieneReminder {
  HygieneMatter matter;
  Reminded after;                  ///< To be remembered once it is sent.
  std::vector<std::string> teams;  ///< Sorted; empty: operators.
  std::string text;                ///< One sentence.
  ResourceKind object_kind = ResourceKind::kTopic;
  std::string object_name;     ///< With `*` at its end: what names begin with.
  std::optional<WallTime> at;  ///< When the grant ends; since when nobody writes or reads.
  bool operator==(const HygieneReminder&) const = default;
};

struct HygienePlan {
  std::vector<HygieneReminder> reminders;  ///< The most urgent first.
  std::vector<HygieneMatter> forget;       ///< Remembered, but right again.
  std::size_t left_out = 0;                ///< Due, but over reminders_per_run_max.
};

/// Whom to remind of what. Pure, and bounded: nobody hears of one matter more often than every
/// `remind_every_days`, nor more than `reminders_max` times in a row. A topic without activity is
/// one that nobody could look at: nothing is said of its producers and consumers.
[[nodiscard]] HygienePlan PlanHygiene(const PolicyWorld& world,
                                      const std::map<std::string, TopicActivity>& activities,
                                      const std::map<HygieneMatter, Reminded>& memory,
                                      const HygieneRule& rule, WallTime now);

}  // namespace lanemq::core
