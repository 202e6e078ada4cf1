#include "broker/access/rights.h"

#include <utility>

namespace lanemq::broker {

Status Rights::Check(core::Action action, std::span<const core::Resource> resources) const {
  Status allowed = guard_->Check(caller_.get(), action, resources);
  if (allowed.ok()) return allowed;
  metrics_->AccessRefused(NameOf(allowed.error().code)).Increment();
  guard_->log().Refused(
      {.method = method_, .caller = caller_.get(), .peer = peer_, .why = allowed.error().message},
      guard_->clock().Now());
  return allowed;
}

Status Rights::CheckTopic(core::Action action, const std::string& topic) const {
  const core::Resource resource{core::ResourceKind::kTopic, topic};
  return Check(action, {&resource, 1});
}

Status Rights::CheckTopicLent(core::Action action, std::string& topic) const {
  core::Resource resource{core::ResourceKind::kTopic, std::move(topic)};
  Status allowed = Check(action, {&resource, 1});
  topic = std::move(resource.name);
  return allowed;
}

Status Rights::CheckGroup(core::Action action, const std::string& group) const {
  const core::Resource resource{core::ResourceKind::kGroup, group};
  return Check(action, {&resource, 1});
}

}  // namespace lanemq::broker
