#include "metaserver/handlers/group_wire.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/core/types/limits.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kPartitionsMax = 100'000;

}  // namespace

Status CheckGroupId(const std::string& group) {
  constexpr core::Limits kLimits;
  const bool is_printable = std::ranges::all_of(
      group, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  if (!group.empty() && group.size() <= kLimits.group_id_bytes_max && is_printable) return {};
  return Error{ErrorCode::kInvalidGroupId,
               fmt::format("a group id has 1 to {} bytes and no control characters",
                           kLimits.group_id_bytes_max)};
}

bool IsName(const std::string& name, std::size_t bytes_max) {
  return !name.empty() && name.size() <= bytes_max &&
         std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::vector<core::TopicPartition>> FromWire(
    const std::string& what, const std::vector<idl::TopicPartition>& partitions) {
  if (partitions.size() > kPartitionsMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{}: {} partitions, at most {} are allowed", what, partitions.size(),
                             kPartitionsMax)};
  }
  std::vector<core::TopicPartition> out;
  out.reserve(partitions.size());
  for (const idl::TopicPartition& p : partitions) {
    if (!IsName(p.topic, kTopicBytesMax) || p.partition < 0) {
      return Error{ErrorCode::kInvalidRequest, what + ": not a partition of a topic"};
    }
    out.push_back({p.topic, p.partition});
  }
  return out;
}

std::vector<idl::TopicPartition> ToWire(const std::vector<core::TopicPartition>& partitions) {
  std::vector<idl::TopicPartition> out;
  out.reserve(partitions.size());
  for (const core::TopicPartition& p : partitions) {
    idl::TopicPartition& wire = out.emplace_back();
    wire.topic = p.topic;
    wire.partition = p.partition;
  }
  return out;
}

idl::GroupMemberInfo ToWire(const core::GroupMember& member) {
  idl::GroupMemberInfo out;
  out.member_id = member.member_id;
  if (!member.instance_id.empty()) out.__set_group_instance_id(member.instance_id);
  out.topics = member.subscription.topics;
  out.__set_owned(ToWire(member.subscription.owned));
  out.__set_owned_generation(member.subscription.owned_generation.value);
  return out;
}

}  // namespace lanemq::metaserver
