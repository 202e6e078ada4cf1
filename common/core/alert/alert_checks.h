#pragma once

#include <chrono>
#include <string_view>

#include "common/base/result.h"
#include "common/core/alert/alert_types.h"

namespace lanemq::core {

inline constexpr std::chrono::minutes kSilenceMin{1};
inline constexpr std::chrono::hours kSilenceMax{30 * 24};

// What people may set; kInvalidRequest says what is wrong. Texts fit the columns, and none of them
// has control characters.

/// Group and topic are "*" or could be names; objective 100 ms to 30 days; tier page or ticket.
Status CheckObjective(const ObjectiveRow& row);
/// A kind that there is; a threshold that is finite and not negative, where the kind has one; for
/// at most 7 days.
Status CheckRule(const AlertRuleChange& rule);
/// A name of [a-zA-Z0-9._-]; a URL of the type's schemes without user; of email at least one
/// recipient and a sender; at most 50 recipients and 50 owners.
Status CheckChannel(const AlertChannel& channel);
/// "https://hooks.example.com:8443": whom a channel's secrets go to, and what is no secret of its
/// URL. With a user before the host the scheme alone; empty: not a URL.
[[nodiscard]] std::string_view UrlOrigin(std::string_view url);
/// Patterns that are not empty, a reason, a creator, and a length within the bounds above.
Status CheckSilence(const AlertSilence& silence, std::chrono::milliseconds length);

}  // namespace lanemq::core
