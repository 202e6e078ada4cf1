#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> AlterTopic(Services& services, const idl::AlterTopicRequest& request,
                                      const core::AuditNote& note) {
  core::TopicChange change;
  change.name = request.name;
  if (request.__isset.set_config) change.set = request.set_config;
  if (request.__isset.unset_config) change.unset = request.unset_config;
  if (request.__isset.description) change.description = request.description;
  if (FindTopic(*services.cache.Current(), request.name) != nullptr) {
    core::AlterTopicChange decided;
    decided.name = change.name;
    decided.description = change.description;
    decided.set = change.set;
    decided.unset = change.unset;
    LANEMQ_RETURN_IF_ERROR(CheckDirect(services, note, decided));
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic, services.catalog.Alter(change, note));
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
