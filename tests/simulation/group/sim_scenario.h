#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/group/sim_member.h"
#include "tests/simulation/group/sim_world.h"

namespace lanemq::simulation {

/// Who starts, stops and suffers when. sim_scenario.cc has the faults, simulation.cc the phases.
class Scenario {
 public:
  explicit Scenario(World& world);

  /// Everything that goes wrong, for two minutes.
  void RunFaults();
  /// No faults from here on; who is paused goes on; each instance id has a running process.
  void EndFaults();
  enum class Handover {
    kCrash,    ///< The old holder is dead.
    kOrderly,  ///< It gave the lease back.
    kZombie,   ///< It does not know for a while, and goes on answering.
  };
  /// A new holder of the lease after `gap`.
  void TakeOver(milliseconds gap, Handover handover);
  /// A process of its own; `instance_id` empty: dynamic.
  SimMember& StartMember(const std::string& instance_id, std::vector<std::string> topics);

  /// Running members.
  [[nodiscard]] std::vector<SimMember*> Running() const;
  /// Empty when the group is Stable, or has nobody left, and each partition is read by one member
  /// subscribed to it; else what is missing.
  [[nodiscard]] std::string WhyUnsettled() const;

 private:
  void OneFault();
  void PauseSomebody(SimMember& member);
  void Replace(SimMember& member, milliseconds after);
  [[nodiscard]] std::vector<std::string> SomeTopics();
  [[nodiscard]] std::string WhyUnread(const SimMember& member) const;

  World& world_;
  std::uint64_t instances_ = 0;
};

}  // namespace lanemq::simulation
