#include "metaserver/catalog/catalog_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/catalog/deleted_topic.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/placement/placement_planner.h"

namespace lanemq::metaserver {
namespace {

using core::AuditNote;
using core::DataNode;
using core::NodeUsage;
using core::Placer;
using core::Topic;
using core::TopicRecord;
using core::TopicState;

/// Creations that find the name occupied by one that is just being deleted.
constexpr int kCreateAttempts = 3;

Status Check(const CatalogService::CreateTopic& request) {
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicName(request.topic.name));
  LANEMQ_RETURN_IF_ERROR(core::CheckPartitionCount(request.topic.partitions));
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfig(request.topic.config));
  return core::CheckTopicDescription(request.topic.description);
}

/// kTopicAlreadyExists, naming the first difference, unless `existing` is what is asked for.
Status CheckEqual(const Topic& existing, const CatalogService::CreateTopic& request) {
  if (existing.deletion) {
    return Error{ErrorCode::kTopicAlreadyExists, core::DeletedText(existing)};
  }
  const auto differs = [&](const std::string& how) -> Status {
    return Error{ErrorCode::kTopicAlreadyExists,
                 fmt::format("topic '{}' exists {}", existing.name, how)};
  };
  if (existing.partitions.size() != static_cast<std::size_t>(request.topic.partitions)) {
    return differs(fmt::format("with {} partitions", existing.partitions.size()));
  }
  if (existing.config != request.topic.config) return differs("with other settings");
  if (request.has_description && existing.description != request.topic.description) {
    return differs("with another description");
  }
  return {};
}

/// Its tables go, and nothing stops that.
bool IsGoing(const Topic& topic) { return topic.state == TopicState::kDeleting && !topic.deletion; }

/// The topic as it is told: with the partitions that there are.
Topic ToldOf(TopicRecord record) {
  if (record.topic.state == TopicState::kActive) {
    record.topic.partitions.resize(static_cast<std::size_t>(record.ready));
  }
  return std::move(record.topic);
}

Placer PlacerFor(std::int32_t partitions, std::vector<std::string> pinned,
                 std::vector<core::Partition> existing) {
  return [request = core::PlacementRequest{partitions, std::move(pinned), std::move(existing)}](
             std::span<const NodeUsage> usage) { return core::PlanPlacement(usage, request); };
}

}  // namespace

CatalogService::CatalogService(Options options, core::CatalogStore& store,
                               core::MessageStore& messages, core::NodeAdmin& nodes,
                               const core::NodeVault& vault, SnapshotCache& cache,
                               const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      messages_(messages),
      nodes_(nodes),
      vault_(vault),
      cache_(cache),
      clock_(clock) {}

Deadline CatalogService::ForChange() const {
  return Deadline::After(clock_, options_.change_timeout);
}

Result<Topic> CatalogService::Create(const CreateTopic& request, const AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(Check(request));
  const Deadline deadline = ForChange();
  const Placer placer = PlacerFor(request.topic.partitions, request.pinned_nodes, {});
  if (request.validate_only) {
    LANEMQ_ASSIGN_OR_RETURN(auto existing, store_.FindTopic(request.topic.name, deadline));
    if (existing && !IsGoing(existing->topic)) {
      LANEMQ_RETURN_IF_ERROR(CheckEqual(existing->topic, request));
      return std::move(existing->topic);
    }
    LANEMQ_ASSIGN_OR_RETURN(const auto places, placer(core::UsageOf(*cache_.Current())));
    Topic topic;
    topic.name = request.topic.name;
    topic.config = request.topic.config;
    topic.description = request.topic.description;
    for (const core::Placement& place : places) {
      topic.partitions.push_back(
          {static_cast<std::int32_t>(topic.partitions.size()), place.node, place.schema_index});
    }
    return topic;
  }
  for (int attempt = 1;; ++attempt) {
    LANEMQ_ASSIGN_OR_RETURN(auto begun,
                            store_.BeginCreateTopic(request.topic, placer, note, deadline));
    if (IsGoing(begun.record.topic) && attempt < kCreateAttempts) {
      LANEMQ_RETURN_IF_ERROR(FinishDeletion(begun.record, deadline));
      continue;
    }
    if (!begun.is_new) LANEMQ_RETURN_IF_ERROR(CheckEqual(begun.record.topic, request));
    if (begun.record.IsFinished()) {
      cache_.Reload();
      return std::move(begun.record.topic);
    }
    LANEMQ_RETURN_IF_ERROR(FinishCreation(begun.record, deadline));
    LANEMQ_LOG(INFO, "catalog.topic_created", {"topic", request.topic.name},
               {"partitions", request.topic.partitions}, {"resumed", !begun.is_new});
    return FindActive(request.topic.name, deadline);
  }
}

Result<Topic> CatalogService::FindActive(const std::string& name, Deadline deadline) {
  cache_.Reload();
  LANEMQ_ASSIGN_OR_RETURN(auto record, store_.FindTopic(name, deadline));
  if (record && record->topic.state == TopicState::kCreating) {
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("topic '{}' is being made by a request, and is there when all of that "
                             "is: lanemq request list",
                             name)};
  }
  if (!record || record->topic.state != TopicState::kActive) {
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("topic '{}' was deleted by another call", name)};
  }
  return ToldOf(*std::move(record));
}

