#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/core/group/group_types.h"

namespace lanemq::simulation {

/// The rows of committed offsets on the data node, with the rules of claims and commits.
class SimRows {
 public:
  /// False: the row has been taken over by a newer generation.
  [[nodiscard]] bool Claim(const core::TopicPartition& partition, core::Generation generation,
                           const std::string& member);
  /// False: of an older generation than the row's, or of another member than claimed it last.
  [[nodiscard]] bool Commit(const core::TopicPartition& partition, core::Generation generation,
                            const std::string& member, std::int64_t offset);
  [[nodiscard]] std::int64_t Committed(const core::TopicPartition& partition) const;
  /// Requests of one process arrive in order or not at all, as over a connection: one at a time.
  [[nodiscard]] bool IsInOrder(std::size_t process, std::uint64_t rpc);

  /// False is a deliberate defect.
  bool has_generation_fence = true;
  bool has_member_fence = true;

 private:
  struct Row {
    core::Generation generation;
    std::string member;
    std::int64_t offset = 0;
  };
  std::map<core::TopicPartition, Row> rows_;
  std::map<std::size_t, std::uint64_t> newest_rpc_;
};

}  // namespace lanemq::simulation
