#include "common/core/outbox/bucket_share.h"

#include <algorithm>
#include <cstddef>

namespace lanemq::core {

BucketMove PlanBuckets(const OutboxView& view, std::int64_t own_session) {
  BucketMove move;
  std::int32_t live = 0;
  std::int32_t rank = 0;
  for (const OutboxPeer& peer : view.peers) {
    const bool is_own = peer.session.id == own_session;
    if (!peer.is_alive && !is_own) {
      move.adopt.push_back(peer.session.id);
      continue;
    }
    // An adopted session does not work; its adopter counts by itself.
    if (!is_own && peer.session.epoch.value > 1) continue;
    if (peer.session.id < own_session) ++rank;
    ++live;
  }
  std::sort(move.adopt.begin(), move.adopt.end());
  if (live == 0) return move;
  const std::int32_t share = kOutboxBuckets / live + (rank < kOutboxBuckets % live ? 1 : 0);
  const auto owned = static_cast<std::int32_t>(view.own_buckets.size());
  if (owned > share) {
    // The highest go, so that what stays is one range of the table.
    move.release.assign(view.own_buckets.begin() + share, view.own_buckets.end());
  } else {
    const auto wanted =
        std::min<std::size_t>(static_cast<std::size_t>(share - owned), view.free_buckets.size());
    move.take.assign(view.free_buckets.begin(),
                     view.free_buckets.begin() + static_cast<std::ptrdiff_t>(wanted));
  }
  return move;
}

}  // namespace lanemq::core
