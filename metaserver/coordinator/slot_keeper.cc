#include "metaserver/coordinator/slot_keeper.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kDrainTimeout{1};
constexpr std::chrono::seconds kStopTimeout{3};

}  // namespace

SlotKeeper::SlotKeeper(Options options, core::LeaseStore& leases, Coordinator& coordinator,
                       SlotDirectory& directory, const Clock& clock)
    : options_(std::move(options)),
      leases_(leases),
      coordinator_(coordinator),
      directory_(directory),
      clock_(clock),
      planner_(options_.self, options_.lease.ttl),
      presence_trust_(options_.lease) {}

void SlotKeeper::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void SlotKeeper::Stop() {
  {
    MutexLock lock(mutex_);
    if (is_stopping_) return;
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  // First, so that nobody waits for this one to take what is given back now.
  if (presence_) (void)leases_.Release(*presence_, ForCall());
  const Deadline deadline = Deadline::After(clock_, kStopTimeout);
  for (int slot = 0; slot < core::kGroupSlots; ++slot) {
    HandOver(slot, "this metaserver stops", deadline);
  }
}

void SlotKeeper::Run() {
  for (;;) {
    Tick();
    MutexLock lock(mutex_);
    if (!is_stopping_) wake_.WaitFor(mutex_, options_.tick);
    if (is_stopping_) return;
  }
}

void SlotKeeper::Tick() {
  const MonotonicTime began = clock_.Now();
  const auto running = leases_.Running(kGroupLeases, ForCall());
  if (!running.ok()) return NoteOutage(running.error());
  if (std::exchange(is_outage_, false)) {
    coordinator_.SetOutage(std::nullopt);
    LANEMQ_LOG(INFO, "slot.database_back", {"owner", options_.owner});
  }
  SlotReading reading = directory_.Update(*running, began);
  if (std::ranges::find(reading.live, options_.self) == reading.live.end()) {
    reading.live.push_back(options_.self);
  }
  HoldPresence();
  RenewSlots();
  if (is_outage_) return;

  std::array<bool, core::kGroupSlots> mine{};
  for (int slot = 0; slot < core::kGroupSlots; ++slot) {
    mine[static_cast<std::size_t>(slot)] = coordinator_.slot(slot).lease().has_value();
  }
  const SlotPlanner::Steps steps = planner_.Plan(reading, mine, clock_.Now());
  for (int slot = 0; slot < core::kGroupSlots && !is_outage_; ++slot) {
    // The leases that stay are renewed in time only when a round is short; the rest comes next.
    if (clock_.Now() - began > options_.lease.ttl / 4) return;
    const auto i = static_cast<std::size_t>(slot);
    const auto preferred = PreferredMetaserver(slot, reading.live);
    if (steps[i] == SlotStep::kTake) {
      TakeSlot(slot, *preferred == options_.self);
    } else if (steps[i] == SlotStep::kHandOver) {
      HandOver(slot, fmt::format("{}:{} is preferred", preferred->host, preferred->port),
               Deadline::After(clock_, kDrainTimeout));
    }
  }
}

void SlotKeeper::HoldPresence() {
  const MonotonicTime attempt = clock_.Now();
  if (!presence_trust_.ShouldRenew(attempt)) return;
  if (presence_) {
    const Status renewed = leases_.Renew(*presence_, ttl(), ForCall());
    if (renewed.ok()) return presence_trust_.OnHeld(presence_->token, attempt);
    if (renewed.error().code != ErrorCode::kFenced) return NoteOutage(renewed.error());
    presence_.reset();
    presence_trust_.OnLost();
  }
  const std::string name =
      fmt::format("{}{}:{}", kPresencePrefix, options_.self.host, options_.self.port);
  auto acquired = leases_.Acquire(name, options_.owner, ttl(), ForCall());
  if (acquired.ok()) {
    presence_ = *std::move(acquired);
    presence_trust_.OnHeld(presence_->token, attempt);
  } else if (acquired.error().code != ErrorCode::kConflict) {
    NoteOutage(acquired.error());
  }  // A conflict: the former process at this address; its lease runs out.
}

void SlotKeeper::RenewSlots() {
  for (int index = 0; index < core::kGroupSlots && !is_outage_; ++index) {
    GroupSlot& slot = coordinator_.slot(index);
    const auto lease = slot.lease();
    if (!lease) continue;
    if (slot.ShouldRenew()) {
      const MonotonicTime attempt = clock_.Now();
      const Status renewed = leases_.Renew(*lease, ttl(), ForCall());
      if (renewed.ok()) {
        slot.Renewed(attempt);
      } else if (renewed.error().code == ErrorCode::kFenced) {
        slot.Lose(renewed.error().message);
      } else {
        NoteOutage(renewed.error());
      }
    }
    slot.Load();
  }
}

void SlotKeeper::TakeSlot(int index, bool is_preferred) {
  const MonotonicTime attempt = clock_.Now();
  const auto lease = leases_.Acquire(core::GroupSlotLease(index), options_.owner, ttl(), ForCall());
  if (!lease.ok()) {
    if (lease.error().code != ErrorCode::kConflict) NoteOutage(lease.error());
    return;
  }
  GroupSlot& slot = coordinator_.slot(index);
  slot.Take(*lease, attempt);
  slot.Load();
  directory_.Note(index, *lease);
  ++coordinator_.counters().slots_taken;
  LANEMQ_LOG(INFO, "slot.taken", {"slot", index}, {"epoch", lease->token.value},
             {"reason", is_preferred ? "free, and preferred" : "free for too long"});
}

void SlotKeeper::HandOver(int index, const std::string& why, Deadline deadline) {
  GroupSlot& slot = coordinator_.slot(index);
  const auto lease = slot.lease();
  if (!lease) return;
  // A write that takes longer is fenced by the next owner's token.
  const bool is_finished = slot.Drain(deadline);
  slot.End("handed over: " + why);
  directory_.Note(index, std::nullopt);
  const Status released = leases_.Release(*lease, ForCall());
  ++coordinator_.counters().slots_handed_over;
  LANEMQ_LOG(INFO, "slot.handed_over", {"slot", index}, {"epoch", lease->token.value},
             {"reason", why}, {"writes_finished", is_finished},
             {"released", released.ok() ? "yes" : released.error().ToString()});
}

void SlotKeeper::NoteOutage(const Error& error) {
  directory_.NoteOutage(error);
  coordinator_.SetOutage(error);
  if (std::exchange(is_outage_, true)) return;
  LANEMQ_LOG(WARN, "slot.database_lost", {"owner", options_.owner}, {"error", error.ToString()});
}

std::chrono::milliseconds SlotKeeper::ttl() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(options_.lease.ttl);
}

Deadline SlotKeeper::ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

}  // namespace lanemq::metaserver
