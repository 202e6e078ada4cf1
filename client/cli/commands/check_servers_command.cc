// Checks of data nodes, canaries and the cluster as such; see check_scope.h.
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/commands/catalog_findings.h"
#include "client/cli/commands/check_scope.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/node_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""s;

constexpr milliseconds kSampleAgeMax = 60s;

CheckState StateOf(Verdict verdict) {
  return verdict == Verdict::kFailure   ? CheckState::kCritical
         : verdict == Verdict::kWarning ? CheckState::kWarning
                                        : CheckState::kOk;
}

ExitCode CheckNode(Session& session, const CheckFlags& typed) {
  CheckFlags flags = typed;
  if (flags.warning.empty() && flags.critical.empty()) {
    flags.warning = "80";
    flags.critical = "95";
  }
  return RunCheck(
      session, flags, "every data node is reachable, durable and has room",
      [&](Cluster& cluster, const CheckLimits& limits, CheckLine& line) -> Status {
        if (limits.warning.age || limits.critical.age) {
          return Error{ErrorCode::kInvalidRequest, "-w and -c are per cent of tables in use"};
        }
        idl::ListDataNodesRequest request;
        request.__set_include_health(true);
        LANEMQ_ASSIGN_OR_RETURN(
            const auto reply,
            cluster.Control(&rpc::ControlPlaneClient::ListDataNodesSync, request));
        std::size_t seen = 0;
        for (const idl::DataNode& node : reply.nodes) {
          if (!flags.name.empty() && node.name != flags.name) continue;
          for (const Finding& finding : FindingsOf(node)) {
            if (finding.verdict == Verdict::kOk) continue;
            line.Add(StateOf(finding.verdict), fmt::format("{}: {}", node.name, finding.detail));
          }
          const std::int64_t room = std::int64_t{node.schemas_max} * node.tables_per_schema_max;
          const std::int64_t used = room > 0 ? 100 * std::int64_t{node.tables_used} / room : 0;
          const CheckState state = limits.Judge(used, milliseconds{0});
          if (state != CheckState::kOk && node.state == idl::NodeState::WRITABLE) {
            line.Add(state, fmt::format("{}: {} of {} tables are in use; add a data node",
                                        node.name, node.tables_used, room));
          }
          if (++seen > kMeasuredMax) continue;
          line.Measure(node.name + " tables", static_cast<double>(used), "%",
                       AsNumber(limits.warning.count), AsNumber(limits.critical.count));
        }
        if (seen > 0) return {};
        return Error{ErrorCode::kNotFound,
                     flags.name.empty() ? "there are no data nodes"
                                        : fmt::format("there is no data node '{}'", flags.name)};
      });
}

/// Of one data node, over all instances.
struct CanaryFacts {
  std::int64_t age_ms = -1;  ///< Since any of them had a message back.
  std::int64_t lost = 0;
  std::int64_t p99_us = 0;
  std::string error;
};

ExitCode CheckCanary(Session& session, const CheckFlags& typed) {
  CheckFlags flags = typed;
  if (flags.warning.empty() && flags.critical.empty()) {
    flags.warning = "10s";
    flags.critical = "60s";
  }
  return RunCheck(
      session, flags, "canaries come back from every data node",
      [&](Cluster& cluster, const CheckLimits& limits, CheckLine& line) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(
            const auto reply,
            cluster.Control(&rpc::OnCallClient::ListCanariesSync, idl::ListCanariesRequest()));
        std::map<std::string, CanaryFacts> nodes;
        for (const idl::CanaryListing& canary : reply.canaries) {
          const idl::CanaryReport& report = canary.report;
          if (!flags.name.empty() && report.node != flags.name) continue;
          CanaryFacts& facts = nodes[report.node];
          const std::int64_t age = report.last_ok_age_ms + canary.silent_ms;
          if (facts.age_ms < 0 || age < facts.age_ms) {
            facts.age_ms = age;
            facts.p99_us = report.p99_us;
            facts.error = report.last_error;
          }
          facts.lost += report.lost;
        }
        if (nodes.empty()) {
          return Error{ErrorCode::kNotFound, "no canary reports; is lanemq-canary running?"};
        }
        std::size_t seen = 0;
        for (const auto& [node, facts] : nodes) {
          const milliseconds age{facts.age_ms};
          const CheckState state = limits.Judge(facts.lost, age);
          if (state != CheckState::kOk || nodes.size() == 1) {
            line.Add(state,
                     fmt::format("{}: the last came back {} ago{}{}", node, FormatDuration(age),
                                 facts.error.empty() ? "" : ": ", facts.error));
          }
          if (++seen > kMeasuredMax) continue;
          line.Measure(node + " age", InSeconds(age), "s", InSeconds(limits.warning.age),
                       InSeconds(limits.critical.age));
          line.Measure(node + " p99", static_cast<double>(facts.p99_us) / 1e6, "s");
          line.Measure(node + " lost", static_cast<double>(facts.lost), "c");
        }
        return {};
      });
}

void LookAtBrokers(const idl::MetadataResponse& metadata, CheckLine& line) {
  std::int64_t alive = 0;
  for (const idl::Broker& broker : metadata.brokers) {
    if (broker.state == idl::BrokerState::ACTIVE) ++alive;
    if (broker.state == idl::BrokerState::DEAD) {
      line.Add(CheckState::kWarning, fmt::format("broker {} at {}:{} is dead", broker.broker_id,
                                                 broker.host, broker.port));
    }
  }
  if (alive == 0) line.Add(CheckState::kCritical, "no broker is alive");
  line.Measure("brokers", static_cast<double>(alive));
}

