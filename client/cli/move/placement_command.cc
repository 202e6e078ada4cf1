#include "client/cli/move/placement_command.h"

#include <algorithm>
#include <memory>
#include <string>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/output/cells.h"

namespace lanemq::cli {
namespace {

constexpr std::int32_t kPageMax = 1'000;

struct Flags {
  std::string node;    ///< Empty: all.
  std::string prefix;  ///< Empty: of all topics.
  std::int32_t max = 100;
};

void AddRows(const idl::ListPlacementsResponse& reply, Table& table) {
  for (const idl::PlacedPartition& one : reply.partitions) {
    Cell broker;
    if (one.__isset.preferred_broker_id) broker = std::int64_t{one.preferred_broker_id};
    table.rows.push_back({one.topic, std::int64_t{one.partition}, one.node,
                          TextCell(true, one.table), broker, one.is_topic_deleted});
  }
}

ExitCode List(Session& session, const Flags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListPlacementsRequest request;
  if (!flags.node.empty()) request.__set_node(flags.node);
  if (!flags.prefix.empty()) request.__set_topic_prefix(flags.prefix);
  Table table{{"topic", "partition", "node", "table", "preferred_broker", "is_topic_deleted"}, {}};
  bool has_more = true;
  while (has_more && std::ssize(table.rows) < flags.max) {
    const auto left = flags.max - static_cast<std::int32_t>(table.rows.size());
    request.__set_max(std::min(left, kPageMax));
    const auto reply = (*cluster)->Control(&rpc::GovernanceClient::ListPlacementsSync, request);
    if (!reply.ok()) return session.Fail(reply.error(), "lanemq node list shows the names");
    AddRows(*reply, table);
    has_more = reply->__isset.next_page && !reply->next_page.empty();
    request.__set_cursor(reply->next_page);
  }
  session.Show(table, "No partition is there.");
  if (has_more) session.out().Note("There are more: --max, --node, --prefix.");
  return ExitCode::kDone;
}

}  // namespace

void AddPlacementList(CLI::App& partition, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* leaf = AddLeaf(partition, "list", "List which partitions are on which data node",
                           action, flags, List);
  leaf->add_option("-n,--node", flags->node, "On this data node (default: all)")->type_name("NODE");
  leaf->add_option("--prefix", flags->prefix, "Of topics whose names begin so")->type_name("TEXT");
  leaf->add_option("--max", flags->max, "At most so many, 1 to 1000000 (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  Explain(*leaf,
          {"lanemq partition list --node db2", "lanemq partition list --prefix orders.",
           "lanemq partition list --node db2 --max 10000 --output csv"},
          "lanemq topic describe, lanemq node capacity, lanemq node evacuate");
}

}  // namespace lanemq::cli
