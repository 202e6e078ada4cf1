#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "lanemq/producer.h"
#include "lanemq/record.h"
#include "lanemq_types.h"

namespace lanemq::client {

/// Where one record's result goes.
using Completion =
    std::variant<std::monostate, Producer::Callback, std::promise<Result<RecordMetadata>>>;

/// The records of one batch of core::PartitionQueue, from the first Send() to the last callback.
/// Guarded by the producer's mutex, but `request` while it is in flight (nobody changes it) and
/// everything once it is delivered (it then has one owner).
struct PendingBatch {
  std::int64_t serial = 0;
  std::uint64_t epoch = 0;  ///< Of Flush(): it waits for the epochs before it.
  std::size_t bytes = 0;
  idl::ProduceRequest request;  ///< One partition.
  std::vector<Completion> completions;
  bool has_callbacks = false;

  std::uint64_t attempt = 0;  ///< Of the request in flight; 0: none is.
  core::BrokerId broker;      ///< Where to.
  int attempts = 0;

  bool is_finished = false;
  std::optional<Error> error;
  std::int64_t base_offset = -1;
  std::vector<std::int64_t> offsets;  ///< When they are not consecutive.
  std::int64_t timestamp_us = 0;

  [[nodiscard]] idl::ProducePartition& partition() { return request.partitions.front(); }
  [[nodiscard]] Result<RecordMetadata> ResultOf(std::size_t index) const {
    if (error) return *error;
    RecordMetadata metadata;
    metadata.partition = request.partitions.front().partition;
    if (index < offsets.size()) {
      metadata.offset = offsets[index];
    } else if (base_offset >= 0) {
      metadata.offset = base_offset + static_cast<std::int64_t>(index);
    }
    if (metadata.offset >= 0) metadata.timestamp_us = timestamp_us;
    return metadata;
  }
};

}  // namespace lanemq::client
