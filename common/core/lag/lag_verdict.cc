#include "common/core/lag/lag_verdict.h"

#include <array>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

constexpr std::array<std::string_view, kLagStatuses> kStatusNames = {
    "OK", "NEW", "PAUSED", "WARN", "REWIND", "SLOW", "STALL", "STOP", "LOST"};
constexpr std::array<std::string_view, kLagCauses> kCauseNames = {
    "",          "UNKNOWN",        "NO_MEMBERS",     "NOT_POLLING", "POISON", "TOO_FEW_PARTITIONS",
    "THROTTLED", "DATA_NODE_SLOW", "PRODUCER_SURGE", "REBALANCING"};

}  // namespace

std::string_view ToString(LagStatus status) {
  const auto index = static_cast<std::size_t>(status);
  LANEMQ_CHECK(index < kStatusNames.size());
  return kStatusNames[index];
}

std::string_view ToString(LagCause cause) {
  const auto index = static_cast<std::size_t>(cause);
  LANEMQ_CHECK(index < kCauseNames.size());
  return kCauseNames[index];
}

std::optional<LagStatus> LagStatusFromString(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == text) return static_cast<LagStatus>(i);
  }
  return std::nullopt;
}

}  // namespace lanemq::core
