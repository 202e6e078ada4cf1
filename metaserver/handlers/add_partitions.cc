#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> AddPartitions(Services& services,
                                         const idl::AddPartitionsRequest& request,
                                         const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic,
                          services.catalog.AddPartitions(request.name, request.partitions, note));
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
