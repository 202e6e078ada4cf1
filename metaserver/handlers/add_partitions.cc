#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> AddPartitions(Services& services,
                                         const idl::AddPartitionsRequest& request,
                                         const core::AuditNote& note) {
  const auto snapshot = services.cache.Current();
  const core::Topic* const known = FindTopic(*snapshot, request.name);
  const bool is_growth =
      known != nullptr && request.partitions > static_cast<std::int32_t>(known->partitions.size());
  if (is_growth) {
    const core::AddPartitionsChange change{request.name, request.partitions};
    LANEMQ_RETURN_IF_ERROR(CheckDirect(services, note, change));
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic,
                          services.catalog.AddPartitions(request.name, request.partitions, note));
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
