#include "metaserver/catalog/catalog_differences.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lanemq::metaserver {
namespace {

using core::DataNode;
using core::NodeInventory;
using core::NodeTable;
using core::PartitionKey;
using core::TopicId;
using core::TopicRecord;
using core::TopicState;
using std::chrono::microseconds;

/// A partition that the catalogue has on one node.
struct Placed {
  std::string topic;
  std::int32_t schema_index = 0;
  bool is_ready = false;
  auto operator<=>(const Placed&) const = default;
};
using PlacedByKey = std::map<PartitionKey, Placed>;

PlacedByKey PlacedOn(core::NodeId node, const CatalogFacts& facts) {
  PlacedByKey placed;
  for (const TopicRecord& record : facts.topics) {
    for (const core::Partition& partition : record.topic.partitions) {
      if (partition.node != node) continue;
      placed[{record.topic.id, partition.index}] = {
          record.topic.name, partition.schema_index,
          record.topic.KeepsTables() && partition.index < record.ready};
    }
  }
  return placed;
}

std::string TableName(const PartitionKey& key) {
  return fmt::format("msg_{}_{}", key.topic.value, key.partition);
}

/// Partitions that move, or did when one of both was read: what is there of them changes.
std::set<PartitionKey> MovingIn(const CatalogFacts& before, const CatalogFacts& after) {
  std::set<PartitionKey> moving;
  for (const CatalogFacts* facts : {&before, &after}) {
    for (const core::PartitionLocation& place : facts->moving) moving.insert(place.key);
  }
  return moving;
}

std::string FullName(const DataNode& node, const NodeTable& table) {
  return fmt::format("{}_{:02}.{}", node.schema_prefix, table.schema_index, table.name);
}

CatalogDifference Missing(const DataNode& node, const NodeTable& table, std::string object) {
  return {"table_missing", node.name, std::move(object),
          fmt::format("its message table {} is not there", FullName(node, table)),
          "Restore the table from the data node's backup; or, if its messages may go, delete the "
          "topic and make it anew."};
}

CatalogDifference Sealed(const DataNode& node, const NodeTable& table, std::string object) {
  return {"table_missing", node.name, std::move(object),
          fmt::format("a move that nobody carries out any more has sealed its message table {}",
                      FullName(node, table)),
          fmt::format("ALTER TABLE {} RENAME COLUMN sealed_timestamp_us TO timestamp_us; then set "
                      "state to state_before in its row of {}_node.partition_state.",
                      FullName(node, table), node.schema_prefix)};
}

void AddMissing(const DataNode& node, const PlacedByKey& before, const PlacedByKey& after,
                const std::set<PartitionKey>& moving, const NodeInventory& inventory,
                std::vector<CatalogDifference>& out) {
  const std::set<NodeTable> tables(inventory.tables.begin(), inventory.tables.end());
  std::map<PartitionKey, bool> states;  // Whether it is sealed.
  for (const core::NodePartition& partition : inventory.partitions) {
    states[partition.key] = partition.is_sealed;
  }
  for (const auto& [key, placed] : before) {
    const auto still = after.find(key);
    if (!placed.is_ready || still == after.end() || still->second != placed) continue;
    if (moving.contains(key)) continue;
    const std::string object = fmt::format("{}/{}", placed.topic, key.partition);
    const NodeTable table{placed.schema_index, TableName(key)};
    const auto state = states.find(key);
    if (!tables.contains(table)) {
      out.push_back(Missing(node, table, object));
    } else if (state != states.end() && state->second) {
      out.push_back(Sealed(node, table, object));
    } else if (state == states.end()) {
      out.push_back({"state_row_missing", node.name, object,
                     fmt::format("{}_node.partition_state has no row of it", node.schema_prefix),
                     "Restore the row from the data node's backup: it has the log start, below "
                     "which nothing may be read."});
    }
  }
}

/// What `key` is in the catalogue, if anything, elsewhere than where it was found.
std::string Elsewhere(const PartitionKey& key, const CatalogFacts& facts) {
  for (const TopicRecord& record : facts.topics) {
    if (record.topic.id != key.topic) continue;
    for (const core::Partition& partition : record.topic.partitions) {
      if (partition.index != key.partition) continue;
      const auto node = std::find_if(facts.nodes.begin(), facts.nodes.end(),
                                     [&](const DataNode& n) { return n.id == partition.node; });
      return fmt::format("; the catalogue has {}/{} on data node {}, schema {:02}",
                         record.topic.name, partition.index,
                         node == facts.nodes.end() ? "?" : node->name, partition.schema_index);
    }
    return fmt::format("; topic {} has no partition {}", record.topic.name, key.partition);
  }
  return "; the catalogue has no topic of this id";
}

/// What is said of a table that no partition of the catalogue has. `state`: of its partition on
/// this node, may be null.
std::string AdviceOn(const core::NodePartition* state) {
  if (state != nullptr && state->is_sealed) {
    return "A move left the old place of a partition behind: when the catalogue has the partition "
           "elsewhere, and its messages are there, drop the table.";
  }
  return "Look at it: if it has a column arriving_timestamp_us, a move that has ended left its "
         "copy behind, and nobody reads it: drop the table. Else look at its rows: a metadata "
         "database that was restored from an older backup has forgotten a topic; if nobody wants "
         "them, drop the table.";
}

/// Tables that belong to somebody on `node`.
std::set<NodeTable> KnownTables(core::NodeId node, const PlacedByKey& placed,
                                const CatalogFacts& facts) {
  std::set<NodeTable> known;
  for (const auto& [key, place] : placed) known.insert({place.schema_index, TableName(key)});
  for (const core::PartitionLocation& place : facts.moving) {
    if (place.node == node) known.insert({place.schema_index, TableName(place.key)});
  }
  return known;
}

void AddOrphans(const DataNode& node, const PlacedByKey& before, const PlacedByKey& after,
                const std::set<PartitionKey>& moving, const NodeInventory& inventory,
                const std::set<NodeTable>& known, const CatalogFacts& facts,
                std::vector<CatalogDifference>& out) {
  std::map<std::string, const core::NodePartition*> states;
  for (const core::NodePartition& state : inventory.partitions) {
    states[TableName(state.key)] = &state;
  }
  for (const NodeTable& table : inventory.tables) {
    if (known.contains(table)) continue;
    const auto state = states.find(table.name);
    std::string detail = "no partition of the catalogue has this table";
    if (state != states.end()) {
      detail += fmt::format("; it was made for topic {}", state->second->topic_name);
      detail += Elsewhere(state->second->key, facts);
    }
    out.push_back({"table_orphaned", node.name, FullName(node, table), std::move(detail),
                   AdviceOn(state == states.end() ? nullptr : state->second), std::nullopt,
                   std::nullopt, table});
  }
  const std::set<NodeTable> tables(inventory.tables.begin(), inventory.tables.end());
  for (const core::NodePartition& state : inventory.partitions) {
    const bool is_known =
        before.contains(state.key) || after.contains(state.key) || moving.contains(state.key);
    if (is_known || tables.contains({state.schema_index, TableName(state.key)})) continue;
    out.push_back({"state_row_orphaned", node.name,
                   fmt::format("{}/{}", state.topic_name, state.key.partition),
                   fmt::format("{}_node.partition_state has a row of topic id {}, partition {}, "
                               "without a table and without a partition in the catalogue",
                               node.schema_prefix, state.key.topic.value, state.key.partition),
                   "It does no harm; delete the row if it should not be told again."});
  }
}

void AddOffsets(const DataNode& node, const NodeInventory& inventory, const CatalogFacts& before,
                const CatalogFacts& after, std::vector<CatalogDifference>& out) {
  std::set<TopicId> topics;
  for (const CatalogFacts* facts : {&before, &after}) {
    for (const TopicRecord& record : facts->topics) topics.insert(record.topic.id);
  }
  for (const core::NodeOffsets& offsets : inventory.offsets) {
    const std::string table = node.schema_prefix + "_node.group_offsets";
    if (!topics.contains(offsets.topic)) {
      out.push_back({"offsets_orphaned", node.name, offsets.group,
                     fmt::format("{} has rows of topic id {}, which the catalogue does not have",
                                 table, offsets.topic.value),
                     fmt::format("Delete them, unless the topic is to come back: DELETE FROM {} "
                                 "WHERE topic_id = {}.",
                                 table, offsets.topic.value),
                     offsets.rows, offsets.idle});
      continue;
    }
    // Readers with an explicit assignment, at generation 0, belong to no group.
    const bool is_group = offsets.generation.value > 0;
    if (!is_group || before.groups.contains(offsets.group) || after.groups.contains(offsets.group))
      continue;
    out.push_back({"offsets_orphaned", node.name, offsets.group,
                   fmt::format("{} has rows of topic id {}, and no such group is known", table,
                               offsets.topic.value),
                   fmt::format("The group was deleted while this data node did not answer: `lanemq "
                               "group delete {}` deletes the rows.",
                               offsets.group),
                   offsets.rows, offsets.idle});
  }
}

void AddSchemaVersion(const DataNode& node, const NodeInventory& inventory,
                      std::vector<CatalogDifference>& out) {
  const std::int32_t has = inventory.schema_version;
  const std::int32_t known = inventory.schema_version_known;
  if (has == known) return;
  out.push_back(
      {"schema_version", node.name, node.schema_prefix + "_node",
       fmt::format("the schema has migration {}, this metaserver knows {}", has, known),
       has < known
           ? fmt::format("Repeat `lanemq node add {} --address {}:{} --schema-prefix {}` as it was "
                         "given: it brings the schemas up to date.",
                         node.name, node.host, node.port, node.schema_prefix)
           : "Upgrade this metaserver: another one has brought the schema further."});
}

}  // namespace

