#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/random.h"
#include "common/core/retry/retry_policy.h"
#include "common/core/store/retry_store.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// What a consumer says of a failure.
struct FailureClaim {
  std::int32_t attempts = 1;  ///< Calls of the handler so far.
  bool is_fatal = false;
  std::optional<std::int64_t> delay_ms;  ///< Instead of the policy's wait.
  /// The consumer has the record at hand and keeps it, if it may, for so long after it is due.
  std::optional<std::chrono::milliseconds> keep_for = std::nullopt;
};

/// A fatal one is dead whatever the policy says. The consumer's delay replaces the policy's wait,
/// but neither its limit of attempts nor its fatal reasons. It keeps what is due within
/// core::kKeptWaitMax, but not for the last attempt: who dies with it has had that attempt.
[[nodiscard]] core::FailureFate DecideFate(const core::RetryPolicy& policy,
                                           const FailureClaim& claim, std::string_view reason,
                                           Random& random);

/// Whether anything in it is decided by the policy.
[[nodiscard]] bool NeedsPolicy(const idl::SettlePartition& partition);
/// What to write down for a partition that passed CheckSettlement(). `keep_for`: the request's
/// lease. Moves out of `partition`.
[[nodiscard]] core::PartitionSettlement MakeSettlement(
    const core::PartitionLocation& location, idl::SettlePartition&& partition,
    const core::RetryPolicy& policy, std::optional<std::chrono::milliseconds> keep_for,
    Random& random);

/// What came of it, without the partition's name: with the wait until the earliest retry it made
/// that is not kept.
[[nodiscard]] idl::SettlePartitionResult ResultOf(const core::PartitionSettlement& asked,
                                                  const core::PartitionSettled& settled);

}  // namespace lanemq::broker
