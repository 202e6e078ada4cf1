#include "metaserver/catalog/catalog_check.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

std::int32_t CountPartitions(const CatalogFacts& facts, core::NodeId node) {
  std::int32_t count = 0;
  for (const core::TopicRecord& record : facts.topics) {
    count += static_cast<std::int32_t>(
        std::count_if(record.topic.partitions.begin(), record.topic.partitions.end(),
                      [&](const core::Partition& p) { return p.node == node; }));
  }
  return count;
}

CatalogDifference Unreachable(const core::DataNode& node, const Error& error) {
  return {"node_unreachable", node.name, node.host + ":" + std::to_string(node.port), error.message,
          "See `lanemq node probe " + node.name + "`; nothing of it was compared."};
}

}  // namespace

Result<CatalogFacts> CatalogCheck::ReadFacts(Deadline deadline) {
  CatalogFacts facts;
  LANEMQ_ASSIGN_OR_RETURN(CatalogService::Records records, catalog_.LoadRecords(deadline));
  LANEMQ_ASSIGN_OR_RETURN(const auto groups, groups_.List(deadline));
  facts.nodes = std::move(records.nodes);
  facts.topics = std::move(records.topics);
  facts.moving = std::move(records.moving);
  for (const core::GroupSummary& group : groups) facts.groups.insert(group.group_id);
  return facts;
}

Result<std::vector<core::DataNode>> CatalogCheck::Chosen(const CatalogFacts& facts,
                                                         const Request& request) {
  std::vector<core::DataNode> chosen;
  for (const core::DataNode& node : facts.nodes) {
    const bool is_wanted = request.nodes.empty()
                               ? node.state != core::NodeState::kDisabled
                               : std::find(request.nodes.begin(), request.nodes.end(), node.name) !=
                                     request.nodes.end();
    if (is_wanted) chosen.push_back(node);
  }
  for (const std::string& name : request.nodes) {
    const bool is_there = std::any_of(chosen.begin(), chosen.end(),
                                      [&](const core::DataNode& n) { return n.name == name; });
    if (!is_there) return Error{ErrorCode::kNotFound, "there is no data node '" + name + "'"};
  }
  return chosen;
}

void CatalogCheck::FindOutAges(const core::DataNode& node, Deadline deadline,
                               std::vector<CatalogDifference>& differences) {
  std::vector<core::NodeTable> tables;
  for (const CatalogDifference& difference : differences) {
    if (difference.table && tables.size() < options_.looked_at_max) {
      tables.push_back(*difference.table);
    }
  }
  if (tables.empty()) return;
  const auto facts = nodes_.LookAt(node, tables, deadline);
  if (!facts.ok()) {
    LANEMQ_LOG(WARN, "catalog.check_incomplete", {"node", node.name},
               {"error", facts.error().ToString()});
    return;
  }
  std::map<core::NodeTable, core::NodeTableFacts> by_table;
  for (const core::NodeTableFacts& of : *facts) by_table[of.table] = of;
  for (CatalogDifference& difference : differences) {
    if (!difference.table) continue;
    const auto found = by_table.find(*difference.table);
    if (found == by_table.end()) continue;
    difference.rows = found->second.rows;
    difference.age = found->second.age;
  }
}

Result<CatalogCheck::Report> CatalogCheck::Run(const Request& request) {
  const Deadline all = Deadline::After(clock_, options_.timeout);
  LANEMQ_ASSIGN_OR_RETURN(const CatalogFacts before, ReadFacts(all));
  LANEMQ_ASSIGN_OR_RETURN(const auto chosen, Chosen(before, request));
  Report report;
  std::vector<Looked> looked;
  for (const core::DataNode& node : chosen) {
    if (all.HasPassed(clock_)) {
      report.is_whole = false;
      break;
    }
    const Deadline one = Deadline::After(clock_, options_.node_timeout);
    looked.push_back({node, nodes_.Inventory(node, {std::min(one.at, all.at)})});
  }
  LANEMQ_ASSIGN_OR_RETURN(const CatalogFacts after, ReadFacts(all));
  std::vector<CatalogDifference> found = StuckTopics(after, clock_.WallNow());
  for (const Looked& one : looked) {
    if (!one.inventory.ok()) {
      found.push_back(Unreachable(one.node, one.inventory.error()));
      continue;
    }
    ++report.nodes_checked;
    report.partitions_checked += CountPartitions(after, one.node.id);
    report.is_whole = report.is_whole && one.inventory->is_whole;
    auto differences = DifferencesOf(one.node, before, *one.inventory, after);
    const Deadline until = Deadline::After(clock_, options_.node_timeout);
    FindOutAges(one.node, {std::min(until.at, all.at)}, differences);
    std::move(differences.begin(), differences.end(), std::back_inserter(found));
  }
  if (found.size() > request.differences_max) {
    found.resize(request.differences_max);
    report.is_whole = false;
  }
  report.differences = std::move(found);
  return report;
}

}  // namespace lanemq::metaserver