std::vector<CatalogDifference> DifferencesOf(const DataNode& node, const CatalogFacts& before,
                                             const NodeInventory& inventory,
                                             const CatalogFacts& after) {
  const PlacedByKey placed_before = PlacedOn(node.id, before);
  const PlacedByKey placed_after = PlacedOn(node.id, after);
  const std::set<PartitionKey> moving = MovingIn(before, after);
  std::set<NodeTable> known = KnownTables(node.id, placed_before, before);
  known.merge(KnownTables(node.id, placed_after, after));
  std::vector<CatalogDifference> out;
  // Of what was not read to its end nothing can be said to be missing.
  if (inventory.is_whole) AddMissing(node, placed_before, placed_after, moving, inventory, out);
  AddOrphans(node, placed_before, placed_after, moving, inventory, known, after, out);
  AddOffsets(node, inventory, before, after, out);
  AddSchemaVersion(node, inventory, out);
  return out;
}

std::vector<CatalogDifference> StuckTopics(const CatalogFacts& facts, WallTime now) {
  std::vector<CatalogDifference> out;
  for (const TopicRecord& record : facts.topics) {
    const microseconds age{now.micros - record.changed_at.micros};
    if (record.IsFinished() || age <= kUnfinishedMax) continue;
    const bool is_going = record.topic.state == TopicState::kDeleting && !record.topic.deletion;
    std::set<std::string> nodes;
    for (const core::Partition& partition : record.topic.partitions) {
      if (!is_going && partition.index < record.ready) continue;
      for (const DataNode& node : facts.nodes) {
        if (node.id == partition.node) nodes.insert(node.name);
      }
    }
    const std::string what = is_going
                                 ? std::string("it is being deleted")
                                 : fmt::format("partitions {} to {} are not made yet", record.ready,
                                               std::ssize(record.topic.partitions) - 1);
    out.push_back({"partition_stuck", fmt::format("{}", fmt::join(nodes, ",")), record.topic.name,
                   fmt::format("{}, since {} s", what, age / std::chrono::seconds{1}),
                   "The background job goes on when the data node answers: see `lanemq node probe` "
                   "of it; the same command again says what hinders it.",
                   std::nullopt, age});
  }
  return out;
}

}  // namespace lanemq::metaserver
