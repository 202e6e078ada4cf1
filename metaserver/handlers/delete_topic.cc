#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DeleteTopicResponse> DeleteTopic(Services& services,
                                             const idl::DeleteTopicRequest& request,
                                             const core::AuditNote& note) {
  const auto known = FindTopicNow(services, request.name);
  // One that is being deleted is finished.
  if (known != nullptr && known->state != core::TopicState::kDeleting) {
    LANEMQ_RETURN_IF_ERROR(CheckDirect(services, note, core::DeleteTopicChange{request.name}));
  }
  const bool is_for_good = request.__isset.purge_now && request.purge_now;
  LANEMQ_ASSIGN_OR_RETURN(
      const auto deletion,
      services.catalog.Delete(request.name, note,
                              is_for_good ? CatalogService::DeleteHow::kForGood
                                          : CatalogService::DeleteHow::kUndoable));
  idl::DeleteTopicResponse out;
  if (deletion) out.__set_purge_at_us(deletion->purge_at.micros);
  out.__set_metadata_version(services.cache.Current()->version);
  return out;
}

}  // namespace lanemq::metaserver
