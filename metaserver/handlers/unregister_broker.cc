#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::UnregisterBrokerResponse> UnregisterBroker(Services& services,
                                                       const idl::UnregisterBrokerRequest& request,
                                                       const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(
      services.registry.Unregister(core::BrokerId{request.broker_id}, request.incarnation, note));
  return idl::UnregisterBrokerResponse{};
}

}  // namespace lanemq::metaserver
