#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

/// A group's retry policy as people write and read it: pure.
namespace lanemq::cli {

/// The flags of `group policy` as typed; empty or absent: not given.
struct PolicyFlags {
  std::string group;
  std::string topic;
  std::optional<std::int32_t> max_attempts;
  std::string first_delay;
  std::string max_delay;
  std::optional<double> multiplier;
  std::string delays;  ///< "1s,5s,1m"
  std::optional<double> jitter;
  std::vector<std::string> fatal_reasons;
  std::vector<std::string> retryable_reasons;
  bool has_any_reason = false;  ///< --any-reason: forget the lists of reasons.
  bool should_unset = false;
};

/// Whether anything is to be changed.
[[nodiscard]] bool ChangesPolicy(const PolicyFlags& flags);

/// `present` with what `flags` say changed; every field of the answer is set. Times that grow
/// replace a list of times and the other way round. kInvalidRequest for values that are none, both
/// kinds of times at once, and --unset beside anything else. The ranges are the server's to check.
[[nodiscard]] Result<idl::RetryPolicy> ChangePolicy(const idl::RetryPolicy& present,
                                                    const PolicyFlags& flags);

/// `policy` with its defaults filled in.
[[nodiscard]] idl::RetryPolicy WithDefaults(const idl::RetryPolicy& policy);

/// "1s, 2s, ... up to 1h" or "1s, 5s, then 1m".
[[nodiscard]] std::string DelaysText(const idl::RetryPolicy& policy);

/// Exact and as ParseDuration() reads it: "1m30s", "500ms", "0ms".
[[nodiscard]] std::string DelayText(std::int64_t millis);

/// Reads a delay: as ParseDuration(), also zero; whole milliseconds. kInvalidRequest otherwise.
[[nodiscard]] Result<std::int64_t> ParseDelay(std::string_view text);

}  // namespace lanemq::cli
