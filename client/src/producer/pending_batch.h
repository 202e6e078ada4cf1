#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <string>
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
  /// For the log, or for later. One partition.
  using Request = std::variant<idl::ProduceRequest, idl::ScheduleRequest>;

  PendingBatch(const TopicPartition& partition, bool is_delayed);
  /// Once and for all: moving generated messages copies them.
  void Reserve(std::size_t records);
  void Add(ProducerRecord&& record, std::int64_t due_us);
  void SetSequence(core::ProducerId producer, std::int64_t base_sequence);
  /// What became of it, from the partition's result in the reply.
  std::optional<Error> Take(idl::ProducePartitionResult& result);
  std::optional<Error> Take(idl::SchedulePartitionResult& result);
  [[nodiscard]] Result<RecordMetadata> ResultOf(std::size_t index) const;

  const std::int32_t partition;
  std::int64_t serial = 0;
  std::uint64_t epoch = 0;  ///< Of Flush(): it waits for the epochs before it.
  std::size_t bytes = 0;
  Request request;
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
  std::vector<std::string> handles;  ///< Of delayed records, one each.
};

}  // namespace lanemq::client
