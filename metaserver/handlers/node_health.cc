#include "metaserver/handlers/node_health.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lanemq::metaserver {
namespace {

/// Of a data node's clock: times of messages are brokers', but leases and ages of rows are its own.
constexpr std::chrono::microseconds kClockOffMax = std::chrono::seconds{1};
/// Of the connections that are allowed, in per cent.
constexpr std::int64_t kConnectionsUsedMax = 80;

/// sync_binlog may be larger than the field; nobody needs to know by how much.
std::int32_t Clamp(std::int64_t value) {
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(value, std::numeric_limits<std::int32_t>::max()));
}

void AddProbe(const core::DataNode& node, const core::NodeProbe& probe, idl::DataNode& out) {
  out.__set_engine_version(probe.health.engine_version);
  out.__set_flush_log_at_trx_commit(Clamp(probe.health.flush_log_at_trx_commit));
  if (probe.health.sync_binlog) out.__set_sync_binlog(Clamp(*probe.health.sync_binlog));
  if (probe.disk_used_bytes) out.__set_disk_used_bytes(*probe.disk_used_bytes);
  out.__set_clock_ahead_us(probe.clock_ahead.count());
  out.__set_semi_sync(SemiSyncText(probe.semi_sync));
  out.__set_connections_max(Clamp(probe.connections_max));
  out.__set_connections_used(Clamp(probe.connections_used));
  if (probe.missing_rights) out.__set_missing_rights(*probe.missing_rights);
  out.__set_is_read_only(probe.is_read_only);
  out.__set_schema_version(probe.schema_version);
  out.__set_round_trip_us(probe.round_trip.count());
  out.__set_account(probe.account);
  out.__set_warnings(WarningsOf(node, probe));
}

}  // namespace

std::string SemiSyncText(const core::SemiSync& semi_sync) {
  if (!semi_sync.is_enabled) return "off";
  if (!semi_sync.is_active || semi_sync.replicas == 0) return "on, no replica";
  return fmt::format("on, {} {}", semi_sync.replicas,
                     semi_sync.replicas == 1 ? "replica" : "replicas");
}

std::vector<std::string> WarningsOf(const core::DataNode& node, const core::NodeProbe& probe) {
  std::vector<std::string> warnings;
  const auto warn = [&](std::string text) { warnings.push_back(std::move(text)); };
  if (probe.is_read_only && node.state != core::NodeState::kDisabled) {
    warn(
        "the server is read-only: nothing can be stored there; if it was failed over, alter the "
        "node's address to the new primary");
  }
  if (probe.missing_rights && !probe.missing_rights->empty()) {
    warn(fmt::format("{} may not {}; grant it (docs/OPERATING.md, Rights)", probe.account,
                     fmt::join(*probe.missing_rights, "; ")));
  }
  if (probe.semi_sync.is_enabled && (!probe.semi_sync.is_active || probe.semi_sync.replicas == 0)) {
    warn(
        "semi-synchronous replication is on, and no replica takes part: commits wait for nobody, "
        "and a failover may lose them");
  }
  if (std::chrono::abs(probe.clock_ahead) > kClockOffMax + probe.round_trip) {
    warn(fmt::format("its clock is {:+.1f} s off this metaserver's: synchronise both",
                     static_cast<double>(probe.clock_ahead.count()) / 1e6));
  }
  if (probe.connections_max > 0 &&
      100 * probe.connections_used > kConnectionsUsedMax * probe.connections_max) {
    warn(fmt::format("{} of {} connections are in use: raise max_connections",
                     probe.connections_used, probe.connections_max));
  }
  if (probe.schema_version < probe.schema_version_known) {
    warn(
        fmt::format("its schemas are of an older version (migration {}, {} is known): repeat "
                    "`lanemq node add` as it was given",
                    probe.schema_version, probe.schema_version_known));
  }
  return warnings;
}

void AddHealth(core::NodeAdmin& admin, const Clock& clock, std::span<const core::DataNode> nodes,
               std::vector<idl::DataNode>& out) {
  const Deadline all = Deadline::After(clock, kAllHealthTimeout);
  for (std::size_t i = 0; i < nodes.size() && i < out.size(); ++i) {
    if (nodes[i].state == core::NodeState::kDisabled) continue;
    if (all.HasPassed(clock)) return;
    const Deadline one = Deadline::After(clock, kNodeHealthTimeout);
    const auto probe = admin.Probe(nodes[i], {std::min(one.at, all.at)});
    out[i].__set_is_reachable(probe.ok());
    if (probe.ok()) {
      AddProbe(nodes[i], *probe, out[i]);
    } else {
      out[i].__set_unreachable_reason(probe.error().message);
    }
  }
}

}  // namespace lanemq::metaserver
