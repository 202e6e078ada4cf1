#pragma once

#include "common/base/result.h"
#include "lanemq_types.h"
#include "metaserver/handlers/context.h"

namespace lanemq::metaserver {

// Blocking bodies of the topic methods; the service runs them on worker threads.
Result<idl::TopicResponse> HandleCreateTopic(const HandlerContext& context,
                                             const idl::CreateTopicRequest& request);
Result<idl::TopicResponse> HandleAlterTopic(const HandlerContext& context,
                                            const idl::AlterTopicRequest& request);
Result<idl::TopicResponse> HandleAddPartitions(const HandlerContext& context,
                                               const idl::AddPartitionsRequest& request);
Result<idl::DeleteTopicResponse> HandleDeleteTopic(const HandlerContext& context,
                                                   const idl::DeleteTopicRequest& request);

// These answer from the cache, without waiting.
[[nodiscard]] idl::ListTopicsResponse HandleListTopics(const HandlerContext& context);
Result<idl::TopicResponse> HandleDescribeTopic(const HandlerContext& context,
                                               const idl::DescribeTopicRequest& request);

/// A topic with its preferred brokers.
[[nodiscard]] idl::TopicMetadata Describe(const core::Topic& topic,
                                          const core::CatalogSnapshot& snapshot);

}  // namespace lanemq::metaserver
