#include "metaserver/coordinator/group_watch.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

std::map<std::string, std::string> IdsOf(const core::StoredGroup& group) {
  std::map<std::string, std::string> ids;
  for (const core::StoredMember& m : group.members) ids[m.member.member_id] = m.member.instance_id;
  return ids;
}

bool HasInstance(const std::map<std::string, std::string>& members, const std::string& instance) {
  return !instance.empty() &&
         std::ranges::any_of(members, [&](const auto& m) { return m.second == instance; });
}

}  // namespace

void GroupWatch::OnLoaded(const core::StoredGroup& group) {
  members_ = IdsOf(group);
  if (group.state == core::GroupState::kStable) stable_ = group.generation;
}

void GroupWatch::OnLeave(const std::string& member_id, const std::string& instance_id) {
  for (const auto& [id, instance] : members_) {
    const bool is_meant =
        member_id.empty() ? !instance_id.empty() && instance == instance_id : id == member_id;
    if (is_meant) leaving_.insert(id);
  }
}

void GroupWatch::OnWrite(const core::StoredGroup& group) {
  auto members = IdsOf(group);
  for (const auto& [id, instance] : members_) {
    if (members.contains(id)) continue;
    const bool has_left = leaving_.erase(id) > 0;
    if (HasInstance(members, instance)) {
      LANEMQ_LOG(INFO, "group.member_came_back", {"group", group.group_id}, {"instance", instance});
    } else if (has_left) {
      LANEMQ_LOG(INFO, "group.member_left", {"group", group.group_id}, {"member", id});
    } else {
      ++counters_.members_expired;
      LANEMQ_LOG(WARN, "group.member_expired", {"group", group.group_id}, {"member", id},
                 {"generation", group.generation.value}, {"reason", group.reason});
    }
  }
  members_ = std::move(members);
  written_ = group;
  written_.members.clear();
}

void GroupWatch::OnDurable() {
  if (written_.state != core::GroupState::kStable || written_.generation <= stable_) return;
  stable_ = written_.generation;
  ++counters_.rebalances;
  LANEMQ_LOG(INFO, "group.stable", {"group", written_.group_id}, {"generation", stable_.value},
             {"protocol", written_.protocol}, {"members", members_.size()},
             {"moved", written_.moved}, {"reason", written_.reason});
}

}  // namespace lanemq::metaserver
