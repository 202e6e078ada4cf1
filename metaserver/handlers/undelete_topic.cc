#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> UndeleteTopic(Services& services,
                                         const idl::UndeleteTopicRequest& request,
                                         const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic, services.catalog.Undelete(request.name, note));
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
