#include "common/core/alert/alert_routes.h"

#include <algorithm>

namespace lanemq::core {

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;  // Where the run of the last star would grow from.
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const AlertSilence* SilenceOf(const AlertKey& key, WallTime now,
                              std::span<const AlertSilence> silences) {
  const AlertSilence* last = nullptr;
  for (const AlertSilence& silence : silences) {
    if (silence.until <= now || (last != nullptr && silence.until <= last->until)) continue;
    if (!MatchesPattern(silence.kind, key.kind)) continue;
    if (MatchesPattern(silence.subject, key.subject)) last = &silence;
  }
  return last;
}

bool IsRouted(const AlertChannel& channel, std::string_view owner, AlertSeverity severity) {
  if (!channel.is_on || severity < channel.lowest) return false;
  return channel.owners.empty() ||
         std::find(channel.owners.begin(), channel.owners.end(), owner) != channel.owners.end();
}

std::vector<const AlertChannel*> ChannelsFor(const Alert& alert,
                                             std::span<const AlertChannel> channels) {
  std::vector<const AlertChannel*> routed;
  for (const AlertChannel& channel : channels) {
    if (channel.type == ChannelType::kAlertmanager) continue;
    if (IsRouted(channel, alert.owner, alert.severity)) routed.push_back(&channel);
  }
  return routed;
}

}  // namespace lanemq::core
