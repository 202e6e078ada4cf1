// The clients' side of a slot: calls, their answers, and the writes between them.
#include "metaserver/coordinator/group_slot.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kRetryAfterMs = 200;
constexpr std::size_t kClientIdBytesInMemberId = 200;
constexpr int kWriteAttempts = 3;

Error Unknown(const std::string& group) {
  return {ErrorCode::kUnknownMemberId, "group '" + group + "' has no members here"};
}

}  // namespace

GroupSlot::GroupSlot(int slot, Options options, Surroundings surroundings)
    : slot_(slot), options_(options), with_(std::move(surroundings)), trust_(options.lease) {}

CallTicket GroupSlot::Join(const std::string& group, core::JoinCall join, OnJoined done) {
  // Whoever has a member id was told it by a coordinator that remembers the group, or by none.
  const bool may_make = join.member_id.empty();
  const auto refuse = [done](const Error& error) { done(error); };
  return Call(group, may_make, std::move(done), refuse,
              [&join](Group& g, core::GroupCallId call, MonotonicTime now) {
                return g.machine.Join(call, std::move(join), now);
              });
}

CallTicket GroupSlot::Sync(const std::string& group, core::SyncCall sync, OnSynced done) {
  const auto refuse = [done](const Error& error) { done(error); };
  return Call(group, false, std::move(done), refuse,
              [&sync](Group& g, core::GroupCallId call, MonotonicTime now) {
                return g.machine.Sync(call, std::move(sync), now);
              });
}

CallTicket GroupSlot::Heartbeat(const std::string& group, const core::MemberCall& beat,
                                OnMemberDone done,
                                std::optional<std::chrono::milliseconds> poll_age,
                                std::shared_ptr<const core::Caller> caller) {
  const auto refuse = [done](const Error& error) { done(error); };
  auto note = [this, group, member = beat.member_id, poll_age, caller = std::move(caller),
               done = std::move(done)](const Status& status) {
    // A rebalance is no reason not to listen to a member.
    if (status.ok() || status.error().code == ErrorCode::kRebalanceInProgress) {
      NoteBeat(group, member, poll_age, caller);
    }
    done(status);
  };
  return Call(group, false, OnMemberDone(std::move(note)), refuse,
              [&beat](Group& g, core::GroupCallId call, MonotonicTime now) {
                return g.machine.Heartbeat(call, beat, now);
              });
}

CallTicket GroupSlot::Leave(const std::string& group, const core::MemberCall& leave,
                            OnMemberDone done) {
  const auto refuse = [done](const Error& error) { done(error); };
  return Call(group, false, std::move(done), refuse,
              [&leave](Group& g, core::GroupCallId call, MonotonicTime now) {
                g.watch.OnLeave(leave.member_id, leave.instance_id);
                g.callers.Drop(leave.member_id);
                return g.machine.Leave(call, leave, now);
              });
}

CallTicket GroupSlot::Call(const std::string& id, bool may_make, GroupCalls::Callback done,
                           const std::function<void(const Error&)>& refuse, const Event& event) {
  Replies replies;
  MutexLock lock(mutex_);
  const Result<Group*> group = FindOrMake(id, may_make);
  if (!group.ok()) {
    replies.Add([refuse, error = group.error()] { refuse(error); });
    return {id, 0};
  }
  const core::GroupCallId call = calls_.Add(std::move(done));
  Handle(id, **group, event(**group, call, with_.clock.Now()), replies);
  Settle(id, **group);
  return {id, call};
}

void GroupSlot::NoteBeat(const std::string& group, const std::string& member_id,
                         std::optional<std::chrono::milliseconds> poll_age,
                         std::shared_ptr<const core::Caller> caller) {
  MutexLock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  const MonotonicTime now = with_.clock.Now();
  found->second.polls.Heard(member_id, poll_age, now);
  found->second.callers.Heard(member_id, std::move(caller), now);
}

void GroupSlot::NoteCaller(const std::string& group, const std::string& member_id,
                           std::shared_ptr<const core::Caller> caller) {
  if (caller == nullptr || member_id.empty()) return;
  MutexLock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  found->second.callers.Heard(member_id, std::move(caller), with_.clock.Now());
}

std::vector<GroupSlot::NotedMember> GroupSlot::NotedMembers() const {
  std::vector<NotedMember> members;
  MutexLock lock(mutex_);
  if (!CheckServing().ok()) return members;
  for (const auto& [id, group] : groups_) {
    for (const auto& [member_id, note] : group.callers.notes()) {
      members.push_back({id, member_id, note.caller});
    }
  }
  return members;
}

std::optional<PollNotes::Note> GroupSlot::LastHeard(const std::string& group,
                                                    std::string_view member_id) const {
  MutexLock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return std::nullopt;
  return found->second.polls.Find(member_id);
}

void GroupSlot::Forget(const CallTicket& ticket) {
  // Declared before the lock: what it holds on to goes without it.
  const auto forgotten = [&] {
    MutexLock lock(mutex_);
    return calls_.Forget(ticket.call);
  }();
  MutexLock lock(mutex_);
  const auto found = groups_.find(ticket.group);
  if (found == groups_.end()) return;
  found->second.machine.Forget(ticket.call);
  Settle(ticket.group, found->second);
}

Status GroupSlot::CheckServing() const {
  if (state_ == State::kLoading) {
    return Error{ErrorCode::kCoordinatorLoadInProgress,
                 fmt::format("slot {} is being loaded", slot_), kRetryAfterMs};
  }
  if (state_ == State::kServing && trust_.Token(with_.clock.Now())) return {};
  if (outage_) {
    return Error{ErrorCode::kCoordinatorNotAvailable,
                 "metadata database does not answer: " + outage_->message, kRetryAfterMs};
  }
  return Error{ErrorCode::kNotCoordinator,
               fmt::format("slot {} is not coordinated by this metaserver", slot_)};
}

