#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "common/rpc/client.h"

namespace lanemq::cli {

/// A server of the cluster.
struct Server {
  std::string role;  ///< "metaserver", "broker 7".
  rpc::Endpoint endpoint;
};

/// Metaservers, then brokers but dead ones, as the metadata has them; of one address when `only` is
/// not empty.
[[nodiscard]] std::vector<Server> ServersOf(const idl::MetadataResponse& metadata,
                                            const std::string& only = {});

}  // namespace lanemq::cli
