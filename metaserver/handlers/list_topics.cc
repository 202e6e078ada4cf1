#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ListTopicsResponse> ListTopics(Services& services, const idl::ListTopicsRequest&) {
  const auto snapshot = services.cache.Current();
  idl::ListTopicsResponse out;
  for (const core::Topic& topic : snapshot->topics) out.topics.push_back(ToWire(topic, *snapshot));
  return out;
}

}  // namespace lanemq::metaserver
