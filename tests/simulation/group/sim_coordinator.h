#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/core/group/group_machine.h"
#include "tests/simulation/group/sim_world.h"

namespace lanemq::simulation {

/// The machine of one holder of the group's lease, and its way to the database. It loads the row as
/// it comes up. Another one with a newer epoch makes its writes fail; until it notices, it answers
/// from what it knows.
class SimCoordinator {
 public:
  SimCoordinator(World& world, std::int64_t epoch);

  void On(const Request& request);
  /// The process is gone with all it knew; a write on its way may still arrive.
  void Kill() { is_alive_ = false; }
  /// It notices by its own clock that the lease is over, and lets go of the group.
  void LoseLease();

  [[nodiscard]] const core::GroupMachine& machine() const { return machine_; }

 private:
  struct Caller {
    std::size_t process = 0;
    std::uint64_t rpc = 0;
    std::string owner;  ///< As the checker knows it.
  };
  void Do(core::GroupEffects effects);
  void Write(const core::PersistGroup& write);
  void EndWrite(core::GroupPersistId id, const Status& status);
  void ArmTimer();
  void Answer(core::GroupCallId call, Reply reply);

  World& world_;
  std::int64_t epoch_;
  std::string name_;
  bool is_alive_ = true;
  core::GroupMachine machine_;
  std::optional<MonotonicTime> timer_;
  core::GroupCallId last_call_ = 0;
  std::map<core::GroupCallId, Caller> callers_;
};

}  // namespace lanemq::simulation
