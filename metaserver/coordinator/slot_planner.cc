#include "metaserver/coordinator/slot_planner.h"

#include <algorithm>
#include <tuple>

namespace lanemq::metaserver {
namespace {

// FNV-1a, then the finaliser of splitmix64: every input bit changes half of the output bits. The
// same in every build, since metaservers of different builds must agree.
std::uint64_t Weight(int slot, const core::Endpoint& endpoint) {
  std::uint64_t x = 0xcbf29ce484222325ULL;
  const auto add = [&x](unsigned char byte) { x = (x ^ byte) * 0x100000001b3ULL; };
  for (const char c : endpoint.host) add(static_cast<unsigned char>(c));
  for (int shift = 0; shift < 32; shift += 8) {
    add(static_cast<unsigned char>(static_cast<std::uint32_t>(endpoint.port) >> shift));
  }
  add(static_cast<unsigned char>(slot));
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::optional<core::Endpoint> PreferredMetaserver(int slot, std::span<const core::Endpoint> live) {
  const auto key = [slot](const core::Endpoint& e) {
    return std::tuple(Weight(slot, e), std::string_view(e.host), e.port);
  };
  const auto best = std::ranges::max_element(live, {}, key);
  if (best == live.end()) return std::nullopt;
  return *best;
}

SlotPlanner::Steps SlotPlanner::Plan(const SlotReading& reading,
                                     const std::array<bool, core::kGroupSlots>& mine,
                                     MonotonicTime now) {
  std::vector<core::Endpoint> live = reading.live;
  if (std::ranges::find(live, self_) == live.end()) live.push_back(self_);
  Steps steps{};
  for (int slot = 0; slot < core::kGroupSlots; ++slot) {
    const auto i = static_cast<std::size_t>(slot);
    steps[i] = PlanSlot(seen_[i], PreferredMetaserver(slot, live), mine[i],
                        !reading.owners[i].has_value(), now);
  }
  return steps;
}

SlotStep SlotPlanner::PlanSlot(Seen& seen, const std::optional<core::Endpoint>& preferred,
                               bool is_mine, bool is_free, MonotonicTime now) const {
  const bool has_rival = preferred && *preferred != self_;
  if (!has_rival) {
    seen.rival.reset();
  } else if (seen.rival != preferred) {
    seen.rival = preferred;
    seen.rival_since = now;
  }
  if (is_mine) {
    seen.free_since.reset();
    const bool is_settled = seen.rival && now - seen.rival_since >= patience_;
    return is_settled ? SlotStep::kHandOver : SlotStep::kNothing;
  }
  if (!is_free) {
    seen.free_since.reset();
    return SlotStep::kNothing;
  }
  if (!seen.free_since) seen.free_since = now;
  if (!has_rival || now - *seen.free_since >= patience_) return SlotStep::kTake;
  return SlotStep::kNothing;
}

}  // namespace lanemq::metaserver
