#pragma once

#include <string>

#include "common/core/types/catalog.h"

namespace lanemq::core {

/// "p_00.msg_7_3": the message table of a partition, as people write it. `node`: the one it is on.
[[nodiscard]] std::string MessageTableName(const DataNode& node, const PartitionLocation& location);

}  // namespace lanemq::core
