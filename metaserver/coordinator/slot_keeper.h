#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/store/lease_store.h"
#include "metaserver/coordinator/coordinator.h"
#include "metaserver/coordinator/slot_directory.h"
#include "metaserver/coordinator/slot_planner.h"

namespace lanemq::metaserver {

/// Holds the leases of the slots this metaserver should have, and its own presence; keeps the
/// directory up to date. One thread, which alone talks to the lease store.
///
/// Thread safety: Start(), Stop() and Tick() from one owner.
class SlotKeeper {
 public:
  struct Options {
    core::Endpoint self;
    std::string owner;  ///< LeaseOwner(): names this start of this process.
    core::LeaseTrust::Options lease;
    std::chrono::milliseconds tick{250};
    std::chrono::milliseconds call_timeout{1'000};
  };

  SlotKeeper(Options options, core::LeaseStore& leases, Coordinator& coordinator,
             SlotDirectory& directory, const Clock& clock);
  ~SlotKeeper() { Stop(); }

  void Start();
  /// Hands every slot back, within a few seconds. Idempotent.
  void Stop();
  /// One round: what the thread does again and again. For tests.
  void Tick();

 private:
  void Run();
  void HoldPresence();
  void RenewSlots();
  void TakeSlot(int slot, bool is_preferred);
  void HandOver(int slot, const std::string& why, Deadline deadline);
  void NoteOutage(const Error& error);
  [[nodiscard]] std::chrono::milliseconds ttl() const;
  [[nodiscard]] Deadline ForCall() const;

  const Options options_;
  core::LeaseStore& leases_;
  Coordinator& coordinator_;
  SlotDirectory& directory_;
  const Clock& clock_;

  // The thread's own.
  SlotPlanner planner_;
  core::LeaseTrust presence_trust_;
  std::optional<core::Lease> presence_;
  bool is_outage_ = false;

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
