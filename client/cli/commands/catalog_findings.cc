#include "client/cli/commands/catalog_findings.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "client/cli/cluster/connect.h"
#include "client/cli/text/node_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {

bool IsGrave(const idl::CatalogFinding& finding) {
  return finding.kind == "table_missing" || finding.kind == "state_row_missing" ||
         finding.kind == "node_unreachable";
}

Result<idl::CheckCatalogResponse> CheckCatalogOf(Cluster& cluster, const std::string& node) {
  idl::CheckCatalogRequest request;
  if (!node.empty()) request.__set_nodes({node});
  return cluster.Control(&rpc::GovernanceClient::CheckCatalogSync, request);
}

Table FindingsTable(const idl::CheckCatalogResponse& reply) {
  Table table{{"object", "kind", "node", "rows", "age", "detail", "advice"}, {}};
  for (const idl::CatalogFinding& finding : reply.findings) {
    Cell rows;
    Cell age;
    if (finding.__isset.rows) rows = finding.rows;
    if (finding.__isset.age_us) age = FormatDuration(std::chrono::microseconds{finding.age_us});
    table.rows.push_back({finding.object, finding.kind, finding.data_node, rows, age,
                          finding.detail, finding.advice});
  }
  return table;
}

ExitCode ExamineCatalog(Session& session) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = CheckCatalogOf(**cluster, {});
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(FindingsTable(*reply),
               fmt::format("No differences: {} partitions on {} data nodes are as the catalogue "
                           "says.",
                           reply->partitions_checked, reply->nodes_checked));
  if (!reply->is_whole) session.out().Note("There is more: not everything was looked at or shown.");
  if (std::any_of(reply->findings.begin(), reply->findings.end(), IsGrave)) {
    return static_cast<ExitCode>(Verdict::kFailure);
  }
  return static_cast<ExitCode>(reply->findings.empty() ? Verdict::kOk : Verdict::kWarning);
}

}  // namespace lanemq::cli
