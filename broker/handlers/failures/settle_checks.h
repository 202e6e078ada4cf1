#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "common/core/types/failure.h"
#include "common/core/types/limits.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// Failures and ends of retries of one partition in one request.
inline constexpr std::size_t kFailuresPerPartitionMax = 1'000;
/// The longest wait that a consumer may ask for: as of policies.
inline constexpr std::int64_t kFailureDelayMsMax = 30LL * 24 * 3'600 * 1'000;

/// What is wrong with one partition of a request, if anything. Says which field of which record.
Status CheckSettlement(const idl::SettlePartition& partition, const core::Limits& limits);

/// Of a consumer's lease on retries: 1 ms to half a day.
Status CheckLease(std::int64_t lease_ms);

/// The note as it is kept: its error cut. Moves out of `note`.
[[nodiscard]] core::FailureNote NoteFromWire(idl::FailureNote&& note);

}  // namespace lanemq::broker
