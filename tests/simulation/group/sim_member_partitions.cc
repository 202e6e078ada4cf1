// What a member owns: claims, positions and commits.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tests/simulation/group/sim_member.h"

namespace lanemq::simulation {

std::set<core::TopicPartition> SimMember::Reading() const {
  std::set<core::TopicPartition> reading;
  for (const auto& [partition, owned] : owned_) {
    if (owned.is_claimed) reading.insert(partition);
  }
  return reading;
}

void SimMember::TakeAssignment(const core::SyncReply& reply) {
  world_.Trace(name_, fmt::format("owns {} partitions in generation {}", reply.assignment.size(),
                                  reply.generation.value));
  const std::set<core::TopicPartition> wanted(reply.assignment.begin(), reply.assignment.end());
  std::vector<core::TopicPartition> revoked;
  for (const auto& [partition, owned] : owned_) {
    if (!wanted.contains(partition)) revoked.push_back(partition);
  }
  if (!revoked.empty()) SendCommit();  // Still as the owner.
  for (const core::TopicPartition& partition : revoked) GiveUp(partition);
  owned_generation_ = reply.generation;
  assigned_ = reply.assignment;
  for (const core::TopicPartition& partition : assigned_) owned_.try_emplace(partition);
  SendClaims();
  if (!IsCooperative()) return;
  // Nobody gets what this one said it has until it says that it has not. That it was lost meanwhile
  // makes no difference.
  const bool is_held_back = std::ranges::any_of(
      joined_owned_, [&](const core::TopicPartition& p) { return !wanted.contains(p); });
  if (is_held_back || !revoked.empty()) SendJoin();
}

void SimMember::SendClaims() {
  std::vector<core::TopicPartition> partitions;
  for (const auto& [partition, owned] : owned_) {
    if (!owned.is_claimed) partitions.push_back(partition);
  }
  if (partitions.empty()) return;
  claim_rpc_ = world_.NextRpc();
  world_.Send(
      [this, partitions, generation = owned_generation_, member = member_id_, rpc = claim_rpc_] {
        if (!world_.rows.IsInOrder(options_.process, rpc)) return;
        std::vector<core::TopicPartition> accepted;
        std::vector<core::TopicPartition> refused;
        for (const core::TopicPartition& partition : partitions) {
          const bool is_accepted = world_.rows.Claim(partition, generation, member);
          if (is_accepted)
            world_.checker.OnClaimAccepted(world_.now, partition, generation, member);
          (is_accepted ? accepted : refused).push_back(partition);
        }
        world_.counts.refused_claims += refused.size();
        std::map<core::TopicPartition, std::int64_t> committed;
        for (const auto& partition : accepted)
          committed[partition] = world_.rows.Committed(partition);
        world_.Send([this, generation, rpc, committed, refused] {
          Run([this, generation, rpc, committed, refused] {
            if (generation != owned_generation_ || rpc != claim_rpc_) return;
            OnClaimed(committed);
            OnRefused(generation, refused);
          });
        });
      });
}

void SimMember::OnClaimed(const std::map<core::TopicPartition, std::int64_t>& committed) {
  for (const auto& [partition, offset] : committed) {
    const auto owned = owned_.find(partition);
    if (owned == owned_.end() || owned->second.is_claimed) continue;
    owned->second = {true, offset};
  }
}

void SimMember::Consume() {
  Later(world_.Between(milliseconds(300), milliseconds(1'200)), [this] { Consume(); });
  bool is_waiting_for_claims = false;
  for (auto& [partition, owned] : owned_) {
    if (owned.is_claimed) owned.position += static_cast<std::int64_t>(world_.random.Below(5));
    is_waiting_for_claims |= !owned.is_claimed;
  }
  if (is_waiting_for_claims) SendClaims();
  SendCommit();
}

void SimMember::SendCommit() {
  std::map<core::TopicPartition, std::int64_t> positions;
  for (const auto& [partition, owned] : owned_) {
    if (owned.is_claimed) positions[partition] = owned.position;
  }
  if (positions.empty()) return;
  world_.Send([this, positions, generation = owned_generation_, member = member_id_,
               rpc = world_.NextRpc()] {
    if (!world_.rows.IsInOrder(options_.process, rpc)) return;
    std::vector<core::TopicPartition> refused;
    for (const auto& [partition, offset] : positions) {
      if (world_.rows.Commit(partition, generation, member, offset)) {
        ++world_.counts.commits;
        world_.checker.OnCommitAccepted(world_.now, partition, generation, member, offset);
      } else {
        refused.push_back(partition);
      }
    }
    world_.counts.refused_commits += refused.size();
    if (refused.empty()) return;
    world_.Send([this, generation, refused] {
      Run([this, generation, refused] { OnRefused(generation, refused); });
    });
  });
}

void SimMember::OnRefused(core::Generation generation,
                          const std::vector<core::TopicPartition>& refused) {
  if (generation != owned_generation_) return;
  bool is_any_lost = false;
  for (const core::TopicPartition& partition : refused) {
    if (!owned_.contains(partition)) continue;
    world_.Trace(name_, fmt::format("lost {}/{}", partition.topic, partition.partition));
    GiveUp(partition);
    is_any_lost = true;
  }
  if (is_any_lost && state_ == State::kStable) SendJoin();
}

void SimMember::GiveUp(const core::TopicPartition& partition) {
  owned_.erase(partition);
  std::erase(assigned_, partition);
  ++world_.revocations;
}

void SimMember::GiveUpAll() {
  SendCommit();
  world_.revocations += static_cast<int>(owned_.size());
  owned_.clear();
}

}  // namespace lanemq::simulation
