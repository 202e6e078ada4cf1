#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/dead_letter_scan.h"
#include "sql/store/dead_letter_text.h"
#include "sql/store/log_append.h"
#include "sql/store/meta_access.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

using core::RedriveJob;
using core::RedriveState;
using core::RedriveTarget;

/// Bodies that one transaction moves; a single one may be bigger.
constexpr std::int64_t kBodyBytesMax = 16 << 20;
/// A statement's own bytes and the packet's head.
constexpr std::size_t kPacketReserve = 1'024;
/// One at a time waits for the job's row; the others are other brokers' for a moment only.
constexpr int kStepAttempts = 10;

struct LockedJob {
  RedriveJob job;
  LetterPlace cursor;
};

/// What a step does.
struct StepPlan {
  std::vector<LetterHead> taken;
  std::optional<LetterPlace> next;  ///< Where to go on; nullopt: nothing is left.
};

Error NoSuchJob(std::int64_t id) {
  return {ErrorCode::kNotFound, fmt::format("no redrive {}", id)};
}

Result<LockedJob> LockJob(Connection& connection, std::int64_t id) {
  Result<LockedJob> locked = NoSuchJob(id);
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockRedrive, {id}, [&](const Row& row) {
    auto job = ToRedriveJob(row);
    if (!job.ok()) {
      locked = job.error();
    } else {
      locked = LockedJob{*std::move(job),
                         {{core::TopicId{row.Int64(11)}, static_cast<std::int32_t>(row.Int64(12))},
                          core::Offset{row.Int64(13)}}};
    }
    return false;
  }));
  return locked;
}

/// Chooses and locks the letters of one step: those of one transaction's size and, to a topic, of
/// one partition.
Result<StepPlan> PlanStep(Connection& connection, const LockedJob& locked, std::int32_t max) {
  const RedriveJob& job = locked.job;
  const LetterQuery query{job.filter, job.created_at};
  LANEMQ_ASSIGN_OR_RETURN(LetterScan scan, ScanLetters(connection, query, locked.cursor, max));
  StepPlan plan;
  plan.next = scan.next;
  if (job.target == RedriveTarget::kTopic && !scan.heads.empty()) {
    const auto other = std::ranges::find_if(scan.heads, [&](const LetterHead& head) {
      return head.place.key != scan.heads.front().place.key;
    });
    if (other != scan.heads.end()) {
      scan.heads.erase(other, scan.heads.end());
      plan.next = scan.heads.back().place;
    }
  }
  LANEMQ_ASSIGN_OR_RETURN(plan.taken, LockLetters(connection, query, scan.heads, true));
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < plan.taken.size(); ++i) {
    bytes += plan.taken[i].body_bytes;
    if (i > 0 && bytes > kBodyBytesMax) {
      plan.taken.resize(i);
      plan.next = plan.taken.back().place;
      break;
    }
  }
  return plan;
}

Status RunText(Connection& connection, std::string_view name, const std::string& text) {
  if (text.size() + kPacketReserve >
      static_cast<std::size_t>(connection.server().max_allowed_packet)) {
    return Error{ErrorCode::kMessageTooLarge,
                 fmt::format("{}: a statement of {} bytes exceeds the server's max_allowed_packet",
                             name, text.size())};
  }
  connection.Text().assign(text);
  return ToStatus(connection.UpdateText(name));
}

/// The table of a partition; nullopt: it is not on this data node any more.
Result<std::optional<MessageTable>> FindTable(Connection& connection, const core::DataNode& node,
                                              const core::PartitionKey& key) {
  std::optional<MessageTable> table;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kReadSchemaIndex, {key.topic.value, std::int64_t{key.partition}},
      [&](const Row& row) {
        table.emplace(
            node.schema_prefix,
            core::PartitionLocation{key, node.id, static_cast<std::int32_t>(row.Int64(0))});
        return false;
      }));
  return table;
}

/// How many letters were moved; 0: their partition is gone.
Result<std::int64_t> MoveToTopic(Connection& connection, const core::DataNode& node,
                                 const ChosenLetters& letters) {
  LANEMQ_ASSIGN_OR_RETURN(const auto table, FindTable(connection, node, letters.key));
  if (!table) return 0;
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ServerNow(connection));
  LANEMQ_RETURN_IF_ERROR(AppendSelected(connection, *table, SelectForLogText(letters), now.micros));
  LANEMQ_RETURN_IF_ERROR(RunText(connection, "delete_dead_letters", DeleteLettersText(letters)));
  return static_cast<std::int64_t>(letters.offsets.size());
}

