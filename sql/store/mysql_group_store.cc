#include "sql/store/mysql_group_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "common/core/audit/audited_changes.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/group_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::Fence;
using core::Generation;
using core::GroupRebalance;
using core::GroupState;
using core::GroupSummary;
using core::StoredGroup;
using core::StoredMember;

/// Well below every max_allowed_packet; a single member may be longer.
constexpr std::size_t kStatementBytesMax = 1u << 20;
constexpr std::size_t kDeletesPerStatement = 200;

/// The first column of the first row; nullopt when there is none.
Result<std::optional<std::int64_t>> FindNumber(Connection& connection, const Statement& statement,
                                               std::initializer_list<Param> params) {
  std::optional<std::int64_t> number;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, params, [&](const Row& row) {
    number = row.Int64(0);
    return false;
  }));
  return number;
}

/// A group's row, as far as it decides or the audit log tells it.
struct LockedGroup {
  std::int64_t epoch = 0;
  Generation generation;
  std::string protocol;
};

/// nullopt: there is no such group. Its row is locked otherwise. kFenced when its writer was newer.
Result<std::optional<LockedGroup>> LockGroup(Connection& connection, std::string_view group_id,
                                             const Fence& fence) {
  LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
  std::optional<LockedGroup> group;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockGroup, {group_id}, [&](const Row& row) {
    group = LockedGroup{row.Int64(0), Generation{row.Int64(1)}, row.String(2)};
    return false;
  }));
  if (group && group->epoch > fence.token.value) {
    return Error{ErrorCode::kFenced, fmt::format("group '{}' was written under term {}, not {}",
                                                 group_id, group->epoch, fence.token.value)};
  }
  return group;
}

Status SaveGroup(Connection& connection, const StoredGroup& group, std::string_view state,
                 const Fence& fence, Param now) {
  return ToStatus(connection.Update(
      statements::kSaveGroup,
      {std::string_view(group.group_id), std::int64_t{core::GroupSlot(group.group_id)}, state,
       group.generation.value, std::string_view(group.protocol), std::string_view(group.leader),
       fence.token.value, std::int64_t{group.members.empty() ? 1 : 0}, now, now}));
}

Status RunText(Connection& connection, std::string_view name, const std::string& text) {
  connection.Text().assign(text);
  return ToStatus(connection.UpdateText(name));
}

/// Members that are stored and not in `group`.
Result<std::vector<std::string>> FindGone(Connection& connection, const StoredGroup& group) {
  std::set<std::string_view> present;
  for (const StoredMember& member : group.members) present.insert(member.member.member_id);
  std::vector<std::string> gone;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadMemberIds,
                                          {std::string_view(group.group_id)}, [&](const Row& row) {
                                            std::string id = row.String(0);
                                            if (!present.contains(id)) {
                                              gone.push_back(std::move(id));
                                            }
                                            return true;
                                          }));
  return gone;
}

Status DeleteGone(Connection& connection, const StoredGroup& group) {
  const std::string_view group_id = group.group_id;
  if (group.members.empty()) {
    return ToStatus(connection.Update(statements::kDeleteAllMembers, {group_id}));
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto gone, FindGone(connection, group));
  for (std::span<const std::string> left(gone); !left.empty();) {
    const auto now = left.first(std::min(left.size(), kDeletesPerStatement));
    LANEMQ_RETURN_IF_ERROR(
        RunText(connection, "delete_group_members", DeleteMembersText(group_id, now)));
    left = left.subspan(now.size());
  }
  return {};
}

/// Adds the group's generation to its history unless it is there.
Status Remember(Connection& connection, const StoredGroup& group, Param now) {
  const std::string_view group_id = group.group_id;
  LANEMQ_ASSIGN_OR_RETURN(const auto known, FindNumber(connection, statements::kFindGroupRebalance,
                                                       {group_id, group.generation.value}));
  if (known) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kInsertGroupRebalance,
                        {group_id, group.generation.value, now, core::StoredReason(group.reason),
                         static_cast<std::int64_t>(group.members.size()), group.moved})));
  LANEMQ_ASSIGN_OR_RETURN(
      const auto too_old,
      FindNumber(connection, statements::kFindGroupRebalanceTooMany, {group_id}));
  if (!too_old) return {};
  return ToStatus(connection.Update(statements::kTrimGroupRebalances, {group_id, *too_old}));
}

Error Damaged(std::string_view group_id, std::string_view column) {
  return {ErrorCode::kCorruptMessage,
          fmt::format("stored group '{}': column {} is damaged", group_id, column)};
}

}  // namespace

