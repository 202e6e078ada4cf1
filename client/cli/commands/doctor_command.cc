#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/cluster/servers.h"
#include "client/cli/commands/catalog_findings.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/commands/topic_table.h"
#include "client/cli/text/node_findings.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kPatience = 3'000ms;                      // For one server.
constexpr std::int64_t kSkewMicrosMax = 500'000;         // Timestamps would look wrong beyond it.
constexpr std::int64_t kCreatingMicrosMax = 60'000'000;  // The background job needs seconds.

/// Collects findings; the worst one is the exit code.
class Examination {
 public:
  void Add(Verdict verdict, std::string check, std::string subject, std::string detail) {
    worst_ = std::max(worst_, verdict);
    const char* text = verdict == Verdict::kOk        ? "ok"
                       : verdict == Verdict::kWarning ? "warning"
                                                      : "FAILED";
    table_.rows.push_back(
        {std::string(text), std::move(check), std::move(subject), std::move(detail)});
  }
  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] Verdict worst() const { return worst_; }

 private:
  Table table_{{"result", "check", "subject", "detail"}, {}};
  Verdict worst_ = Verdict::kOk;
};

/// Those that were given, too: they may be in no metadata.
std::vector<Server> ServersToAsk(const Cluster& cluster,
                                 const Result<idl::MetadataResponse>& metadata) {
  std::vector<Server> servers;
  const auto add = [&servers](const std::string& role, const rpc::Endpoint& endpoint) {
    const bool is_known = std::any_of(servers.begin(), servers.end(), [&](const Server& server) {
      return server.endpoint == endpoint;
    });
    if (!is_known) servers.push_back({role, endpoint});
  };
  if (metadata.ok()) {
    for (const Server& server : ServersOf(*metadata)) add(server.role, server.endpoint);
  }
  for (const rpc::Endpoint& endpoint : cluster.bootstrap()) add("server", endpoint);
  return servers;
}

/// Asks each server who it is: reachable, same version, same cluster, same time?
void ExamineServers(Cluster& cluster, const std::vector<Server>& servers,
                    Examination& examination) {
  std::set<std::string> versions;
  std::set<std::string> clusters;
  const Clock& clock = SystemClock::Instance();
  for (const Server& server : servers) {
    const MonotonicTime began = clock.Now();
    const std::int64_t before = clock.WallNow().micros;
    const auto info = cluster.InfoOf(server.endpoint, kPatience);
    const std::int64_t round_trip = (clock.Now() - began).count() / 1'000;
    const std::string subject = fmt::format("{} {}", server.role, server.endpoint.ToString());
    if (!info.ok()) {
      // Only one of several addresses to start from may be out of date.
      const bool is_given = server.role == "server";
      examination.Add(is_given ? Verdict::kWarning : Verdict::kFailure, "reachable", subject,
                      info.error().ToString());
      continue;
    }
    const std::int64_t skew = info->now_us - (before + round_trip / 2);
    const bool is_skewed = std::abs(skew) - round_trip / 2 > kSkewMicrosMax;
    versions.insert(info->version);
    if (!info->cluster_id.empty()) clusters.insert(info->cluster_id);
    const Verdict verdict = is_skewed || info->is_draining ? Verdict::kWarning : Verdict::kOk;
    examination.Add(verdict, "reachable", subject,
                    fmt::format("version {}, answers in {}, clock {:+.1f} ms{}{}", info->version,
                                FormatDuration(std::chrono::microseconds(round_trip)),
                                static_cast<double>(skew) / 1e3, is_skewed ? ": too far off" : "",
                                info->is_draining ? ", drains" : ""));
  }
  if (versions.size() > 1) {
    examination.Add(Verdict::kWarning, "versions", "cluster",
                    fmt::format("differ: {}", fmt::join(versions, ", ")));
  }
  if (clusters.size() > 1) {
    examination.Add(Verdict::kFailure, "cluster id", "cluster",
                    fmt::format("servers of different clusters: {}", fmt::join(clusters, ", ")));
  }
}

void ExamineBrokers(const idl::MetadataResponse& metadata, Examination& examination) {
  const auto alive =
      std::count_if(metadata.brokers.begin(), metadata.brokers.end(),
                    [](const auto& broker) { return broker.state == idl::BrokerState::ACTIVE; });
  const Verdict verdict = alive == 0   ? Verdict::kFailure
                          : alive == 1 ? Verdict::kWarning
                                       : Verdict::kOk;
  examination.Add(
      verdict, "brokers", "cluster",
      fmt::format("{} alive{}", alive, alive == 1 ? "; nobody takes over when it dies" : ""));
  for (const idl::Broker& broker : metadata.brokers) {
    if (broker.state == idl::BrokerState::DEAD) {
      examination.Add(Verdict::kWarning, "brokers", fmt::format("broker {}", broker.broker_id),
                      "dead: its heartbeats stopped");
    }
  }
}

