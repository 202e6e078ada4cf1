#include "common/core/types/table_name.h"

#include <fmt/format.h>

namespace lanemq::core {

std::string MessageTableName(const DataNode& node, const PartitionLocation& location) {
  return fmt::format("{}_{:02}.msg_{}_{}", node.schema_prefix, location.schema_index,
                     location.key.topic.value, location.key.partition);
}

}  // namespace lanemq::core
