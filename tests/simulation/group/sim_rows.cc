#include "tests/simulation/group/sim_rows.h"

namespace lanemq::simulation {

bool SimRows::Claim(const core::TopicPartition& partition, core::Generation generation,
                    const std::string& member) {
  Row& row = rows_[partition];
  if (has_generation_fence && generation < row.generation) return false;
  row.generation = generation;
  row.member = member;
  return true;
}

bool SimRows::Commit(const core::TopicPartition& partition, core::Generation generation,
                     const std::string& member, std::int64_t offset) {
  Row& row = rows_[partition];
  if (has_generation_fence && generation < row.generation) return false;
  if (has_member_fence && member != row.member) return false;
  row = {generation, member, offset};
  return true;
}

std::int64_t SimRows::Committed(const core::TopicPartition& partition) const {
  const auto row = rows_.find(partition);
  return row == rows_.end() ? 0 : row->second.offset;
}

bool SimRows::IsInOrder(std::size_t process, std::uint64_t rpc) {
  std::uint64_t& newest = newest_rpc_[process];
  if (rpc <= newest) return false;
  newest = rpc;
  return true;
}

}  // namespace lanemq::simulation
