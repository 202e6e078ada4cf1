#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ListBrokersResponse> ListBrokers(Services& services,
                                             const idl::ListBrokersRequest& request) {
  idl::ListBrokersResponse out;
  const bool with_dead = request.__isset.include_dead && request.include_dead;
  for (const core::Broker& broker : services.registry.List()) {
    if (broker.state == core::BrokerState::kDead && !with_dead) continue;
    out.brokers.push_back(wire::ToWire(broker));
  }
  return out;
}

}  // namespace lanemq::metaserver
