#pragma once

#include <map>
#include <string>

#include "lanemq/admin.h"
#include "lanemq_types.h"

namespace lanemq {

using NodesById = std::map<std::int64_t, idl::DataNode>;

[[nodiscard]] TopicDescription Describe(const idl::TopicMetadata& topic, const NodesById& nodes);
[[nodiscard]] NodeDescription Describe(const idl::DataNode& node);
[[nodiscard]] BrokerDescription Describe(const idl::Broker& broker);

}  // namespace lanemq
