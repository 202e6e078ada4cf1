// The end of a group: its offsets on every data node, then its rows, while nobody gets in.
// Why no member loses what it commits: README.md, "The end of a group".
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "metaserver/coordinator/group_slot.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kRetryAfterMs = 200;
constexpr int kNodeAttempts = 2;

Error HasMembers(const std::string& id) {
  return {ErrorCode::kFailedPrecondition, "group '" + id + "' has members"};
}

}  // namespace

Status GroupSlot::Delete(const std::string& id, const core::AuditNote& note, Deadline deadline) {
  return EndGroup({.id = id, .note = note, .deadline = deadline});
}

Status GroupSlot::Expire(const std::string& id, core::Generation generation,
                         std::chrono::microseconds idle_for, Deadline deadline) {
  core::AuditNote note;
  note.actor = "metaserver";
  note.action = "job.group_expiry";
  return EndGroup({.id = id,
                   .note = std::move(note),
                   .deadline = deadline,
                   .expected = generation,
                   .idle_for = idle_for});
}

Status GroupSlot::EndGroup(Ending ending) {
  LANEMQ_RETURN_IF_ERROR(BeginEnd(ending));
  Result<std::int64_t> offsets = DeleteOffsets(ending);
  Status ended;
  if (!offsets.ok()) {
    ended = offsets.error();
  } else if (ended = MayGoOn(ending); ended.ok()) {
    ended = with_.store.Delete(ending.id, ending.fence, ending.note, ending.deadline);
  }
  Replies replies;
  MutexLock lock(mutex_);
  --writes_;
  changed_.NotifyAll();
  if (ending.term != term_) return ended;
  deleting_.erase(ending.id);
  const auto found = groups_.find(ending.id);
  if (!ended.ok()) {
    if (found != groups_.end()) Settle(ending.id, found->second);
    return ended;
  }
  if (found != groups_.end()) {
    Handle(ending.id, found->second,
           found->second.machine.Retire({ErrorCode::kUnknownMemberId, "the group was deleted"}),
           replies);
    if (found->second.armed) timers_.erase({*found->second.armed, ending.id});
    groups_.erase(found);
  }
  ++(ending.expected ? with_.counters.groups_expired : with_.counters.groups_deleted);
  LANEMQ_LOG(INFO, ending.expected ? "group.expired" : "group.deleted", {"group", ending.id},
             {"slot", slot_}, {"offsets", *offsets});
  return {};
}

Status GroupSlot::BeginEnd(Ending& ending) {
  const std::string& id = ending.id;
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckServing());
  LANEMQ_RETURN_IF_ERROR(CheckEmpty(ending));
  if (!deleting_.emplace(id, false).second) {
    return Error{ErrorCode::kConflict, "the group is being deleted by somebody else"};
  }
  ending.term = term_;
  ending.fence = {lease_.name, lease_.token};
  const auto is_writing = [&]() LANEMQ_REQUIRES(mutex_) {
    const auto group = groups_.find(id);
    return ending.term == term_ && group != groups_.end() && group->second.is_writing;
  };
  while (is_writing() && !ending.deadline.HasPassed(with_.clock)) {
    changed_.WaitFor(mutex_, ending.deadline.Left(with_.clock));
  }
  const bool is_late = is_writing();
  if (is_late || ending.term != term_) {
    if (ending.term == term_) deleting_.erase(id);
    return Error{ErrorCode::kCoordinatorNotAvailable, "the group is still being written",
                 kRetryAfterMs};
  }
  // A failed write may have brought a member back.
  if (const Status empty = CheckEmpty(ending); !empty.ok()) {
    deleting_.erase(id);
    return empty;
  }
  ++writes_;  // A hand-over, and the next load, wait for it.
  return {};
}

Status GroupSlot::CheckEmpty(const Ending& ending) const {
  const auto found = groups_.find(ending.id);
  if (found == groups_.end()) {
    if (!ending.expected) return {};
    return Error{ErrorCode::kNotFound, "group '" + ending.id + "' is gone"};
  }
  const core::GroupMachine& machine = found->second.machine;
  if (machine.state() != core::GroupState::kEmpty) return HasMembers(ending.id);
  if (!ending.expected) return {};
  // Something is waited for: somebody has a member id and is about to join.
  if (machine.generation() != *ending.expected || machine.NextDeadline()) {
    return HasMembers(ending.id).Wrap("about to, or since it was looked at");
  }
  return {};
}

Status GroupSlot::MayGoOn(const Ending& ending) const {
  MutexLock lock(mutex_);
  if (ending.term != term_) {
    return Error{ErrorCode::kNotCoordinator, fmt::format("slot {} was given up", slot_)};
  }
  LANEMQ_RETURN_IF_ERROR(CheckServing());
  LANEMQ_RETURN_IF_ERROR(CheckEmpty(ending));
  const auto gate = deleting_.find(ending.id);
  if (ending.expected && gate != deleting_.end() && gate->second) {
    return Error{ErrorCode::kConflict, "a member wants to join group '" + ending.id + "'"};
  }
  return {};
}

Result<std::int64_t> GroupSlot::ExpireOffsets(core::OffsetStore& store, const Ending& ending) {
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t expired,
      store.Expire(ending.id, *ending.expected, ending.idle_for, ending.deadline));
  LANEMQ_ASSIGN_OR_RETURN(const auto left, store.Fetch(ending.id, {}, ending.deadline));
  for (const core::CommittedOffset& row : left) {
    // A new group would begin below that generation, and its claims would be refused.
    if (row.generation.value > 0) {
      return Error{ErrorCode::kConflict,
                   fmt::format("partition {} of topic {} has an offset of generation {} that was "
                               "committed lately, or since",
                               row.key.partition, row.key.topic.value, row.generation.value)};
    }
  }
  return expired;
}

Result<std::int64_t> GroupSlot::DeleteOffsets(const Ending& ending) const {
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<core::DataNode> nodes, with_.offsets.list());
  std::int64_t deleted = 0;
  for (const core::DataNode& node : nodes) {
    const auto store = with_.offsets.on(node.id);
    for (int attempt = 1;; ++attempt) {
      LANEMQ_RETURN_IF_ERROR(MayGoOn(ending));
      const auto here = ending.expected ? ExpireOffsets(*store, ending)
                                        : store->Delete(ending.id, {}, {}, ending.deadline);
      if (here.ok()) {
        deleted += *here;
        break;
      }
      const bool is_worth_it =
          here.error().code == ErrorCode::kOutcomeUnknown && attempt < kNodeAttempts;
      if (!is_worth_it) {
        return here.error().Wrap(
            fmt::format("group '{}' stays until its offsets on data node '{}' can be deleted",
                        ending.id, node.name));
      }
    }
  }
  return deleted;
}

}  // namespace lanemq::metaserver
