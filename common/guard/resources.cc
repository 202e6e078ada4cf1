#include "common/guard/resources.h"

#include <algorithm>
#include <string>
#include <utility>

#include "access_types.h"
#include "lanemq_types.h"

namespace lanemq {
namespace {

std::vector<core::Resource> OfTopic(const std::string& name) {
  return {{core::ResourceKind::kTopic, name}};
}

std::vector<core::Resource> OfGroup(const std::string& name) {
  return {{core::ResourceKind::kGroup, name}};
}

template <typename Partition>
std::vector<core::Resource> OfPartitions(const std::vector<Partition>& partitions) {
  std::vector<core::Resource> topics;
  for (const Partition& partition : partitions) {
    // Partitions of one topic stand together in most requests.
    if (!topics.empty() && topics.back().name == partition.topic) continue;
    topics.push_back({core::ResourceKind::kTopic, partition.topic});
  }
  const auto by_name = [](const core::Resource& a, const core::Resource& b) {
    return a.name < b.name;
  };
  std::sort(topics.begin(), topics.end(), by_name);
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

/// The ids name their groups themselves: one of another group must not slip through.
std::vector<core::Resource> OfDeadLetters(const idl::DeadLetterFilter& filter) {
  std::vector<core::Resource> groups = OfGroup(filter.group);
  for (const idl::DeadLetterId& id : filter.ids) {
    const core::Resource group{core::ResourceKind::kGroup, id.group};
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  return groups;
}

}  // namespace

#define LANEMQ_X(Request) \
  std::vector<core::Resource> ResourcesOf(const idl::Request& /*request*/) { return {}; }
LANEMQ_REQUESTS_OF_CLUSTER(LANEMQ_X)
#undef LANEMQ_X

#define LANEMQ_X(Request)                                                \
  std::vector<core::Resource> ResourcesOf(const idl::Request& request) { \
    return OfTopic(request.name);                                        \
  }
LANEMQ_REQUESTS_OF_NAMED_TOPIC(LANEMQ_X)
#undef LANEMQ_X

#define LANEMQ_X(Request)                                                \
  std::vector<core::Resource> ResourcesOf(const idl::Request& request) { \
    return OfTopic(request.topic);                                       \
  }
LANEMQ_REQUESTS_OF_TOPIC(LANEMQ_X)
#undef LANEMQ_X

#define LANEMQ_X(Request)                                                \
  std::vector<core::Resource> ResourcesOf(const idl::Request& request) { \
    return OfPartitions(request.partitions);                             \
  }
LANEMQ_REQUESTS_OF_PARTITIONS(LANEMQ_X)
#undef LANEMQ_X

#define LANEMQ_X(Request)                                                \
  std::vector<core::Resource> ResourcesOf(const idl::Request& request) { \
    return OfGroup(request.group);                                       \
  }
LANEMQ_REQUESTS_OF_GROUP(LANEMQ_X)
#undef LANEMQ_X

std::vector<core::Resource> ResourcesOf(const idl::ListDeadLettersRequest& request) {
  return OfDeadLetters(request.filter);
}

std::vector<core::Resource> ResourcesOf(const idl::DropDeadLettersRequest& request) {
  return OfDeadLetters(request.filter);
}

std::vector<core::Resource> ResourcesOf(const idl::RedriveRequest& request) {
  return OfDeadLetters(request.filter);
}

std::vector<core::Resource> ResourcesOf(const idl::RedriveEditedRequest& request) {
  return OfGroup(request.id.group);
}

std::vector<core::Resource> ResourcesOf(const idl::ListRedrivesRequest& request) {
  if (!request.__isset.group) return {};
  return OfGroup(request.group);
}

// A redrive is known by its number, and a delayed message by its handle: neither names a topic or
// group. Brokers, who look them up, check what they find.
std::vector<core::Resource> ResourcesOf(const idl::CancelRedriveRequest& /*request*/) { return {}; }
std::vector<core::Resource> ResourcesOf(const idl::CancelRequest& /*request*/) { return {}; }

// An objective for all groups is the topic's; one for everything, the cluster's.
std::vector<core::Resource> ResourcesOf(const idl::SetLagObjectiveRequest& request) {
  constexpr const char* kAll = "*";
  if (request.objective.group != kAll) return OfGroup(request.objective.group);
  if (request.objective.topic != kAll) return OfTopic(request.objective.topic);
  return {};
}

}  // namespace lanemq
