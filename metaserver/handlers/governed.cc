#include "metaserver/handlers/governed.h"

#include <algorithm>

#include "common/core/access/access_rules.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kRetryAfterMs = 500;

}  // namespace

Result<Governance*> GovernanceOf(Services& services) {
  if (Governance* governance = services.governance) return governance;
  return Error{ErrorCode::kMetadataUnavailable, "the server is starting", kRetryAfterMs};
}

core::Principal CallerOf(const core::AuditNote& note) {
  return core::PrincipalFromString(note.actor).value_or(core::Principal{});
}

const core::Topic* FindTopic(const core::CatalogSnapshot& snapshot, const std::string& name) {
  const auto found = std::find_if(snapshot.topics.begin(), snapshot.topics.end(),
                                  [&](const core::Topic& topic) { return topic.name == name; });
  return found == snapshot.topics.end() ? nullptr : &*found;
}

std::shared_ptr<const core::Topic> FindTopicNow(Services& services, const std::string& name) {
  auto snapshot = services.cache.Current();
  const core::Topic* known = FindTopic(*snapshot, name);
  if (known != nullptr && known->deletion) {
    services.cache.Reload();
    snapshot = services.cache.Current();
    known = FindTopic(*snapshot, name);
  }
  return {snapshot, known};
}

Status CheckDirect(Services& services, const core::AuditNote& note, const core::Change& change) {
  if (!services.guard.is_on()) return {};
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  return governance->governor().CheckDirect(CallerOf(note), change);
}

std::string OwnerToBe(Services& services, const core::AuditNote& note, const std::string& topic) {
  const auto book = services.guard.book();
  if (book == nullptr) return {};
  const std::string_view owner = book->OwnerOf(core::ResourceKind::kTopic, topic);
  if (!owner.empty()) return std::string(owner);
  Governance* const governance = services.governance;
  if (governance == nullptr) return {};
  const core::Actor actor = governance->ActorOf(CallerOf(note));
  return actor.teams.size() == 1 ? actor.teams.begin()->first : std::string();
}

}  // namespace lanemq::metaserver