void CatalogService::LearnNodes(const TopicRecord& record) {
  const auto snapshot = cache_.Current();
  for (const core::Partition& partition : record.topic.partitions) {
    const bool is_known =
        std::any_of(snapshot->nodes.begin(), snapshot->nodes.end(),
                    [&](const DataNode& node) { return node.id == partition.node; });
    if (!is_known) return cache_.Reload();
  }
}

Status CatalogService::MakeTables(const TopicRecord& record, Deadline deadline) {
  LearnNodes(record);
  const Topic& topic = record.topic;
  for (auto i = static_cast<std::size_t>(record.ready); i < topic.partitions.size(); ++i) {
    const Status made =
        messages_.CreatePartition(topic.LocationOf(topic.partitions[i]), topic.name, deadline);
    if (!made.ok()) return made.error().Wrap(fmt::format("make partition {}/{}", topic.name, i));
  }
  return {};
}

Status CatalogService::DropTables(const TopicRecord& record, std::int32_t from, Deadline deadline) {
  LearnNodes(record);
  const Topic& topic = record.topic;
  for (auto i = static_cast<std::size_t>(from); i < topic.partitions.size(); ++i) {
    const Status dropped = messages_.DropPartition(topic.LocationOf(topic.partitions[i]), deadline);
    if (!dropped.ok()) {
      return dropped.error().Wrap(fmt::format("drop partition {}/{}", topic.name, i));
    }
  }
  return {};
}

Status CatalogService::FinishCreation(const TopicRecord& record, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(MakeTables(record, deadline));
  const auto total = static_cast<std::int32_t>(record.topic.partitions.size());
  const Status marked = store_.MarkPartitionsReady(record.topic.id, total, deadline);
  if (marked.ok() || marked.error().code != ErrorCode::kFailedPrecondition) return marked;
  // Deleted meanwhile: the deletion may have passed the tables before they were made.
  const Status dropped = DropTables(record, record.ready, deadline);
  if (!dropped.ok()) {
    LANEMQ_LOG(WARN, "catalog.tables_left_behind", {"topic", record.topic.name},
               {"topic_id", record.topic.id.value}, {"error", dropped.error().ToString()});
  }
  return marked.error().Wrap("create topic '" + record.topic.name + "'");
}

