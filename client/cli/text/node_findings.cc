#include "client/cli/text/node_findings.h"

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

constexpr const char* kRisk =
    "acknowledged messages can be lost when the server or its machine crashes";

Finding DurabilityOf(const idl::DataNode& node, const std::string& subject) {
  const bool is_flushed = node.flush_log_at_trx_commit == 1;
  const bool has_binlog = node.__isset.sync_binlog;
  const bool is_synced = !has_binlog || node.sync_binlog == 1;
  std::string settings =
      fmt::format("innodb_flush_log_at_trx_commit={}", node.flush_log_at_trx_commit);
  settings += has_binlog ? fmt::format(", sync_binlog={}", node.sync_binlog) : ", no binlog";
  if (is_flushed && is_synced) return {Verdict::kOk, "durability", subject, settings};
  const char* cure = is_synced    ? "set innodb_flush_log_at_trx_commit=1"
                     : is_flushed ? "set sync_binlog=1"
                                  : "set both to 1";
  return {Verdict::kWarning, "durability", subject,
          fmt::format("{}: {}; {}", settings, kRisk, cure)};
}

}  // namespace

std::vector<Finding> FindingsOf(const idl::DataNode& node) {
  const std::string subject = fmt::format("data node {} {}:{}", node.name, node.host, node.port);
  if (node.state == idl::NodeState::DISABLED) {
    return {{Verdict::kWarning, "reachable", subject,
             "disabled: its partitions can be neither read nor written"}};
  }
  if (!node.__isset.is_reachable) {
    return {{Verdict::kWarning, "reachable", subject,
             "not asked: the metaserver had no time left, or is of an older version"}};
  }
  if (!node.is_reachable) {
    return {{Verdict::kFailure, "reachable", subject,
             fmt::format("not from the metaserver: {}", node.unreachable_reason)}};
  }
  std::vector<Finding> findings = {{Verdict::kOk, "reachable", subject, node.engine_version},
                                   DurabilityOf(node, subject)};
  for (const std::string& warning : node.warnings) {
    findings.push_back({Verdict::kWarning, "condition", subject, warning});
  }
  return findings;
}

}  // namespace lanemq::cli
