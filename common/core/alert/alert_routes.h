#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// Whether `text` is what `pattern` says; '*' stands for any run of characters, also none.
[[nodiscard]] bool MatchesPattern(std::string_view pattern, std::string_view text);

/// The silence in force that ends last of those that match; nullptr: there is none. Those whose end
/// has come by `now` do not count.
[[nodiscard]] const AlertSilence* SilenceOf(const AlertKey& key, WallTime now,
                                            std::span<const AlertSilence> silences);

/// It is on, and is to hear alerts of this owner and severity.
[[nodiscard]] bool IsRouted(const AlertChannel& channel, std::string_view owner,
                            AlertSeverity severity);
/// Channels that get notices of the alert: IsRouted(), but for Alertmanager, which is told by
/// repetition.
[[nodiscard]] std::vector<const AlertChannel*> ChannelsFor(const Alert& alert,
                                                           std::span<const AlertChannel> channels);

}  // namespace lanemq::core
