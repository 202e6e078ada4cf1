#include "client/cli/commands/start_position.h"

#include <map>

namespace lanemq::cli {

Status SeekTo(Consumer& consumer, const std::vector<TopicPartition>& partitions,
              const OffsetSpec& spec) {
  if (spec.kind == OffsetSpec::Kind::kTime) {
    std::map<TopicPartition, std::int64_t> times;
    for (const TopicPartition& partition : partitions) times[partition] = spec.time.micros;
    LANEMQ_ASSIGN_OR_RETURN(const Offsets found, consumer.OffsetsForTimes(times));
    for (const auto& [partition, offset] : found) {
      LANEMQ_RETURN_IF_ERROR(consumer.Seek(partition, offset));
    }
    return {};
  }
  LANEMQ_ASSIGN_OR_RETURN(const Offsets starts, consumer.BeginningOffsets(partitions));
  LANEMQ_ASSIGN_OR_RETURN(const Offsets ends, consumer.EndOffsets(partitions));
  for (const TopicPartition& partition : partitions) {
    const auto start = starts.find(partition);
    const auto end = ends.find(partition);
    if (start == starts.end() || end == ends.end()) {
      return Error{ErrorCode::kUnknownTopicOrPartition, "no broker knows the partition's offsets"};
    }
    LANEMQ_RETURN_IF_ERROR(
        consumer.Seek(partition, ResolveOffset(spec, start->second, end->second)));
  }
  return {};
}

}  // namespace lanemq::cli
