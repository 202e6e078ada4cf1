#pragma once

#include "common/core/retention/retention_types.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// What a topic's partitions need not keep, by its settings, which passed CheckTopicConfig(). A
/// century or more, and 2^60 bytes or more, are without limit.
[[nodiscard]] RetentionPolicy RetentionPolicyOf(const TopicConfig& config);

}  // namespace lanemq::core