Result<std::int64_t> MoveToRetries(Connection& connection, const ChosenLetters& letters,
                                   const core::DeadLetterEdit* edit) {
  LANEMQ_RETURN_IF_ERROR(RunText(connection, "copy_to_retries", CopyToRetriesText(letters, edit)));
  LANEMQ_RETURN_IF_ERROR(RunText(connection, "delete_dead_letters", DeleteLettersText(letters)));
  return static_cast<std::int64_t>(letters.offsets.size());
}

Status SaveStep(Connection& connection, const LockedJob& locked, const StepPlan& plan,
                std::int64_t moved) {
  const bool is_done = !plan.next;
  const LetterPlace& cursor = is_done ? locked.cursor : *plan.next;
  const RedriveState state = is_done ? RedriveState::kDone : RedriveState::kRunning;
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kStepRedrive,
      {cursor.key.topic.value, std::int64_t{cursor.key.partition}, cursor.offset.value, moved,
       NameOf(state), std::int64_t{is_done ? 1 : 0}, locked.job.id})));
  if (!is_done) return {};
  return RecordDeed(connection, locked.job.filter.group, "redrive", locked.job.moved + moved,
                    fmt::format("job {} is done", locked.job.id), locked.job.note);
}

/// The whole step, in the transaction that `connection` is in.
Result<RedriveJob> Step(Connection& connection, const core::DataNode& node, std::int64_t id,
                        std::int32_t max, const core::Fence& fence) {
  LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
  LANEMQ_ASSIGN_OR_RETURN(LockedJob locked, LockJob(connection, id));
  if (locked.job.state != RedriveState::kRunning) return std::move(locked.job);
  LANEMQ_ASSIGN_OR_RETURN(const StepPlan plan, PlanStep(connection, locked, max));
  std::int64_t moved = 0;
  LANEMQ_RETURN_IF_ERROR(ForEachPartition(
      locked.job.filter.group, plan.taken, [&](const ChosenLetters& letters) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const std::int64_t now_moved,
                                locked.job.target == RedriveTarget::kTopic
                                    ? MoveToTopic(connection, node, letters)
                                    : MoveToRetries(connection, letters, nullptr));
        moved += now_moved;
        return {};
      }));
  LANEMQ_RETURN_IF_ERROR(SaveStep(connection, locked, plan, moved));
  LANEMQ_ASSIGN_OR_RETURN(LockedJob after, LockJob(connection, id));
  return std::move(after.job);
}

}  // namespace

Result<RedriveJob> MySqlDeadLetterStore::StepRedrive(std::int64_t id, std::int32_t max,
                                                     const core::Fence& fence, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  // A job's target never changes; only appending to a log needs the stronger isolation.
  std::optional<RedriveTarget> target;
  const auto find = [&](Connection& connection, auto&) -> Result<std::optional<RedriveTarget>> {
    std::optional<RedriveTarget> found;
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadRedrive, {id}, [&](const Row& row) {
      found = row.String(3) == "topic" ? RedriveTarget::kTopic : RedriveTarget::kGroup;
      return false;
    }));
    return found;
  };
  LANEMQ_ASSIGN_OR_RETURN(target,
                          ReadOn<std::optional<RedriveTarget>>(nodes_, node_, deadline, find));
  if (!target) return NoSuchJob(id);
  RedriveJob job;
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(
      node->pool, deadline,
      [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(job, Step(connection, node->node, id, max, fence));
        return {};
      },
      kStepAttempts,
      *target == RedriveTarget::kTopic ? Isolation::kRepeatableRead : Isolation::kReadCommitted));
  return job;
}

Status MySqlDeadLetterStore::RedriveEdited(const core::FailedId& id,
                                           const core::DeadLetterEdit& edit,
                                           const core::OperatorNote& note, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const core::DeadLetterFilter filter{.group = id.group};
  LetterHead wanted;
  wanted.place = {id.key, id.offset};
  return RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, {&id.key, 1}));
    LANEMQ_ASSIGN_OR_RETURN(const auto locked,
                            LockLetters(connection, {filter, std::nullopt}, {&wanted, 1}, false));
    if (locked.empty()) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("group '{}' has no dead letter {}", id.group, DescribeId(id))};
    }
    LANEMQ_RETURN_IF_ERROR(MoveToRetries(connection, {id.group, id.key, {&id.offset, 1}}, &edit));
    return RecordDeed(connection, id.group, "edit", 1, DescribeId(id), note);
  });
}

}  // namespace lanemq::sql
