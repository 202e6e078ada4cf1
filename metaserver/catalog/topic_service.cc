#include "metaserver/catalog/topic_service.h"

#include <utility>

#include "common/base/log.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/placement/placement_planner.h"

namespace lanemq::metaserver {
namespace {

core::Placer PlacerFor(std::int32_t partitions, std::vector<std::string> pinned,
                       std::vector<core::Partition> existing) {
  return [=](std::span<const core::NodeUsage> nodes) {
    return core::PlanPlacement(nodes, {partitions, pinned, existing});
  };
}

// Whether creating `wanted` again would have made `topic`.
bool IsSame(const core::NewTopic& wanted, const core::Topic& topic) {
  return static_cast<std::size_t>(wanted.partitions) == topic.partitions.size() &&
         wanted.config == topic.config && wanted.description == topic.description;
}

Error NotThere(const std::string& name) {
  return {ErrorCode::kUnknownTopicOrPartition, "no topic '" + name + "'"};
}

}  // namespace

Status TopicService::Check(const CreateTopic& request) const {
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicName(request.topic.name));
  LANEMQ_RETURN_IF_ERROR(core::CheckPartitionCount(request.topic.partitions));
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfig(request.topic.config));
  return core::CheckTopicDescription(request.topic.description);
}

Result<core::Topic> TopicService::Preview(const CreateTopic& request) const {
  const auto snapshot = cache_.Get();
  for (const core::Topic& topic : snapshot->topics) {
    if (topic.name != request.topic.name) continue;
    if (IsSame(request.topic, topic)) return topic;
    return Error{ErrorCode::kTopicAlreadyExists,
                 "topic '" + topic.name + "' exists with other settings"};
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const auto places, core::PlanPlacement(core::UsageOf(*snapshot),
                                             {request.topic.partitions, request.pinned_nodes, {}}));
  core::Topic preview;
  preview.name = request.topic.name;
  preview.config = request.topic.config;
  preview.description = request.topic.description;
  for (std::size_t i = 0; i < places.size(); ++i) {
    preview.partitions.push_back(
        {static_cast<std::int32_t>(i), places[i].node, places[i].schema_index});
  }
  return preview;
}

Result<core::Topic> TopicService::Create(const CreateTopic& request, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(Check(request));
  if (request.validate_only) return Preview(request);
  LANEMQ_ASSIGN_OR_RETURN(
      const core::BegunTopic begun,
      catalog_.BeginCreateTopic(
          request.topic, PlacerFor(request.topic.partitions, request.pinned_nodes, {}), deadline));
  const core::Topic& topic = begun.record.topic;
  if (!begun.is_new) {
    if (topic.state == core::TopicState::kDeleting) {
      return Error{ErrorCode::kFailedPrecondition,
                   "topic '" + topic.name + "' is being deleted; try again later"};
    }
    if (!IsSame(request.topic, topic)) {
      return Error{ErrorCode::kTopicAlreadyExists,
                   "topic '" + topic.name + "' exists with other settings"};
    }
  }
  if (begun.record.IsFinished()) return topic;
  return Finish(begun.record, deadline);
}

Result<core::Topic> TopicService::Finish(const core::TopicRecord& record, Deadline deadline) {
  const core::Topic& topic = record.topic;
  // The placement may have chosen a data node that this process has not heard of.
  LANEMQ_RETURN_IF_ERROR(cache_.Refresh(deadline));
  const auto total = static_cast<std::int32_t>(topic.partitions.size());
  for (std::int32_t i = record.ready; i < total; ++i) {
    const Status made = messages_.CreatePartition(
        topic.LocationOf(topic.partitions[static_cast<std::size_t>(i)]), topic.name, deadline);
    if (!made.ok()) {
      return made.error().Wrap("topic '" + topic.name + "', partition " + std::to_string(i));
    }
  }
  const Status marked = catalog_.MarkPartitionsReady(topic.id, total, deadline);
  if (!marked.ok()) {
    // Deleted meanwhile: the tables made here would be nobody's.
    if (marked.error().code == ErrorCode::kFailedPrecondition) {
      for (const core::Partition& partition : topic.partitions) {
        (void)messages_.DropPartition(topic.LocationOf(partition), deadline);
      }
    }
    return marked.error();
  }
  LANEMQ_LOG(INFO, "topic.ready", {"topic", topic.name}, {"partitions", total});
  (void)cache_.Refresh(deadline);
  return Load(topic.name, deadline);
}

Result<core::Topic> TopicService::Load(const std::string& name, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(auto record, catalog_.FindTopic(name, deadline));
  if (!record) return NotThere(name);
  return std::move(record->topic);
}

Result<core::Topic> TopicService::Alter(const core::TopicChange& change, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfig(change.set));
  for (const std::string& name : change.unset) {
    LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfigName(name));
  }
  if (change.description) LANEMQ_RETURN_IF_ERROR(core::CheckTopicDescription(*change.description));
  LANEMQ_ASSIGN_OR_RETURN(auto record, catalog_.AlterTopic(change, deadline));
  (void)cache_.Refresh(deadline);
  return std::move(record.topic);
}

Result<core::Topic> TopicService::AddPartitions(const std::string& name, std::int32_t total,
                                                Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckPartitionCount(total));
  LANEMQ_ASSIGN_OR_RETURN(const core::TopicRecord record,
                          catalog_.BeginAddPartitions(
                              name, total,
                              [total](const core::Topic& topic) {
                                return PlacerFor(
                                    total - static_cast<std::int32_t>(topic.partitions.size()), {},
                                    topic.partitions);
                              },
                              deadline));
  if (record.IsFinished()) return record.topic;
  return Finish(record, deadline);
}

Status TopicService::Delete(const std::string& name, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const core::TopicRecord record,
                          catalog_.BeginDeleteTopic(name, deadline));
  (void)cache_.Refresh(deadline);
  return FinishDelete(record.topic, deadline);
}

Status TopicService::FinishDelete(const core::Topic& topic, Deadline deadline) {
  for (const core::Partition& partition : topic.partitions) {
    const Status dropped = messages_.DropPartition(topic.LocationOf(partition), deadline);
    if (!dropped.ok()) {
      return dropped.error().Wrap("topic '" + topic.name + "', partition " +
                                  std::to_string(partition.index));
    }
  }
  LANEMQ_RETURN_IF_ERROR(catalog_.FinishDeleteTopic(topic.id, deadline));
  LANEMQ_LOG(INFO, "topic.deleted", {"topic", topic.name});
  (void)cache_.Refresh(deadline);
  return {};
}

Result<std::int64_t> TopicService::FinishAll(Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto unfinished, catalog_.LoadUnfinishedTopics(deadline));
  std::int64_t finished = 0;
  for (const core::TopicRecord& record : unfinished) {
    const Status status = record.topic.state == core::TopicState::kDeleting
                              ? FinishDelete(record.topic, deadline)
                              : [&]() -> Status {
      const auto made = Finish(record, deadline);
      if (!made.ok()) return made.error();
      return {};
    }();
    if (status.ok()) {
      ++finished;
    } else {
      LANEMQ_LOG(WARN, "topic.unfinished", {"topic", record.topic.name},
                 {"error", status.error().ToString()});
    }
  }
  return finished;
}

}  // namespace lanemq::metaserver
