#include "metaserver/handlers/node_health.h"

#include <algorithm>
#include <limits>

namespace lanemq::metaserver {
namespace {

/// sync_binlog may be larger than the field; nobody needs to know by how much.
std::int32_t Clamp(std::int64_t value) {
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(value, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

void AddHealth(core::NodeAdmin& admin, const Clock& clock, std::span<const core::DataNode> nodes,
               std::vector<idl::DataNode>& out) {
  const Deadline all = Deadline::After(clock, kAllHealthTimeout);
  for (std::size_t i = 0; i < nodes.size() && i < out.size(); ++i) {
    if (nodes[i].state == core::NodeState::kDisabled) continue;
    if (all.HasPassed(clock)) return;
    const Deadline one = Deadline::After(clock, kNodeHealthTimeout);
    const auto health = admin.Health(nodes[i], {std::min(one.at, all.at)});
    out[i].__set_is_reachable(health.ok());
    if (!health.ok()) {
      out[i].__set_unreachable_reason(health.error().message);
      continue;
    }
    out[i].__set_engine_version(health->engine_version);
    out[i].__set_flush_log_at_trx_commit(Clamp(health->flush_log_at_trx_commit));
    if (health->sync_binlog) out[i].__set_sync_binlog(Clamp(*health->sync_binlog));
  }
}

}  // namespace lanemq::metaserver
