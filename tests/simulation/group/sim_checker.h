#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "common/core/group/group_machine.h"

namespace lanemq::simulation {

/// Judges a run by what coordinators tell members and what data nodes accept.
///
/// - single owner: a partition has one owner per generation, and a generation one list of members,
///   whichever coordinator says so. Owners are known by instance id where they have one.
/// - fencing: an accepted commit is of the last accepted claim's member, and not of an older
///   generation than that claim.
/// - monotone: an accepted commit does not go back.
class SimChecker {
 public:
  void OnJoinRevealed(MonotonicTime now, const core::JoinReply& reply);
  void OnSyncRevealed(MonotonicTime now, const std::string& owner, const core::SyncReply& reply);
  void OnClaimAccepted(MonotonicTime now, const core::TopicPartition& partition,
                       core::Generation generation, const std::string& member);
  void OnCommitAccepted(MonotonicTime now, const core::TopicPartition& partition,
                        core::Generation generation, const std::string& member,
                        std::int64_t offset);
  /// Broken promises that the scenario itself finds.
  void Report(MonotonicTime now, const std::string& rule, const std::string& what);

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Row {
    core::Generation claimed;
    std::string member;
    std::int64_t committed = 0;
  };
  std::map<std::pair<core::Generation, core::TopicPartition>, std::string> owners_;
  std::map<core::Generation, std::set<std::string>> members_;
  std::map<core::TopicPartition, Row> rows_;
  std::vector<std::string> violations_;
};

}  // namespace lanemq::simulation
