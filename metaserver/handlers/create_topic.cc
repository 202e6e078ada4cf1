#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> CreateTopic(Services& services, const idl::CreateTopicRequest& request,
                                       const core::AuditNote& note) {
  CatalogService::CreateTopic create;
  create.topic.name = request.name;
  create.topic.partitions = request.partitions;
  if (request.__isset.config) create.topic.config = request.config;
  create.has_description = request.__isset.description;
  if (request.__isset.description) create.topic.description = request.description;
  if (request.__isset.pinned_nodes) create.pinned_nodes = request.pinned_nodes;
  create.validate_only = request.__isset.validate_only && request.validate_only;
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic, services.catalog.Create(create, note));
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
