#pragma once

#include <chrono>
#include <cstddef>

#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// Durations of alerting.
struct AlertTimes {
  std::chrono::milliseconds resolve_after = std::chrono::minutes{1};  ///< False for so long.
  std::chrono::milliseconds remind_every = std::chrono::hours{4};
  std::chrono::milliseconds cap_window = std::chrono::minutes{1};  ///< Of kNoticesPerWindow.
  std::chrono::milliseconds retry_first = std::chrono::seconds{1};
  std::chrono::milliseconds retry_max = std::chrono::minutes{5};
  std::chrono::milliseconds give_up_after = std::chrono::hours{24};
  std::chrono::milliseconds alertmanager_every = std::chrono::minutes{1};
  double for_scale = 1;  ///< Times what kinds, rules and observations say of for_at_least.

  /// All of them times `factor` (0 < factor <= 1), at least a millisecond: for tests.
  [[nodiscard]] AlertTimes Scaled(double factor) const;
};

inline constexpr std::size_t kNoticesPerWindow = 30;  ///< Per channel; beyond, one tells the rest.
/// An evaluation changes no more alerts, and queues not many more notices than that: the next one
/// goes on. Pages come first.
inline constexpr std::size_t kAlertChangesMax = 1'000;
inline constexpr std::size_t kAlertNoticesMax = 2'000;

/// What changes when `seen` is held against `memory`, which was just read. Pure: the same input
/// gives the same ids, so that an evaluation whose commit is in doubt is repeated without harm.
///
/// none -> pending when true -> firing when true for the rule's time -> resolved when false for
/// `resolve_after`. A pending one that is false is forgotten; what is unknown does not move. The
/// beginning is told once it fires and is neither silenced nor explained by another alert, then
/// reminders. The recovery is told at once, silenced or not, to every channel that was told: who
/// was woken hears that it is over. Beginnings are told to the channels there are at that moment;
/// one that is added later hears of an old alert by its next reminder.
///
/// Of a family (AlertKind::family_rank) about one subject only the worst speaks: when it is told, a
/// lesser one ends without a notice; while it fires, a lesser one is not told.
[[nodiscard]] AlertChanges PlanAlerts(const AlertMemory& memory, const AlertObservations& seen,
                                      const AlertSettings& settings, const AlertTimes& times);

}  // namespace lanemq::core
