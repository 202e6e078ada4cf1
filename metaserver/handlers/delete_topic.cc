#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DeleteTopicResponse> DeleteTopic(Services& services,
                                             const idl::DeleteTopicRequest& request,
                                             const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(services.catalog.Delete(request.name, note));
  idl::DeleteTopicResponse out;
  out.__set_metadata_version(services.cache.Current()->version);
  return out;
}

}  // namespace lanemq::metaserver
