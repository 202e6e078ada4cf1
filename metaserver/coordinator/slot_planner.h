#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/store/group_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// Which metaserver should have a slot, by rendezvous hashing: everybody with the same list gives
/// the same answer, and one that comes or goes moves only its own share. nullopt without any.
/// Pure.
[[nodiscard]] std::optional<core::Endpoint> PreferredMetaserver(
    int slot, std::span<const core::Endpoint> live);

/// What one metaserver sees of the slots.
struct SlotReading {
  /// Metaservers that want slots, by their presence leases. The planner counts its own with them.
  std::vector<core::Endpoint> live;
  /// Whose lease of a slot runs; nullopt: nobody's.
  std::array<std::optional<core::Endpoint>, core::kGroupSlots> owners;
};

enum class SlotStep { kNothing, kTake, kHandOver };

/// Decides what a metaserver does about each slot.
///
/// A free slot is taken at once by the metaserver that is preferred, by any other only when it has
/// been free for `patience`. A slot is handed over to a metaserver that has been live and preferred
/// for `patience`: one that comes and goes moves nothing.
/// Pure: told the time. Not thread-safe; one owner.
class SlotPlanner {
 public:
  SlotPlanner(core::Endpoint self, std::chrono::nanoseconds patience)
      : self_(std::move(self)), patience_(patience) {}

  using Steps = std::array<SlotStep, core::kGroupSlots>;
  /// `mine[slot]`: held by this metaserver as it knows itself.
  [[nodiscard]] Steps Plan(const SlotReading& reading,
                           const std::array<bool, core::kGroupSlots>& mine, MonotonicTime now);

 private:
  struct Seen {
    std::optional<MonotonicTime> free_since;
    std::optional<core::Endpoint> rival;  ///< Live and preferred to this one.
    MonotonicTime rival_since;
  };
  SlotStep PlanSlot(Seen& seen, const std::optional<core::Endpoint>& preferred, bool is_mine,
                    bool is_free, MonotonicTime now) const;

  const core::Endpoint self_;
  const std::chrono::nanoseconds patience_;
  std::array<Seen, core::kGroupSlots> seen_;
};

}  // namespace lanemq::metaserver