Status MySqlGroupStore::Write(const StoredGroup& group, const Fence& fence, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string_view state, ToSql(group.state));
  LANEMQ_ASSIGN_OR_RETURN(const auto members, SaveMembersTexts(group, kStatementBytesMax));
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_RETURN_IF_ERROR(ToStatus(LockGroup(connection, group.group_id, fence)));
    LANEMQ_RETURN_IF_ERROR(SaveGroup(connection, group, state, fence, now.get()));
    LANEMQ_RETURN_IF_ERROR(DeleteGone(connection, group));
    for (const std::string& text : members) {
      LANEMQ_RETURN_IF_ERROR(RunText(connection, "save_group_members", text));
    }
    if (group.state != GroupState::kStable) return {};
    return Remember(connection, group, now.get());
  }));
}

Result<std::vector<StoredGroup>> MySqlGroupStore::Read(const Statement& statement, Param key,
                                                       Deadline deadline) {
  std::vector<StoredGroup> groups;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    GroupReader reader;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statement, {key}, [&](const Row& row) { return reader.Add(row); }));
    LANEMQ_ASSIGN_OR_RETURN(groups, reader.Take());
    return {};
  });
  if (!done.ok()) return done.error();
  return groups;
}

Result<std::vector<StoredGroup>> MySqlGroupStore::LoadSlot(int slot, Deadline deadline) {
  return Read(statements::kReadSlot, std::int64_t{slot}, deadline);
}

Result<std::optional<StoredGroup>> MySqlGroupStore::Load(std::string_view group_id,
                                                         Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(auto groups, Read(statements::kReadGroup, group_id, deadline));
  if (groups.empty()) return std::optional<StoredGroup>();
  return std::optional(std::move(groups.front()));
}

Result<std::vector<GroupSummary>> MySqlGroupStore::List(Deadline deadline) {
  std::vector<GroupSummary> groups;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    groups.clear();
    Status damage;
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kListGroups, {}, [&](const Row& row) {
      GroupSummary group;
      group.group_id = row.String(0);
      const auto state = StateFromSql(row.Int64(1));
      if (!state) {
        damage = Damaged(group.group_id, "state");
        return false;
      }
      group.state = *state;
      group.generation = Generation{row.Int64(2)};
      group.protocol = row.String(3);
      group.members = row.Int64(4);
      if (!row.IsNull(5)) group.empty_since = WallTime{row.Int64(5)};
      groups.push_back(std::move(group));
      return true;
    }));
    return damage;
  });
  if (!done.ok()) return done.error();
  return groups;
}

Result<std::vector<GroupRebalance>> MySqlGroupStore::History(std::string_view group_id,
                                                             std::size_t max, Deadline deadline) {
  std::vector<GroupRebalance> rebalances;
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    rebalances.clear();
    return connection.Query(statements::kReadGroupRebalances, {group_id}, [&](const Row& row) {
      if (rebalances.size() == max) return false;
      rebalances.push_back({Generation{row.Int64(0)}, WallTime{row.Int64(1)}, row.String(2),
                            row.Int64(3), row.Int64(4)});
      return true;
    });
  });
  if (!done.ok()) return done.error();
  return rebalances;
}

Status MySqlGroupStore::Delete(std::string_view group_id, const Fence& fence,
                               const core::AuditNote& note, Deadline deadline) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_ASSIGN_OR_RETURN(const auto group, LockGroup(connection, group_id, fence));
    if (!group) return {};
    std::int64_t members = 0;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadMemberIds, {group_id}, [&](const Row&) {
          ++members;
          return true;
        }));
    if (members > 0) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("group '{}' has {} members", group_id, members)};
    }
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteGroupRebalances, {group_id})));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteGroup, {group_id})));
    return AppendAudit(connection, note,
                       core::GroupRemoved(group_id, group->generation, group->protocol),
                       core::AuditResult::kOk, now.get());
  }));
}

Result<std::vector<std::string>> MySqlGroupStore::EmptyFor(std::chrono::microseconds age,
                                                           Deadline deadline) {
  std::vector<std::string> group_ids;
  const NowParam now(now_);
  const Status done = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    group_ids.clear();
    return connection.Query(statements::kEmptyGroups, {now.get(), age.count()},
                            [&](const Row& row) {
                              group_ids.push_back(row.String(0));
                              return true;
                            });
  });
  if (!done.ok()) return done.error();
  return group_ids;
}

}  // namespace lanemq::sql
