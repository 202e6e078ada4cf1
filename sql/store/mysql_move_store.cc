#include "sql/store/mysql_move_store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/audit/audited_changes.h"
#include "common/core/move/move_machine.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/move_rows.h"
#include "sql/store/settled_change.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditedChange;
using core::AuditNote;
using core::BegunMove;
using core::DataNode;
using core::Fence;
using core::MovableTopic;
using core::MoveAdvance;
using core::MoveRecord;
using core::MoveState;
using core::NamedWish;
using core::NewMoves;
using core::NodeUsage;
using core::PartitionKey;
using core::PartitionMove;
using core::PlannedMove;

constexpr std::size_t kErrorBytesMax = 1'000;
constexpr std::size_t kWhoBytesMax = 128;

bool IsEnd(MoveState state) {
  return state == MoveState::kDone || state == MoveState::kCancelled || state == MoveState::kFailed;
}

/// What a plan is made of, read under the catalogue's lock.
struct World {
  std::vector<NodeUsage> nodes;
  std::vector<MovableTopic> topics;
};

Result<World> ReadWorld(Connection& connection, Param now) {
  World world;
  LANEMQ_ASSIGN_OR_RETURN(world.nodes, ReadUsage(connection));
  LANEMQ_ASSIGN_OR_RETURN(auto records, ReadTopics(connection));
  std::map<core::TopicId, std::size_t> by_id;
  for (core::TopicRecord& record : records) {
    by_id[record.topic.id] = world.topics.size();
    world.topics.push_back({std::move(record.topic), record.ready, {}});
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto open, ReadOpenMoves(connection, now));
  for (const MoveRecord& record : open) {
    const auto found = by_id.find(record.move.from.key.topic);
    if (found == by_id.end()) continue;  // The topic is gone; the move ends soon.
    world.topics[found->second].moving[record.move.from.key.partition] = record.move;
  }
  return world;
}

NodeUsage* FindNode(World& world, const std::string& name) {
  const auto found = std::find_if(world.nodes.begin(), world.nodes.end(),
                                  [&](const NodeUsage& usage) { return usage.node.name == name; });
  return found == world.nodes.end() ? nullptr : &*found;
}

std::string NameOf(const World& world, core::NodeId id) {
  for (const NodeUsage& usage : world.nodes) {
    if (usage.node.id == id) return usage.node.name;
  }
  return fmt::format("#{}", id.value);
}

/// The node takes no new partitions from here on, so that what leaves it does not come back.
Status CloseNode(SettledChange& change, DataNode& node) {
  if (node.state == core::NodeState::kDisabled) {
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("data node '{}' is disabled: nothing can be read from it", node.name)};
  }
  if (node.state == core::NodeState::kClosed) return {};
  const DataNode before = node;
  node.state = core::NodeState::kClosed;
  LANEMQ_RETURN_IF_ERROR(ToStatus(change.connection().Update(
      statements::kUpdateNode,
      {ToSql(node.state), std::string_view(node.host), std::int64_t{node.port},
       std::string_view(node.sealed_credentials), std::string_view(node.name)})));
  return change.Tell(core::DataNodeChanged(&before, &node));
}

/// The wishes of `moves`, those of an evacuation made explicit.
Result<std::vector<NamedWish>> WishesOf(World& world, const NewMoves& moves, DataNode*& closed) {
  if (moves.evacuate.empty()) return moves.wishes;
  NodeUsage* const found = FindNode(world, moves.evacuate);
  if (found == nullptr) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no data node '{}'", moves.evacuate)};
  }
  closed = &found->node;
  return core::WishesToLeave(found->node.id, world.topics);
}

Status CheckSource(const World& world, const PlannedMove& planned) {
  for (const NodeUsage& usage : world.nodes) {
    if (usage.node.id != planned.move.from.node) continue;
    if (usage.node.state != core::NodeState::kDisabled) return {};
    return Error{
        ErrorCode::kFailedPrecondition,
        fmt::format("data node '{}' is disabled: nothing can be read from it", usage.node.name)};
  }
  return {};
}

