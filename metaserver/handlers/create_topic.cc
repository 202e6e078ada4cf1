#include "common/core/catalog/deleted_topic.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

/// A new topic belongs to somebody, if that is clear.
Status GiveOwner(Services& services, const std::string& topic, const std::string& owner,
                 const core::AuditNote& note) {
  const auto book = services.guard.book();
  const bool has_owner =
      book == nullptr || !book->OwnerOf(core::ResourceKind::kTopic, topic).empty();
  if (owner.empty() || has_owner) return {};
  LANEMQ_RETURN_IF_ERROR(services.access.SetOwner({core::ResourceKind::kTopic, topic, owner}, note,
                                                  ForAccess(services)));
  return services.book.Reload();
}

}  // namespace

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
  const auto known = FindTopicNow(services, request.name);
  if (known != nullptr && known->deletion) {
    return Error{ErrorCode::kTopicAlreadyExists, core::DeletedText(*known)};
  }
  std::string owner;
  // One that is there is compared, not made. One that goes is made anew.
  const bool is_there = known != nullptr && known->state != core::TopicState::kDeleting;
  if (services.guard.is_on() && !is_there) {
    owner = OwnerToBe(services, note, request.name);
    core::CreateTopicChange change;
    change.name = create.topic.name;
    change.owner = owner;
    change.description = create.topic.description;
    change.partitions = create.topic.partitions;
    change.config = create.topic.config;
    LANEMQ_RETURN_IF_ERROR(CheckDirect(services, note, change));
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::Topic topic, services.catalog.Create(create, note));
  if (!create.validate_only) {
    LANEMQ_RETURN_IF_ERROR(GiveOwner(services, request.name, owner, note));
  }
  return ToResponse(topic, services.cache);
}

}  // namespace lanemq::metaserver
