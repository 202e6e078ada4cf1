#pragma once

#include "common/core/types/catalog.h"

namespace lanemq::idl {
class Broker;
class CatalogResponse;
class DataNode;
class Endpoint;
class TopicMetadata;
}  // namespace lanemq::idl

namespace lanemq::wire {

/// For everybody: whether it has credentials, and nothing else of them.
[[nodiscard]] idl::DataNode ToWire(const core::DataNode& node);
[[nodiscard]] core::DataNode FromWire(const idl::DataNode& node);

/// Preferred brokers are left out: they depend on who is alive, see core/placement.
[[nodiscard]] idl::TopicMetadata ToWire(const core::Topic& topic);
/// Of the partitions, how many and on which nodes.
[[nodiscard]] idl::TopicMetadata ToWireWithoutPartitions(const core::Topic& topic);
[[nodiscard]] core::Topic FromWire(const idl::TopicMetadata& topic);

[[nodiscard]] idl::Broker ToWire(const core::Broker& broker);
[[nodiscard]] core::Broker FromWire(const idl::Broker& broker);

/// The full catalogue as servers get it, with sealed credentials; is_unchanged is false.
[[nodiscard]] idl::CatalogResponse ToWire(const core::CatalogSnapshot& snapshot);
[[nodiscard]] core::CatalogSnapshot FromWire(const idl::CatalogResponse& response);

}  // namespace lanemq::wire