Status InsertMoves(SettledChange& change, const NewMoves& moves, const AuditNote& note,
                   const std::vector<BegunMove>& begun) {
  nlohmann::json wishes = nlohmann::json::array();
  for (const BegunMove& one : begun) {
    if (!one.status.ok()) continue;
    wishes.push_back({one.from.key.topic.value, one.from.key.partition, one.from.node.value,
                      one.from.schema_index, one.to.node.value, one.to.schema_index});
  }
  const std::string json = wishes.dump();
  const std::string who =
      (note.on_behalf_of.empty() ? note.actor : note.on_behalf_of).substr(0, kWhoBytesMax);
  const std::string why = note.reason.substr(0, AuditNote::kReasonBytesMax);
  return ToStatus(change.connection().Update(
      statements::kInsertMoves, {moves.bytes_per_second, std::string_view(who),
                                 std::string_view(why), change.now(), std::string_view(json)}));
}

/// An event per topic, under the topic's name.
Status TellMoves(SettledChange& change, const World& world, const std::vector<BegunMove>& begun) {
  std::map<std::string, nlohmann::json> by_topic;
  for (const BegunMove& one : begun) {
    if (!one.status.ok()) continue;
    by_topic[one.topic].push_back({{"id", one.id},
                                   {"partition", one.partition},
                                   {"from", NameOf(world, one.from.node)},
                                   {"to", NameOf(world, one.to.node)}});
  }
  for (const auto& [topic, list] : by_topic) {
    const nlohmann::json document = {{"moves", list}};
    LANEMQ_RETURN_IF_ERROR(change.Tell({"topic", topic, "", document.dump(), {}}));
  }
  return {};
}

/// Their ids, now that they have some.
Status FindIds(Connection& connection, Param now, std::vector<BegunMove>& begun) {
  LANEMQ_ASSIGN_OR_RETURN(const auto open, ReadOpenMoves(connection, now));
  std::map<PartitionKey, std::int64_t> ids;
  for (const MoveRecord& record : open) ids[record.move.from.key] = record.move.id;
  for (BegunMove& one : begun) {
    if (one.status.ok()) one.id = ids[one.from.key];
  }
  return {};
}

BegunMove ToBegun(const World& world, const NamedWish& wish, PlannedMove planned) {
  if (planned.status.ok()) planned.status = CheckSource(world, planned);
  BegunMove begun;
  begun.topic = wish.topic;
  begun.partition = wish.partition;
  begun.from = planned.move.from;
  if (planned.present) {
    begun.id = planned.present->id;
    begun.to = planned.present->to;
  } else if (planned.status.ok()) {
    begun.to = planned.move.to;
  }
  begun.status = std::move(planned.status);
  return begun;
}

Status LockCatalogue(Connection& connection) {
  return connection.Query(statements::kLockCatalogue, {}, [](const Row&) { return false; });
}

Status BumpVersion(Connection& connection) {
  return ToStatus(connection.Update(statements::kBumpVersion, {}));
}

