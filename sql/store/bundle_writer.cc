#include "sql/store/bundle_writer.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/access_edits.h"
#include "sql/store/access_rows.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/governance_facts.h"
#include "sql/store/quota_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::Grant;
using core::Owner;
using core::ResourceKind;

/// The changes of one kind, in their order.
template <typename T>
std::vector<const T*> AllOf(const core::Bundle& bundle) {
  std::vector<const T*> all;
  for (const core::Change& change : bundle.changes) {
    if (const auto* const one = std::get_if<T>(&change)) all.push_back(one);
  }
  return all;
}

Status TakeGrantsOn(AccessChange& change, ResourceKind kind, std::string_view name) {
  LANEMQ_ASSIGN_OR_RETURN(const auto grants, ReadGrantsOn(change.connection(), kind, name));
  for (const Grant& grant : grants) LANEMQ_RETURN_IF_ERROR(DeleteGrant(change, grant.id));
  return {};
}

/// Whether all its tables are there, of each topic that the request has made.
Result<std::map<std::string, bool, std::less<>>> ReadMadeTopics(Connection& connection,
                                                                std::int64_t request) {
  std::map<std::string, bool, std::less<>> made;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadMadeTopics, {request}, [&](const Row& row) {
        // 'deleting', or 'deleted'.
        const bool is_going =
            row.Int64(1) >= static_cast<std::int64_t>(core::TopicState::kDeleting);
        made.emplace(row.String(0), !is_going && row.Int64(2) == 0);
        return true;
      }));
  return made;
}

}  // namespace

Status BundleWriter::Write(const core::Bundle& bundle) {
  for (const auto* const team : AllOf<core::PutTeamChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(PutTeam(change_, team->team));
  }
  for (const auto* const revoked : AllOf<core::RevokeGrantChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(Revoke(*revoked));
  }
  for (const auto* const quota : AllOf<core::SetQuotaChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(SaveQuota(change_, {quota->team, quota->quota}));
  }
  LANEMQ_RETURN_IF_ERROR(ActivateTopics(bundle));
  LANEMQ_RETURN_IF_ERROR(AlterTopics(bundle));
  LANEMQ_RETURN_IF_ERROR(WriteTopicFacts(bundle));
  LANEMQ_RETURN_IF_ERROR(WriteGroupFacts(bundle));
  LANEMQ_RETURN_IF_ERROR(WriteOwners(bundle));
  LANEMQ_RETURN_IF_ERROR(WriteGrants(bundle));
  for (const auto* const topic : AllOf<core::DeleteTopicChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(DeleteTopic(*topic));
  }
  for (const auto* const group : AllOf<core::DeleteGroupChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(DeleteGroup(*group));
  }
  for (const auto* const team : AllOf<core::DeleteTeamChange>(bundle)) {
    LANEMQ_RETURN_IF_ERROR(DeleteTeam(change_, team->name));
  }
  return {};
}

Status BundleWriter::ActivateTopics(const core::Bundle& bundle) {
  const auto topics = AllOf<core::CreateTopicChange>(bundle);
  if (topics.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const auto made, ReadMadeTopics(change_.connection(), request_));
  for (const auto* const topic : topics) {
    const auto found = made.find(topic->name);
    if (found != made.end() && found->second) continue;
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("topic '{}' was deleted while it was made", topic->name)};
  }
  has_changed_catalogue_ = true;
  return ToStatus(
      change_.connection().Update(statements::kActivateMadeTopics, {change_.now(), request_}));
}

Status BundleWriter::AlterTopics(const core::Bundle& bundle) {
  for (const auto* const altered : AllOf<core::AlterTopicChange>(bundle)) {
    const core::TopicChange settings{altered->name, altered->set, altered->unset,
                                     altered->description};
    LANEMQ_ASSIGN_OR_RETURN(const EditedTopic edited,
                            AlterTopic(change_.connection(), change_.now(), settings, note_));
    has_changed_catalogue_ = has_changed_catalogue_ || edited.is_changed;
  }
  return {};
}

