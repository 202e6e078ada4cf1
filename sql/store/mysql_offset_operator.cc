#include <utility>

#include <nlohmann/json.hpp>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/node_audit.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

using core::OffsetReset;
using core::OffsetResetTo;
using core::OperatorNote;
using core::PartitionKey;
using Json = nlohmann::json;

Result<OffsetReset> ResetOne(Connection& connection, std::string_view group,
                             const OffsetResetTo& to, const OperatorNote& note) {
  const std::int64_t topic = to.key.topic.value;
  const std::int64_t partition = to.key.partition;
  LANEMQ_ASSIGN_OR_RETURN(const auto stored,
                          ReadOffset(connection, statements::kLockOffset, group, to.key));
  OffsetReset done{.key = to.key, .new_offset = to.offset};
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kNewestReset, {group, topic, partition}, [&](const Row& row) {
        done.reset_epoch = row.Int64(0);
        return false;
      }));
  if (stored && stored->offset.value > 0) done.old_offset = stored->offset;
  done.reset_epoch = std::max(done.reset_epoch, stored ? stored->reset_epoch : 0) + 1;
  done.requested_by = note.requested_by;
  done.reason = note.reason;
  LANEMQ_RETURN_IF_ERROR(
      connection.Update(statements::kResetOffset,
                        {group, topic, partition, done.new_offset.value, done.reset_epoch}));
  const Param old = done.old_offset ? Param{done.old_offset->value} : Param{SqlNull{}};
  LANEMQ_RETURN_IF_ERROR(
      connection.Update(statements::kRecordReset,
                        {group, topic, partition, done.reset_epoch, old, done.new_offset.value,
                         std::string_view(note.requested_by), std::string_view(note.reason)}));
  return done;
}

Json ToJson(const PartitionKey& key) {
  return {{"topic_id", key.topic.value}, {"partition", key.partition}};
}

Json ToJson(const OffsetReset& reset) {
  Json json = ToJson(reset.key);
  if (reset.old_offset) json["from"] = reset.old_offset->value;
  json["to"] = reset.new_offset.value;
  return json;
}

/// {"partitions": [...]}.
template <typename Things>
Json ListOf(const Things& things) {
  Json list = Json::array();
  for (const auto& thing : things) list.push_back(ToJson(thing));
  return {{"partitions", std::move(list)}};
}

/// What went of what a group had; without keys, all of it.
Json Removed(const char* what, std::span<const PartitionKey> keys, std::int64_t rows) {
  Json json = keys.empty() ? Json::object() : ListOf(keys);
  json[what] = rows;
  return json;
}

/// Runs `of_group`, or `of_partition` for each key, in one transaction: how many rows went. `what`
/// they are, for the audit log. With keys, none of them may be moving.
Result<std::int64_t> Remove(const DataNodes& nodes, core::NodeId id, std::string_view group,
                            std::span<const PartitionKey> keys, const Statement& of_group,
                            const Statement& of_partition, const char* what,
                            const OperatorNote& note, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes.Find(id));
  std::int64_t removed = 0;
  const auto body = [&](Connection& connection) -> Status {
    removed = 0;
    LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, keys));
    if (keys.empty()) {
      LANEMQ_ASSIGN_OR_RETURN(removed, connection.Update(of_group, {group}));
    }
    for (const std::size_t i : InLockOrder(keys, [](const auto& key) { return key; })) {
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                              connection.Update(of_partition, {group, keys[i].topic.value,
                                                               std::int64_t{keys[i].partition}}));
      removed += rows;
    }
    if (removed == 0) return {};
    return AppendNodeAudit(connection, note, Removed(what, keys, removed).dump(), "");
  };
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(node->pool, deadline, body));
  return removed;
}

}  // namespace

Result<std::vector<OffsetReset>> MySqlOffsetStore::Reset(std::string_view group,
                                                         std::span<const OffsetResetTo> resets,
                                                         const OperatorNote& note,
                                                         Deadline deadline) {
  std::vector<OffsetReset> done(resets.size());
  if (resets.empty()) return done;
  std::vector<PartitionKey> keys;
  for (const OffsetResetTo& reset : resets) keys.push_back(reset.key);
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const auto body = [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, keys));
    for (const std::size_t i : InLockOrder(resets, [](const auto& reset) { return reset.key; })) {
      LANEMQ_ASSIGN_OR_RETURN(done[i], ResetOne(connection, group, resets[i], note));
    }
    return AppendNodeAudit(connection, note, "", ListOf(done).dump());
  };
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(node->pool, deadline, body));
  return done;
}

Result<std::vector<OffsetReset>> MySqlOffsetStore::ListResets(std::string_view group,
                                                              std::size_t max, Deadline deadline) {
  using Resets = std::vector<OffsetReset>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Resets> {
    Resets resets;
    LANEMQ_RETURN_IF_ERROR(connection.Query(
        statements::kReadResets, {group, static_cast<std::int64_t>(max)}, [&](const Row& row) {
          OffsetReset& reset = resets.emplace_back();
          reset.key = {core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))};
          reset.reset_epoch = row.Int64(2);
          if (!row.IsNull(3)) reset.old_offset = core::Offset{row.Int64(3)};
          reset.new_offset = core::Offset{row.Int64(4)};
          reset.requested_by = row.String(5);
          reset.reason = row.String(6);
          reset.at = WallTime{row.Int64(7)};
          return true;
        }));
    return resets;
  };
  return ReadOn<Resets>(nodes_, node_, deadline, read);
}

Status MySqlOffsetStore::Pause(std::string_view group, std::span<const PartitionKey> keys,
                               std::optional<WallTime> until, const OperatorNote& note,
                               Deadline deadline) {
  if (keys.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const Param end = until ? Param{until->micros} : Param{SqlNull{}};
  return RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, keys));
    for (const std::size_t i : InLockOrder(keys, [](const auto& key) { return key; })) {
      LANEMQ_RETURN_IF_ERROR(
          connection.Update(statements::kPauseOffset,
                            {group, keys[i].topic.value, std::int64_t{keys[i].partition}, end,
                             std::string_view(note.requested_by), std::string_view(note.reason)}));
    }
    Json paused = ListOf(keys);
    if (until) paused["until_us"] = until->micros;
    return AppendNodeAudit(connection, note, "", paused.dump());
  });
}

Result<std::int64_t> MySqlOffsetStore::Resume(std::string_view group,
                                              std::span<const PartitionKey> keys,
                                              const OperatorNote& note, Deadline deadline) {
  return Remove(nodes_, node_, group, keys, statements::kResumeGroup, statements::kResumeOffset,
                "pauses", note, deadline);
}

Result<std::int64_t> MySqlOffsetStore::Delete(std::string_view group,
                                              std::span<const PartitionKey> keys,
                                              const OperatorNote& note, Deadline deadline) {
  // The pauses first: repeated after a crash in between, it finds the offsets still there.
  LANEMQ_RETURN_IF_ERROR(Resume(group, keys, note, deadline));
  return Remove(nodes_, node_, group, keys, statements::kDeleteGroupOffsets,
                statements::kDeleteOffset, "offsets", note, deadline);
}

Result<std::int64_t> MySqlOffsetStore::Expire(std::string_view group, core::Generation newest,
                                              std::chrono::microseconds idle_for,
                                              Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  std::int64_t expired = 0;
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(expired,
                                connection.Update(statements::kExpireGroupOffsets,
                                                  {group, newest.value, idle_for.count()}));
        LANEMQ_RETURN_IF_ERROR(connection.Update(statements::kResumeExpired, {group}));
        return {};
      }));
  return expired;
}

}  // namespace lanemq::sql
