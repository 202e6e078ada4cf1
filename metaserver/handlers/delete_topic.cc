#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DeleteTopicResponse> DeleteTopic(Services& services,
                                             const idl::DeleteTopicRequest& request,
                                             const core::AuditNote& note) {
  const auto snapshot = services.cache.Current();
  const core::Topic* const known = FindTopic(*snapshot, request.name);
  // One that is being deleted is finished.
  if (known != nullptr && known->state != core::TopicState::kDeleting) {
    LANEMQ_RETURN_IF_ERROR(CheckDirect(services, note, core::DeleteTopicChange{request.name}));
  }
  LANEMQ_RETURN_IF_ERROR(services.catalog.Delete(request.name, note));
  idl::DeleteTopicResponse out;
  out.__set_metadata_version(services.cache.Current()->version);
  return out;
}

}  // namespace lanemq::metaserver
