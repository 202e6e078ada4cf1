#include <algorithm>

#include "common/core/catalog/deleted_topic.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TopicResponse> DescribeTopic(Services& services,
                                         const idl::DescribeTopicRequest& request) {
  const auto snapshot = services.cache.Current();
  const auto found =
      std::find_if(snapshot->topics.begin(), snapshot->topics.end(),
                   [&](const core::Topic& topic) { return topic.name == request.name; });
  if (found == snapshot->topics.end()) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + request.name + "'"};
  }
  if (found->deletion) {
    return Error{ErrorCode::kUnknownTopicOrPartition, core::DeletedText(*found)};
  }
  idl::TopicResponse out;
  out.topic = ToWire(*found, *snapshot);
  out.__set_metadata_version(snapshot->version);
  return out;
}

}  // namespace lanemq::metaserver