Result<std::vector<BegunMove>> BeginIn(SettledChange& change, const NewMoves& moves,
                                       bool is_dry_run, const AuditNote& note) {
  Connection& connection = change.connection();
  LANEMQ_RETURN_IF_ERROR(LockCatalogue(connection));
  LANEMQ_ASSIGN_OR_RETURN(World world, ReadWorld(connection, change.now()));
  DataNode* closed = nullptr;
  LANEMQ_ASSIGN_OR_RETURN(const auto wishes, WishesOf(world, moves, closed));
  if (closed != nullptr && !is_dry_run) LANEMQ_RETURN_IF_ERROR(CloseNode(change, *closed));
  std::map<std::string, MovableTopic> topics;
  for (const MovableTopic& topic : world.topics) topics.emplace(topic.topic.name, topic);
  LANEMQ_ASSIGN_OR_RETURN(auto planned,
                          core::PlanMoves(world.nodes, topics, wishes, moves.targets));
  std::vector<BegunMove> begun;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    begun.push_back(ToBegun(world, wishes[i], std::move(planned[i])));
  }
  if (is_dry_run) return begun;
  const bool has_new =
      std::any_of(begun.begin(), begun.end(), [](const BegunMove& one) { return one.status.ok(); });
  if (has_new) {
    LANEMQ_RETURN_IF_ERROR(InsertMoves(change, moves, note, begun));
    LANEMQ_RETURN_IF_ERROR(FindIds(connection, change.now(), begun));
    LANEMQ_RETURN_IF_ERROR(TellMoves(change, world, begun));
  }
  if (change.mark()) LANEMQ_RETURN_IF_ERROR(BumpVersion(connection));
  return begun;
}

Error InState(std::int64_t id, MoveState state) {
  return {ErrorCode::kConflict, fmt::format("move {} is {} now", id, core::ToString(state))};
}

/// Whether the catalogue may still say another place of the topic's partitions.
Result<bool> IsTopicActive(Connection& connection, core::TopicId topic) {
  bool is_active = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadTopicState, {topic.value}, [&](const Row& row) {
        is_active = KeepsTables(row.Int64(0));
        return false;
      }));
  return is_active;
}

Status AdvanceIn(Connection& connection, const MoveAdvance& advance, const Fence& fence,
                 Param now) {
  const bool ends = IsEnd(advance.next);
  // Its place becomes free.
  if (ends) LANEMQ_RETURN_IF_ERROR(LockCatalogue(connection));
  LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
  LANEMQ_ASSIGN_OR_RETURN(const LockedMove locked, LockMove(connection, advance.id));
  if (locked.state != advance.expected) return InState(advance.id, locked.state);
  if (locked.state == MoveState::kOpening && advance.next == MoveState::kCancelling) {
    LANEMQ_ASSIGN_OR_RETURN(const bool is_active,
                            IsTopicActive(connection, locked.move.from.key.topic));
    if (is_active) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("move {} is being opened: there is no way back", advance.id)};
    }
  }
  const bool is_back =
      locked.state == MoveState::kCancelling && advance.next == MoveState::kCancelling;
  const bool ends_pause =
      (ends && locked.state == MoveState::kCancelling) || (advance.ends_pause && is_back);
  std::int64_t clock = ends_pause ? 2 : 0;
  if (advance.next != locked.state) {
    if (advance.next == MoveState::kSealing) clock = 1;
    if (advance.next == MoveState::kCopying) clock = 2;
  }
  const std::string error = advance.error.substr(0, kErrorBytesMax);
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kAdvanceMove,
                        {core::ToString(advance.next), advance.copied_end.value,
                         advance.source_end.value, advance.bytes_copied, std::string_view(error),
                         std::int64_t{ends_pause}, now, clock, now, advance.id})));
  if (!ends) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kEndMove, {now, advance.id})));
  return BumpVersion(connection);
}

Status SwitchIn(Connection& connection, std::int64_t id, const Fence& fence, Param now) {
  LANEMQ_RETURN_IF_ERROR(LockCatalogue(connection));
  LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
  LANEMQ_ASSIGN_OR_RETURN(const LockedMove locked, LockMove(connection, id));
  if (locked.state == MoveState::kCleaning) return {};
  if (locked.state != MoveState::kOpening) return InState(id, locked.state);
  const PartitionMove& move = locked.move;
  LANEMQ_ASSIGN_OR_RETURN(const bool is_active, IsTopicActive(connection, move.from.key.topic));
  std::int64_t rows = 0;
  if (is_active) {
    LANEMQ_ASSIGN_OR_RETURN(
        rows, connection.Update(statements::kSwitchPlace,
                                {move.to.node.value, std::int64_t{move.to.schema_index},
                                 move.from.key.topic.value, std::int64_t{move.from.key.partition},
                                 move.from.node.value, std::int64_t{move.from.schema_index}}));
  }
  if (rows != 1) {
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("move {}: the topic is being deleted, or was", id)};
  }
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kSwitchMove, {now, id})));
  return BumpVersion(connection);
}

}  // namespace

