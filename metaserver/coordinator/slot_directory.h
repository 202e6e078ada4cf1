#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/lease_store.h"
#include "metaserver/coordinator/slot_planner.h"

namespace lanemq::metaserver {

/// "host:port/incarnation": the owner of the leases of one start of one metaserver.
[[nodiscard]] std::string LeaseOwner(const core::Endpoint& self, std::int64_t incarnation);
/// What LeaseOwner() was made of; nullopt when it is not one.
[[nodiscard]] std::optional<core::Endpoint> EndpointOfOwner(std::string_view owner);

/// Every metaserver that wants slots holds the lease of this prefix and its address.
inline constexpr std::string_view kPresencePrefix = "group-member-";
/// Slots' and presences' leases begin with it.
inline constexpr std::string_view kGroupLeases = "group-";

/// Who coordinates which group, as of the newest reading of the leases.
///
/// Thread safety: every method from any thread.
class SlotDirectory {
 public:
  struct Coordinator {
    core::Endpoint endpoint;
    core::FencingToken epoch;
  };

  /// A reading older than `age_max` is worth nothing.
  SlotDirectory(std::chrono::nanoseconds age_max, const Clock& clock)
      : age_max_(age_max), clock_(clock) {}

  /// Takes over a reading that began at `at`, and says what the planner wants to know.
  SlotReading Update(std::span<const core::Lease> running, MonotonicTime at);
  /// What this metaserver knows before the next reading: it has taken or released the lease.
  void Note(int slot, std::optional<core::Lease> lease);
  /// The database did not answer, and why.
  void NoteOutage(const Error& error);

  /// False while the newest reading is too old: the metadata database does not answer.
  [[nodiscard]] bool is_fresh() const;
  /// COORDINATOR_NOT_AVAILABLE when nobody holds the group's slot, or it is not known.
  [[nodiscard]] Result<Coordinator> Find(std::string_view group) const;

 private:
  [[nodiscard]] bool IsFresh() const LANEMQ_REQUIRES(mutex_);

  const std::chrono::nanoseconds age_max_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::array<std::optional<Coordinator>, core::kGroupSlots> slots_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> read_at_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> outage_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
