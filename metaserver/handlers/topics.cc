#include "metaserver/handlers/topics.h"

#include "common/core/placement/preferred_broker.h"
#include "common/rpc/wire/catalog.h"

namespace lanemq::metaserver {
namespace {

Result<idl::TopicResponse> Answer(const HandlerContext& context, const Result<core::Topic>& topic) {
  LANEMQ_RETURN_IF_ERROR(topic);
  const auto snapshot = context.cache.Get();
  idl::TopicResponse response;
  response.topic = Describe(*topic, *snapshot);
  response.__set_metadata_version(snapshot->version);
  return response;
}

}  // namespace

idl::TopicMetadata Describe(const core::Topic& topic, const core::CatalogSnapshot& snapshot) {
  idl::TopicMetadata out = wire::ToWire(topic);
  for (idl::PartitionMetadata& partition : out.partitions) {
    const auto preferred = core::PreferredBroker({topic.id, partition.partition}, snapshot.brokers);
    if (preferred) partition.__set_preferred_broker_id(preferred->value);
  }
  return out;
}

Result<idl::TopicResponse> HandleCreateTopic(const HandlerContext& context,
                                             const idl::CreateTopicRequest& request) {
  CreateTopic create;
  create.topic = {request.name, request.partitions, request.config, request.description};
  create.pinned_nodes = request.pinned_nodes;
  create.validate_only = request.validate_only;
  return Answer(context, context.topics.Create(create, context.RequestDeadline()));
}

Result<idl::TopicResponse> HandleAlterTopic(const HandlerContext& context,
                                            const idl::AlterTopicRequest& request) {
  core::TopicChange change;
  change.name = request.name;
  change.set = request.set_config;
  change.unset = request.unset_config;
  if (request.__isset.description) change.description = request.description;
  return Answer(context, context.topics.Alter(change, context.RequestDeadline()));
}

Result<idl::TopicResponse> HandleAddPartitions(const HandlerContext& context,
                                               const idl::AddPartitionsRequest& request) {
  return Answer(context, context.topics.AddPartitions(request.name, request.partitions,
                                                      context.RequestDeadline()));
}

Result<idl::DeleteTopicResponse> HandleDeleteTopic(const HandlerContext& context,
                                                   const idl::DeleteTopicRequest& request) {
  LANEMQ_RETURN_IF_ERROR(context.topics.Delete(request.name, context.RequestDeadline()));
  idl::DeleteTopicResponse response;
  response.__set_metadata_version(context.cache.Get()->version);
  return response;
}

idl::ListTopicsResponse HandleListTopics(const HandlerContext& context) {
  const auto snapshot = context.cache.Get();
  idl::ListTopicsResponse response;
  for (const core::Topic& topic : snapshot->topics) {
    response.topics.push_back(Describe(topic, *snapshot));
  }
  return response;
}

Result<idl::TopicResponse> HandleDescribeTopic(const HandlerContext& context,
                                               const idl::DescribeTopicRequest& request) {
  const auto snapshot = context.cache.Get();
  for (const core::Topic& topic : snapshot->topics) {
    if (topic.name == request.name) return Answer(context, topic);
  }
  return Error{ErrorCode::kUnknownTopicOrPartition, "no topic '" + request.name + "'"};
}

}  // namespace lanemq::metaserver