void LookAtOnCall(Cluster& cluster, CheckLine& line) {
  idl::GroupLagRequest request;
  request.__set_max(1);
  const auto reply = cluster.GroupLag(request);
  if (!reply.ok() && reply.error().code == ErrorCode::kUnsupportedVersion) return;
  if (!reply.ok()) {
    line.Add(CheckState::kCritical,
             "nobody judges lag or sends alerts: " + reply.error().ToString());
  } else if (milliseconds{reply->age_ms} > kSampleAgeMax) {
    line.Add(CheckState::kWarning,
             fmt::format("lag was sampled {} ago", FormatDuration(milliseconds{reply->age_ms})));
  }
}

Status LookAtAlerts(Cluster& cluster, CheckLine& line) {
  const auto reply = cluster.Control(&rpc::OnCallClient::ListAlertsSync, idl::ListAlertsRequest());
  if (!reply.ok() && reply.error().code == ErrorCode::kUnsupportedVersion) return {};
  LANEMQ_RETURN_IF_ERROR(reply);
  std::int64_t pages = 0;
  std::int64_t tickets = 0;
  for (const idl::Alert& alert : reply->alerts) {
    if (alert.state != "firing") continue;
    const bool is_page = alert.severity == "page";
    ++(is_page ? pages : tickets);
    if ((alert.__isset.is_silenced && alert.is_silenced) || !alert.inhibited_by.empty()) continue;
    line.Add(is_page ? CheckState::kCritical : CheckState::kWarning,
             fmt::format("{} of {}", alert.kind, alert.subject));
  }
  line.Measure("pages", static_cast<double>(pages));
  line.Measure("tickets", static_cast<double>(tickets));
  return {};
}

ExitCode CheckCluster(Session& session, const CheckFlags& flags) {
  return RunCheck(session, flags, "brokers are alive and no alert fires",
                  [&](Cluster& cluster, const CheckLimits& /*limits*/, CheckLine& line) -> Status {
                    LANEMQ_ASSIGN_OR_RETURN(const auto metadata, cluster.Metadata());
                    LookAtBrokers(metadata, line);
                    LookAtOnCall(cluster, line);
                    return LookAtAlerts(cluster, line);
                  });
}

// The metaserver takes as long for data nodes that do not answer.
constexpr std::chrono::seconds kCatalogPatience{25};

ExitCode CheckCatalog(Session& session, const CheckFlags& flags) {
  return RunCheck(
      session, flags, "data nodes have what the catalogue says",
      [&](Cluster& cluster, const CheckLimits& /*limits*/, CheckLine& line) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const auto reply, CheckCatalogOf(cluster, flags.name));
        std::size_t seen = 0;
        for (const idl::CatalogFinding& finding : reply.findings) {
          if (++seen > kMeasuredMax) break;
          line.Add(IsGrave(finding) ? CheckState::kCritical : CheckState::kWarning,
                   fmt::format("{} on {}: {}", finding.object, finding.data_node, finding.kind));
        }
        if (!reply.is_whole) line.Add(CheckState::kWarning, "not everything was looked at");
        line.Measure("differences", static_cast<double>(reply.findings.size()));
        line.Measure("partitions", static_cast<double>(reply.partitions_checked));
        return {};
      },
      kCatalogPatience);
}

}  // namespace

void AddServerChecks(CLI::App& check, Action& action) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* leaf = AddCheck(check, "node", "Whether data nodes are reachable, durable, have room",
                            action, flags, CheckNode, "per cent of tables (80, -c 95)");
  leaf->add_option("-n,--node", flags->name, "Only this one")->type_name("NAME");
  Explain(*leaf, {"lanemq check node", "lanemq check node -n n1", "lanemq check node -w 70 -c 90"},
          "lanemq node list, lanemq doctor");

  flags = std::make_shared<CheckFlags>();
  leaf = AddCheck(check, "canary", "Whether messages come back from data nodes", action, flags,
                  CheckCanary, "30s since the last, or lost messages (10s, -c 60s)");
  leaf->add_option("-n,--node", flags->name, "Only this one")->type_name("NAME");
  Explain(*leaf,
          {"lanemq check canary", "lanemq check canary -n n1", "lanemq check canary -w 5s -c 30s"},
          "docs/OPERATING.md");

  flags = std::make_shared<CheckFlags>();
  leaf = AddLeaf(check, "catalog", "Whether data nodes have what the catalogue says", action, flags,
                 CheckCatalog);
  leaf->add_option("-n,--node", flags->name, "Only this one")->type_name("NAME");
  Explain(*leaf,
          {"lanemq check catalog", "lanemq check catalog -n n1",
           "lanemq check catalog || lanemq doctor --catalog"},
          "lanemq doctor --catalog, which says what to do. Once a day is often enough");

  flags = std::make_shared<CheckFlags>();
  leaf = check.add_subcommand("cluster", "Whether brokers live and no alert fires");
  leaf->callback([&action, flags] {
    action = [flags](Session& session) { return CheckCluster(session, *flags); };
  });
  Explain(*leaf,
          {"lanemq check cluster", "lanemq check cluster -b meta1:9650,meta2:9650",
           "lanemq check cluster || lanemq alert list"},
          "lanemq alert list, lanemq doctor. Alerts that are silenced do not count");
}

}  // namespace lanemq::cli