void ExamineTopics(Cluster& cluster, const idl::MetadataResponse& metadata,
                   Examination& examination) {
  const std::int64_t now = SystemClock::Instance().WallNow().micros;
  std::int64_t healthy = 0;
  for (const idl::TopicMetadata& topic : metadata.topics) {
    if (topic.state == idl::TopicState::ACTIVE) {
      const auto ends =
          cluster.Offsets(topic.name, static_cast<std::int32_t>(topic.partitions.size()), -1);
      if (ends.ok()) {
        ++healthy;
      } else {
        examination.Add(Verdict::kFailure, "readable", "topic " + topic.name,
                        ends.error().ToString());
      }
    } else if (now - topic.created_at_us > kCreatingMicrosMax) {
      examination.Add(Verdict::kWarning, "topic state", "topic " + topic.name,
                      fmt::format("{} since {}", wire::StateName(topic.state),
                                  FormatTime(WallTime{topic.created_at_us})));
    }
  }
  examination.Add(Verdict::kOk, "readable", "topics",
                  fmt::format("{} of {}", healthy, metadata.topics.size()));
}

void ExamineNodes(Cluster& cluster, Examination& examination) {
  idl::ListDataNodesRequest request;
  request.__set_include_health(true);
  const auto reply = cluster.Control(&rpc::ControlPlaneClient::ListDataNodesSync, request);
  if (!reply.ok()) {
    const bool is_denied = reply.error().code == ErrorCode::kClusterAuthorizationFailed;
    examination.Add(is_denied ? Verdict::kWarning : Verdict::kFailure,
                    is_denied ? "data nodes" : "control plane", "metaserver",
                    reply.error().ToString());
    return;
  }
  std::int64_t free_tables = 0;
  for (const idl::DataNode& node : reply->nodes) {
    for (const Finding& finding : FindingsOf(node)) {
      examination.Add(finding.verdict, finding.check, finding.subject, finding.detail);
    }
    if (node.state == idl::NodeState::WRITABLE) {
      free_tables += std::int64_t{node.schemas_max} * node.tables_per_schema_max - node.tables_used;
    }
  }
  const Verdict verdict =
      reply->nodes.empty() || free_tables == 0 ? Verdict::kWarning : Verdict::kOk;
  examination.Add(verdict, "data nodes", "cluster",
                  fmt::format("{}, room for {} more partitions", reply->nodes.size(), free_tables));
}

/// Colours the first word of each line of the aligned table.
std::string Paint(const std::string& text) {
  const std::pair<std::string_view, std::string_view> colours[] = {
      {"ok", "\x1b[32m"}, {"warning", "\x1b[33m"}, {"FAILED", "\x1b[31m"}};
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    std::string line = text.substr(begin, end - begin);
    for (const auto& [word, colour] : colours) {
      if (line.starts_with(word)) {
        line = std::string(colour) + std::string(word) + "\x1b[0m" + line.substr(word.size());
        break;
      }
    }
    out += line;
    begin = end;
  }
  return out;
}

struct DoctorFlags {
  std::string group;
  bool is_of_catalog = false;
};

ExitCode Examine(Session& session, const DoctorFlags& flags) {
  if (!flags.group.empty()) return ExamineGroup(session, flags.group);
  if (flags.is_of_catalog) return ExamineCatalog(session);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  Examination examination;
  const auto metadata = (*cluster)->Metadata();
  ExamineServers(**cluster, ServersToAsk(**cluster, metadata), examination);
  if (metadata.ok()) {
    ExamineBrokers(*metadata, examination);
    ExamineNodes(**cluster, examination);
    ExamineTopics(**cluster, *metadata, examination);
  } else {
    examination.Add(Verdict::kFailure, "metadata", "cluster", metadata.error().ToString());
  }
  if (session.flags().has_color && session.flags().format == OutputFormat::kTable) {
    session.out().Data(
        Paint(Render(examination.table(), {OutputFormat::kTable, session.flags().has_headers})));
  } else {
    session.Show(examination.table());
  }
  return static_cast<ExitCode>(examination.worst());
}

}  // namespace

void AddDoctorCommand(CLI::App& root, Action& action) {
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::App* leaf = AddLeaf(root, "doctor", "Say what is wrong with the cluster, or with a group",
                           action, flags, Examine);
  CLI::Option* group = leaf->add_option("-g,--group", flags->group,
                                        "What is the matter with this group, and what to do")
                           ->type_name("GROUP");
  leaf->add_flag("--catalog", flags->is_of_catalog,
                 "Where the catalogue and the data nodes' tables differ, and what to do")
      ->excludes(group);
  Explain(*leaf,
          {"lanemq doctor", "lanemq doctor --group billing", "lanemq doctor --catalog",
           "lanemq doctor --bootstrap-server meta1:9650 --output json",
           "lanemq doctor --quiet || echo 'look at the cluster'"},
          "docs/OPERATING.md. Exit code: 0 well, 1 warnings, 2 failures");
}

}  // namespace lanemq::cli
