#include "tests/simulation/group/sim_checker.h"

#include <algorithm>

#include <fmt/format.h>

namespace lanemq::simulation {
namespace {

std::string NameOf(const core::TopicPartition& p) {
  return fmt::format("{}/{}", p.topic, p.partition);
}

}  // namespace

void SimChecker::Report(MonotonicTime now, const std::string& rule, const std::string& what) {
  const double at = std::chrono::duration<double>(now.since_start).count();
  violations_.push_back(fmt::format("{:.3f} s: {}: {}", at, rule, what));
}

void SimChecker::OnJoinRevealed(MonotonicTime now, const core::JoinReply& reply) {
  if (reply.members.empty()) return;
  std::set<std::string> members;
  for (const core::GroupMember& m : reply.members) {
    members.insert(m.instance_id.empty() ? m.member_id : m.instance_id);
  }
  const auto [known, is_new] = members_.emplace(reply.generation, members);
  if (!is_new && known->second != members) {
    Report(now, "single owner",
           fmt::format("generation {} has two lists of members", reply.generation.value));
  }
}

void SimChecker::OnSyncRevealed(MonotonicTime now, const std::string& owner,
                                const core::SyncReply& reply) {
  for (const core::TopicPartition& p : reply.assignment) {
    const auto [known, is_new] = owners_.emplace(std::pair{reply.generation, p}, owner);
    if (is_new || known->second == owner) continue;
    Report(now, "single owner",
           fmt::format("{} in generation {}: {} and {}", NameOf(p), reply.generation.value,
                       known->second, owner));
  }
}

void SimChecker::OnClaimAccepted(MonotonicTime now, const core::TopicPartition& partition,
                                 core::Generation generation, const std::string& member) {
  Row& row = rows_[partition];
  if (generation < row.claimed) {
    Report(now, "fencing",
           fmt::format("{}: claim of generation {} after that of {}", NameOf(partition),
                       generation.value, row.claimed.value));
  }
  row.claimed = generation;
  row.member = member;
}

void SimChecker::OnCommitAccepted(MonotonicTime now, const core::TopicPartition& partition,
                                  core::Generation generation, const std::string& member,
                                  std::int64_t offset) {
  Row& row = rows_[partition];
  if (generation < row.claimed || member != row.member) {
    Report(now, "fencing",
           fmt::format("{}: commit of {} in generation {} after the claim of {} in {}",
                       NameOf(partition), member, generation.value, row.member, row.claimed.value));
  }
  row.claimed = std::max(row.claimed, generation);
  if (offset < row.committed) {
    Report(now, "monotone",
           fmt::format("{}: {} commits {} after {}", NameOf(partition), member, offset,
                       row.committed));
  }
  row.committed = offset;
}

}  // namespace lanemq::simulation
