#pragma once

#include <cstddef>

#include "common/base/result.h"
#include "common/core/types/limits.h"
#include "lanemq_types.h"

namespace lanemq::broker {

// What producers' batches are checked for before anything is done with them: the same, whether the
// messages are for now or for later.

/// What is wrong with a batch, if anything.
Status CheckBatch(const idl::ProducePartition& batch, std::size_t message_bytes_max,
                  const core::Limits& limits);
Status CheckBatch(const idl::SchedulePartition& batch, std::size_t message_bytes_max,
                  const core::Limits& limits);
/// kRecordListTooLarge when `records` take more `bytes` (core::SizeOf) than a batch may; one alone
/// may.
Status CheckBatchBytes(std::size_t bytes, std::size_t records, const core::Limits& limits);

}  // namespace lanemq::broker
