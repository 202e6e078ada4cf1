#include "broker/access/further_rights.h"

#include <algorithm>
#include <vector>

#include "lanemq_types.h"

namespace lanemq::broker {

Status CheckFurther(const Rights& rights, const idl::FetchRequest& request) {
  if (!request.__isset.group || request.group.empty()) return {};
  return rights.CheckGroup(core::Action::kConsume, request.group);
}

Status CheckFurther(const Rights& rights, const idl::RedriveRequest& request) {
  if (!request.__isset.target || request.target != idl::RedriveTarget::TOPIC) return {};
  std::vector<core::Resource> topics;
  if (request.filter.__isset.topic) {
    topics.push_back({core::ResourceKind::kTopic, request.filter.topic});
  }
  for (const idl::DeadLetterId& id : request.filter.ids) {
    core::Resource topic{core::ResourceKind::kTopic, id.topic};
    if (std::ranges::find(topics, topic) == topics.end()) topics.push_back(std::move(topic));
  }
  return rights.Check(core::Action::kProduce, topics);
}

}  // namespace lanemq::broker