Status CatalogService::FinishDeletion(const TopicRecord& record, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(DropTables(record, 0, deadline));
  LANEMQ_RETURN_IF_ERROR(store_.FinishDeleteTopic(record.topic.id, deadline));
  LANEMQ_LOG(INFO, "catalog.topic_deleted", {"topic", record.topic.name},
             {"topic_id", record.topic.id.value});
  return {};
}

Status CatalogService::Finish(const TopicRecord& record) {
  const Deadline deadline = ForChange();
  const Status finished =
      IsGoing(record.topic) ? FinishDeletion(record, deadline) : FinishCreation(record, deadline);
  cache_.Reload();
  return finished;
}

Result<std::optional<core::TopicDeletion>> CatalogService::Delete(const std::string& name,
                                                                  const AuditNote& note,
                                                                  DeleteHow how) {
  const Deadline deadline = ForChange();
  const std::chrono::milliseconds keep =
      how == DeleteHow::kForGood ? std::chrono::milliseconds{0} : options_.undelete_retention;
  // One that is kept was promised its time, whatever this server keeps now.
  if (how != DeleteHow::kForGood) {
    LANEMQ_ASSIGN_OR_RETURN(const auto known, store_.FindTopic(name, deadline));
    if (known && known->topic.deletion) {
      return Error{ErrorCode::kUnknownTopicOrPartition, core::DeletedText(known->topic)};
    }
  }
  auto begun = keep.count() > 0 ? store_.MarkTopicDeleted(name, keep, note, deadline)
                                : store_.BeginDeleteTopic(name, note, deadline);
  if (!begun.ok()) return begun.error();
  // Brokers that ask from now on learn that the topic goes, before its tables do.
  cache_.Reload();
  if (begun->topic.deletion) {
    LANEMQ_LOG(INFO, "catalog.topic_kept", {"topic", name}, {"topic_id", begun->topic.id.value},
               {"purge_at_us", begun->topic.deletion->purge_at.micros});
    return begun->topic.deletion;
  }
  const Status finished = FinishDeletion(*begun, deadline);
  cache_.Reload();
  if (!finished.ok()) return finished.error();
  return std::optional<core::TopicDeletion>{};
}

Result<Topic> CatalogService::Undelete(const std::string& name, const AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(TopicRecord record, store_.UndeleteTopic(name, note, ForChange()));
  cache_.Reload();
  LANEMQ_LOG(INFO, "catalog.topic_undeleted", {"topic", name}, {"topic_id", record.topic.id.value});
  return ToldOf(std::move(record));
}

Result<Topic> CatalogService::Alter(const core::TopicChange& change, const AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfig(change.set));
  for (const std::string& name : change.unset) {
    LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfigName(name));
    if (change.set.contains(name)) {
      return Error{ErrorCode::kInvalidRequest, "setting '" + name + "' is both set and unset"};
    }
  }
  if (change.description) LANEMQ_RETURN_IF_ERROR(core::CheckTopicDescription(*change.description));
  LANEMQ_ASSIGN_OR_RETURN(TopicRecord record, store_.AlterTopic(change, note, ForChange()));
  cache_.Reload();
  return ToldOf(std::move(record));
}

Result<Topic> CatalogService::AddPartitions(const std::string& name, std::int32_t total,
                                            const AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(core::CheckPartitionCount(total));
  const Deadline deadline = ForChange();
  LANEMQ_ASSIGN_OR_RETURN(const TopicRecord record,
                          store_.BeginAddPartitions(
                              name, total,
                              [total](const Topic& topic) {
                                return PlacerFor(
                                    total - static_cast<std::int32_t>(topic.partitions.size()), {},
                                    topic.partitions);
                              },
                              note, deadline));
  if (!record.IsFinished()) {
    LANEMQ_RETURN_IF_ERROR(FinishCreation(record, deadline));
    LANEMQ_LOG(INFO, "catalog.topic_grown", {"topic", name}, {"partitions", total});
  }
  return FindActive(name, deadline);
}

}  // namespace lanemq::metaserver
