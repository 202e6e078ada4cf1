#pragma once

#include <vector>

#include "client/cli/text/offset_spec.h"
#include "lanemq/consumer.h"

namespace lanemq::cli {

/// Moves `consumer` to where `spec` is in each of the (assigned) `partitions`.
Status SeekTo(Consumer& consumer, const std::vector<TopicPartition>& partitions,
              const OffsetSpec& spec);

}  // namespace lanemq::cli