Status BundleWriter::WriteTopicFacts(const core::Bundle& bundle) {
  FactsOfTopics wanted;
  for (const auto* const topic : AllOf<core::CreateTopicChange>(bundle)) {
    wanted[topic->name] = {topic->tier, topic->traffic};
  }
  std::vector<std::string> names;
  for (const auto* const altered : AllOf<core::AlterTopicChange>(bundle)) {
    if (altered->tier || altered->traffic) names.push_back(altered->name);
  }
  LANEMQ_ASSIGN_OR_RETURN(const FactsOfTopics before, FindTopicFacts(change_.connection(), names));
  for (const auto* const altered : AllOf<core::AlterTopicChange>(bundle)) {
    if (!altered->tier && !altered->traffic) continue;
    const auto was = before.find(altered->name);
    core::GovernanceFacts::OfTopic& facts = wanted[altered->name];
    if (was != before.end()) facts = was->second;
    if (altered->tier) facts.tier = *altered->tier;
    if (altered->traffic) facts.traffic = altered->traffic;
  }
  return SaveTopicFacts(change_, wanted);
}

Status BundleWriter::WriteGroupFacts(const core::Bundle& bundle) {
  FactsOfGroups wanted;
  for (const auto* const group : AllOf<core::PutGroupChange>(bundle)) {
    wanted[group->name] = {group->tier, group->description};
  }
  return SaveGroupFacts(change_, wanted);
}

Status BundleWriter::WriteOwners(const core::Bundle& bundle) {
  std::vector<Owner> owners;
  for (const auto* const topic : AllOf<core::CreateTopicChange>(bundle)) {
    owners.push_back({ResourceKind::kTopic, topic->name, topic->owner});
  }
  for (const auto* const group : AllOf<core::PutGroupChange>(bundle)) {
    owners.push_back({ResourceKind::kGroup, group->name, group->owner});
  }
  for (const auto* const set : AllOf<core::SetOwnerChange>(bundle)) {
    owners.push_back({set->kind, set->name, set->team});
  }
  return SetOwners(change_, owners);
}

Status BundleWriter::WriteGrants(const core::Bundle& bundle) {
  std::vector<Grant> grants;
  for (const auto* const put : AllOf<core::PutGrantChange>(bundle)) grants.push_back(put->grant);
  return ToStatus(PutGrants(change_, std::move(grants)));
}

Status BundleWriter::Revoke(const core::RevokeGrantChange& revoked) {
  Grant wanted;
  wanted.kind = revoked.kind;
  wanted.name = revoked.name;
  wanted.is_prefix = revoked.is_prefix;
  wanted.principal = revoked.principal;
  LANEMQ_ASSIGN_OR_RETURN(const auto found,
                          FindGrantsLike(change_.connection(), std::span(&wanted, 1)));
  return found.empty() ? Status{} : DeleteGrant(change_, found.front().id);
}

Status BundleWriter::DeleteTopic(const core::DeleteTopicChange& deleted) {
  // Who may do what with it stays as long as it can be brought back, and goes with it.
  if (keep_deleted_.count() <= 0) {
    LANEMQ_RETURN_IF_ERROR(TakeGrantsOn(change_, ResourceKind::kTopic, deleted.name));
    LANEMQ_RETURN_IF_ERROR(SetOwner(change_, {ResourceKind::kTopic, deleted.name, ""}));
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const EditedTopic edited,
      MarkTopicDeleted(change_.connection(), change_.now(), deleted.name, keep_deleted_, note_));
  has_changed_catalogue_ = has_changed_catalogue_ || edited.is_changed;
  return {};
}

Status BundleWriter::DeleteGroup(const core::DeleteGroupChange& deleted) {
  LANEMQ_RETURN_IF_ERROR(TakeGrantsOn(change_, ResourceKind::kGroup, deleted.name));
  LANEMQ_RETURN_IF_ERROR(SetOwner(change_, {ResourceKind::kGroup, deleted.name, ""}));
  return DeleteGroupFacts(change_, deleted.name);
}

}  // namespace lanemq::sql