Result<std::vector<BegunMove>> MySqlMoveStore::Begin(const NewMoves& moves, bool is_dry_run,
                                                     const AuditNote& note, Deadline deadline) {
  std::vector<BegunMove> begun;
  const Status done = RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(begun, BeginIn(change, moves, is_dry_run, note));
    return {};
  });
  if (!done.ok()) return done.error();
  return begun;
}

Status MySqlMoveStore::Advance(const MoveAdvance& advance, const Fence& fence, Deadline deadline) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) {
    const NowParam now(now_);
    return AdvanceIn(connection, advance, fence, now.get());
  }));
}

Status MySqlMoveStore::Switch(std::int64_t id, const Fence& fence, Deadline deadline) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) {
    const NowParam now(now_);
    return SwitchIn(connection, id, fence, now.get());
  }));
}

Result<MoveRecord> MySqlMoveStore::Cancel(std::int64_t id, const AuditNote& note,
                                          Deadline deadline) {
  std::optional<MoveRecord> record;
  const Status done = RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(const LockedMove locked, LockMove(connection, id));
    LANEMQ_ASSIGN_OR_RETURN(record, ReadMove(connection, change.now(), id));
    if (!record) return Error{ErrorCode::kNotFound, fmt::format("there is no move {}", id)};
    if (locked.state == MoveState::kCancelling || IsEnd(locked.state)) return {};
    if (locked.state == MoveState::kOpening || locked.state == MoveState::kCleaning) {
      return Error{
          ErrorCode::kFailedPrecondition,
          fmt::format("move {} is {}: there is no way back", id, core::ToString(locked.state))};
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kCancelMove, {id})));
    const nlohmann::json before = {
        {"moves", {{{"id", id}, {"partition", record->move.from.key.partition}}}}};
    LANEMQ_RETURN_IF_ERROR(change.Tell({"topic", record->topic, before.dump(), "", {}}));
    record->state = MoveState::kCancelling;
    record->error.clear();
    return {};
  });
  if (!done.ok()) return done.error();
  LANEMQ_CHECK(record.has_value());
  return *std::move(record);
}

Result<std::vector<MoveRecord>> MySqlMoveStore::LoadUnfinished(Deadline deadline) {
  std::vector<MoveRecord> records;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_ASSIGN_OR_RETURN(records, ReadOpenMoves(connection, now.get()));
    return {};
  });
  if (!done.ok()) return done.error();
  return records;
}

Result<std::vector<MoveRecord>> MySqlMoveStore::List(std::int64_t before_id, std::size_t max,
                                                     Deadline deadline) {
  std::vector<MoveRecord> records;
  const std::int64_t below = before_id > 0 ? before_id : INT64_MAX;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    records.clear();
    const NowParam now(now_);
    return connection.Query(statements::kListMoves,
                            {now.get(), below, static_cast<std::int64_t>(max)},
                            [&](const Row& row) {
                              records.push_back(MoveFromRow(row));
                              return true;
                            });
  });
  if (!done.ok()) return done.error();
  return records;
}

Result<std::int64_t> MySqlMoveStore::Expire(std::chrono::microseconds age, std::size_t max,
                                            const Fence& fence, Deadline deadline) {
  std::int64_t expired = 0;
  const Status done = RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    LANEMQ_ASSIGN_OR_RETURN(
        expired, connection.Update(statements::kExpireMoves,
                                   {now.get(), age.count(), static_cast<std::int64_t>(max)}));
    return {};
  });
  if (!done.ok()) return OfMetadata(done).error();
  return expired;
}

}  // namespace lanemq::sql
