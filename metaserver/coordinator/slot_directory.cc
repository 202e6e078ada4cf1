#include "metaserver/coordinator/slot_directory.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace lanemq::metaserver {

std::string LeaseOwner(const core::Endpoint& self, std::int64_t incarnation) {
  return fmt::format("{}:{}/{:x}", self.host, self.port, incarnation);
}

std::optional<core::Endpoint> EndpointOfOwner(std::string_view owner) {
  const std::size_t slash = owner.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view address = owner.substr(0, slash);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  core::Endpoint endpoint{std::string(address.substr(0, colon)), 0};
  const char* const end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, endpoint.port);
  const bool is_port =
      parsed.ec == std::errc{} && parsed.ptr == end && endpoint.port > 0 && endpoint.port <= 65'535;
  if (!is_port) return std::nullopt;
  return endpoint;
}

SlotReading SlotDirectory::Update(std::span<const core::Lease> running, MonotonicTime at) {
  SlotReading reading;
  std::array<std::optional<Coordinator>, core::kGroupSlots> slots;
  for (const core::Lease& lease : running) {
    const auto endpoint = EndpointOfOwner(lease.owner);
    if (!endpoint) continue;
    if (lease.name.starts_with(kPresencePrefix)) reading.live.push_back(*endpoint);
    for (int slot = 0; slot < core::kGroupSlots; ++slot) {
      if (lease.name != core::GroupSlotLease(slot)) continue;
      const auto i = static_cast<std::size_t>(slot);
      reading.owners[i] = *endpoint;
      slots[i] = Coordinator{*endpoint, lease.token};
    }
  }
  MutexLock lock(mutex_);
  slots_ = std::move(slots);
  read_at_ = at;
  outage_.reset();
  return reading;
}

void SlotDirectory::Note(int slot, std::optional<core::Lease> lease) {
  MutexLock lock(mutex_);
  auto& entry = slots_[static_cast<std::size_t>(slot)];
  entry.reset();
  if (!lease) return;
  if (const auto endpoint = EndpointOfOwner(lease->owner)) {
    entry = Coordinator{*endpoint, lease->token};
  }
}

void SlotDirectory::NoteOutage(const Error& error) {
  MutexLock lock(mutex_);
  outage_ = error;
}

bool SlotDirectory::IsFresh() const { return read_at_ && clock_.Now() - *read_at_ <= age_max_; }

bool SlotDirectory::is_fresh() const {
  MutexLock lock(mutex_);
  return IsFresh();
}

Result<SlotDirectory::Coordinator> SlotDirectory::Find(std::string_view group) const {
  constexpr std::int64_t kRetryAfterMs = 300;
  const int slot = core::GroupSlot(group);
  MutexLock lock(mutex_);
  if (IsFresh()) {
    if (const auto& found = slots_[static_cast<std::size_t>(slot)]) return *found;
    return Error{ErrorCode::kCoordinatorNotAvailable,
                 fmt::format("no metaserver holds slot {} yet", slot), kRetryAfterMs};
  }
  const std::string why = outage_ ? ": " + outage_->message : std::string();
  return Error{ErrorCode::kCoordinatorNotAvailable,
               "metadata database does not tell who holds which slot" + why, kRetryAfterMs};
}

}  // namespace lanemq::metaserver
