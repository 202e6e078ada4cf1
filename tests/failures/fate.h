#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/checker/message.h"

namespace lanemq::failures {

/// Name of the header that tells the worker what to do with a record, instead of its hash:
/// "ok", "retry" (always), "retry:N" (N times, then ok), "dead", "throw", "hang", "kill".
inline constexpr std::string_view kActHeader = "act";

enum class Fate : std::uint8_t { kOk, kRetry, kDead, kThrow, kHang, kKill };

struct FateRates {
  int retry_per_mille = 100;
  int fatal_per_mille = 10;
};

/// What the handler does at this attempt. By a hash of the id, the same in every process: a record
/// is fatal or not, and one that is to be tried again fails at its first one to three attempts.
[[nodiscard]] inline Fate FateOf(checker::MessageId id, std::int32_t attempt,
                                 const FateRates& rates) {
  const std::uint64_t hash = checker::Fingerprint(id.ToString());
  const auto lot = static_cast<int>((hash >> 8) % 1'000);
  if (lot < rates.fatal_per_mille) return Fate::kDead;
  if (lot >= rates.fatal_per_mille + rates.retry_per_mille) return Fate::kOk;
  return attempt <= static_cast<std::int32_t>(1 + (hash >> 40) % 3) ? Fate::kRetry : Fate::kOk;
}

/// The same for a record with the header.
[[nodiscard]] inline Fate FateOf(std::string_view act, std::int32_t attempt) {
  if (act == "dead") return Fate::kDead;
  if (act == "throw") return Fate::kThrow;
  if (act == "hang") return Fate::kHang;
  if (act == "kill") return Fate::kKill;
  if (act == "retry") return Fate::kRetry;
  if (act.starts_with("retry:")) {
    return attempt <= std::stoi(std::string(act.substr(6))) ? Fate::kRetry : Fate::kOk;
  }
  return Fate::kOk;
}

}  // namespace lanemq::failures