Result<GroupSlot::Group*> GroupSlot::FindOrMake(const std::string& group, bool may_make) {
  LANEMQ_RETURN_IF_ERROR(CheckServing());
  if (const auto gate = deleting_.find(group); gate != deleting_.end()) {
    gate->second = true;
    return Error{ErrorCode::kCoordinatorLoadInProgress, "the group is being deleted",
                 kRetryAfterMs};
  }
  if (const auto found = groups_.find(group); found != groups_.end()) return &found->second;
  if (!may_make) return Unknown(group);
  if (groups_.size() >= options_.groups_max) {
    return Error{ErrorCode::kThrottled,
                 fmt::format("slot {} has {} groups, its limit", slot_, groups_.size()),
                 kRetryAfterMs};
  }
  Group made{core::GroupMachine(group, options_.limits, MemberIds()), GroupWatch(with_.counters)};
  return &groups_.emplace(group, std::move(made)).first->second;
}

core::GroupMachine::NewMemberId GroupSlot::MemberIds() {
  // Called within events only.
  return [this](const std::string& client_id) {
    mutex_.AssertHeld();
    return fmt::format("{}-{:016x}{:016x}", client_id.substr(0, kClientIdBytesInMemberId),
                       random_.PositiveId(), random_.PositiveId());
  };
}

void GroupSlot::Handle(const std::string& id, Group& group, core::GroupEffects effects,
                       Replies& replies) {
  for (core::GroupEffect& effect : effects) {
    if (auto* persist = std::get_if<core::PersistGroup>(&effect)) {
      BeginWrite(id, group, std::move(*persist), replies);
    } else if (auto* joined = std::get_if<core::ReplyToJoin>(&effect)) {
      calls_.Reply(std::move(*joined), replies);
    } else if (auto* synced = std::get_if<core::ReplyToSync>(&effect)) {
      calls_.Reply(std::move(*synced), replies);
    } else {
      calls_.Reply(std::move(std::get<core::ReplyToMember>(effect)), replies);
    }
  }
}

void GroupSlot::BeginWrite(const std::string& id, Group& group, core::PersistGroup persist,
                           Replies& replies) {
  group.watch.OnWrite(persist.group);
  const core::GroupPersistId write = persist.id;
  const core::Fence fence{lease_.name, lease_.token};
  const bool is_queued = with_.workers.TryPost(
      [this, id, term = term_, fence, stored = std::move(persist.group), write] {
        const Deadline deadline = Deadline::After(with_.clock, options_.write_timeout);
        Status written;
        for (int attempt = 0; attempt < kWriteAttempts; ++attempt) {
          written = with_.store.Write(stored, fence, deadline);
          // The whole group is written: once more does no harm.
          const bool is_worth_it =
              !written.ok() && (written.error().code == ErrorCode::kOutcomeUnknown ||
                                written.error().code == ErrorCode::kConflict);
          if (!is_worth_it || deadline.HasPassed(with_.clock)) break;
        }
        OnWritten(id, term, write, written);
      });
  if (is_queued) {
    group.is_writing = true;
    ++writes_;
    return;
  }
  const Error full{ErrorCode::kThrottled, "too many groups wait to be written"};
  Handle(id, group, group.machine.OnPersisted(write, full, with_.clock.Now()), replies);
}

void GroupSlot::OnWritten(const std::string& id, std::uint64_t term, core::GroupPersistId persist,
                          const Status& status) {
  Replies replies;
  MutexLock lock(mutex_);
  --writes_;
  changed_.NotifyAll();
  if (!status.ok()) {
    ++with_.counters.writes_failed;
    LANEMQ_LOG(WARN, "group.write_failed", {"group", id}, {"slot", slot_},
               {"error", status.error().ToString()});
  }
  if (term != term_) return;
  if (!status.ok() && status.error().code == ErrorCode::kFenced) {
    return LoseLocked("another metaserver took it over", replies);
  }
  const auto found = groups_.find(id);
  if (found == groups_.end()) return;
  Group& group = found->second;
  group.is_writing = false;
  if (status.ok()) group.watch.OnDurable();
  Handle(id, group, group.machine.OnPersisted(persist, status, with_.clock.Now()), replies);
  Settle(id, group);
}

void GroupSlot::Settle(const std::string& id, Group& group) {
  const std::optional<MonotonicTime> next = group.machine.NextDeadline();
  if (next && (!group.armed || *next < *group.armed)) {
    if (group.armed) timers_.erase({*group.armed, id});
    group.armed = next;
    timers_.emplace(*next, id);
    with_.wake_timer(*next);
  }
  // Nobody ever joined it, and nobody is expected to.
  const bool is_nothing = group.machine.state() == core::GroupState::kEmpty && !next &&
                          group.machine.generation() == core::Generation{} && !group.is_writing;
  if (!is_nothing) return;
  if (group.armed) timers_.erase({*group.armed, id});
  groups_.erase(std::string(id));  // `id` may be the key itself.
}

std::optional<core::StoredGroup> GroupSlot::Peek(const std::string& group,
                                                 core::GroupState* state) const {
  MutexLock lock(mutex_);
  if (!CheckServing().ok()) return std::nullopt;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return std::nullopt;
  if (state != nullptr) *state = found->second.machine.state();
  return found->second.machine.Snapshot();
}

}  // namespace lanemq::metaserver
