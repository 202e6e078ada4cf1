#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/base/thread_pool.h"
#include "common/core/group/group_machine.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lease_store.h"
#include "metaserver/coordinator/coordinator_stats.h"
#include "metaserver/coordinator/group_calls.h"
#include "metaserver/coordinator/group_watch.h"
#include "metaserver/coordinator/member_callers.h"
#include "metaserver/coordinator/offset_nodes.h"
#include "metaserver/coordinator/poll_notes.h"

namespace lanemq::metaserver {

/// The groups of one slot while this metaserver holds its lease: the shell of their machines.
///
/// Events of a slot run one at a time, on the caller's thread, and never block: writes and loads go
/// to a pool. A parked call holds no thread. Whether the lease is still trusted is looked at with
/// every event, so a process that was paused answers nothing it should not.
/// Thread safety: every method from any thread.
class GroupSlot {
 public:
  enum class State { kNotMine, kLoading, kServing, kDraining };
  struct Options {
    core::GroupLimits limits;
    core::LeaseTrust::Options lease;
    std::size_t groups_max = 20'000;
    std::chrono::milliseconds write_timeout{3'000};
    std::chrono::milliseconds load_timeout{10'000};
  };
  /// Shared by all slots; outlives them.
  struct Surroundings {
    core::GroupStore& store;
    ThreadPool& workers;
    CoordinatorCounters& counters;
    const Clock& clock;
    const OffsetNodes& offsets;
    std::function<void(MonotonicTime)> wake_timer;  ///< Be back by then. Must not block.
  };

  GroupSlot(int slot, Options options, Surroundings surroundings);

  // Clients' calls. Errors of all: COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR,
  // COORDINATOR_NOT_AVAILABLE (the metadata database does not answer), and the machine's.
  CallTicket Join(const std::string& group, core::JoinCall join, OnJoined done);
  CallTicket Sync(const std::string& group, core::SyncCall sync, OnSynced done);
  /// `poll_age`: since the member's application last called Poll(), if it tells. `caller`: see
  /// NoteCaller().
  CallTicket Heartbeat(const std::string& group, const core::MemberCall& beat, OnMemberDone done,
                       std::optional<std::chrono::milliseconds> poll_age = std::nullopt,
                       std::shared_ptr<const core::Caller> caller = nullptr);
  CallTicket Leave(const std::string& group, const core::MemberCall& leave, OnMemberDone done);
  /// Nobody waits for the answer any more.
  void Forget(const CallTicket& ticket);
  /// Forgets the group's offsets and pauses on every data node, then the group; one without a row
  /// has offsets only. Blocks. FAILED_PRECONDITION when it has members; the data node's error when
  /// one does not answer: the group is still there, and perhaps some of its offsets; repeat it.
  Status Delete(const std::string& group, const core::AuditNote& note, Deadline deadline);
  /// The same, if the group is as it was at `generation`; gives way to a member that wants to join:
  /// CONFLICT, or FAILED_PRECONDITION. Offsets committed within `idle_for` (a data node's clock)
  /// stay, and so does the group when a member's are among them: CONFLICT. The audit log says that
  /// a job of the metaserver did it.
  Status Expire(const std::string& group, core::Generation generation,
                std::chrono::microseconds idle_for, Deadline deadline);
  /// A group this slot serves at the moment, and its state, which is not stored while a rebalance
  /// is prepared. `state` may be null.
  [[nodiscard]] std::optional<core::StoredGroup> Peek(const std::string& group,
                                                      core::GroupState* state) const;

  /// The newest heartbeat of a member; nullopt: none was heard here.
  [[nodiscard]] std::optional<PollNotes::Note> LastHeard(const std::string& group,
                                                         std::string_view member_id) const;

  /// Who a member is, as its call said. Null: nobody has to say; nothing is kept.
  void NoteCaller(const std::string& group, const std::string& member_id,
                  std::shared_ptr<const core::Caller> caller);
  struct NotedMember {
    std::string group;
    std::string member_id;  ///< It may have gone since.
    std::shared_ptr<const core::Caller> caller;
  };
  /// Everybody of whom that is known, while the slot serves.
  [[nodiscard]] std::vector<NotedMember> NotedMembers() const;

  // The keeper's.
  /// The lease was taken by an attempt that began at `attempt`; loading begins with Load().
  void Take(const core::Lease& lease, MonotonicTime attempt);
  void Renewed(MonotonicTime attempt);
  /// Begins to load when that is due. Call it again until the slot serves.
  void Load();
  /// Refuses new calls and waits for the writes under way; false: they take longer than that.
  bool Drain(Deadline deadline);
  /// Answers every parked call NOT_COORDINATOR and forgets the groups.
  void End(const std::string& why);
  /// The same, for a lease that ended without this metaserver's will.
  void Lose(const std::string& why);
  /// Set while the metadata database does not answer: nobody expires then.
  void SetOutage(std::optional<Error> outage);
  [[nodiscard]] State state() const;
  /// nullopt: not held, or trusted no more.
  [[nodiscard]] std::optional<core::Lease> lease() const;
  [[nodiscard]] bool ShouldRenew() const;
  [[nodiscard]] bool is_degraded() const;

  /// Ends the slot when its lease is trusted no more; expiries that are due. Returns when to call
  /// again at the latest.
  std::optional<MonotonicTime> OnTime();
  void AddTo(CoordinatorStats& stats) const;

 private:
  struct Group {
    core::GroupMachine machine;
    GroupWatch watch;
    std::optional<MonotonicTime> armed;
    bool is_writing = false;
    PollNotes polls{};
    MemberCallers callers{};
  };
  /// A group that is being deleted.
  struct Ending {
    std::string id;
    core::AuditNote note;
    Deadline deadline;
    std::optional<core::Generation> expected;  ///< Set: it expires.
    std::chrono::microseconds idle_for{0};
    std::uint64_t term = 0;
    core::Fence fence;
  };
  using Event = std::function<core::GroupEffects(Group&, core::GroupCallId, MonotonicTime)>;

  [[nodiscard]] Status CheckServing() const LANEMQ_REQUIRES(mutex_);
  Result<Group*> FindOrMake(const std::string& group, bool may_make) LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] core::GroupMachine::NewMemberId MemberIds();
  void Handle(const std::string& id, Group& group, core::GroupEffects effects, Replies& replies)
      LANEMQ_REQUIRES(mutex_);
  void BeginWrite(const std::string& id, Group& group, core::PersistGroup persist, Replies& replies)
      LANEMQ_REQUIRES(mutex_);
  void NoteBeat(const std::string& group, const std::string& member_id,
                std::optional<std::chrono::milliseconds> poll_age,
                std::shared_ptr<const core::Caller> caller);
  void OnWritten(const std::string& id, std::uint64_t term, core::GroupPersistId persist,
                 const Status& status);
  /// After every event: its timer, or its end when there is nothing to remember of it.
  void Settle(const std::string& id, Group& group) LANEMQ_REQUIRES(mutex_);
  Status EndGroup(Ending ending);
  /// Closes the group to everybody and waits for its write; sets the term and the fence.
  Status BeginEnd(Ending& ending);
  /// Looked at before and after everything that is deleted.
  [[nodiscard]] Status MayGoOn(const Ending& ending) const;
  [[nodiscard]] Status CheckEmpty(const Ending& ending) const LANEMQ_REQUIRES(mutex_);
  /// How many, on all nodes.
  static Result<std::int64_t> ExpireOffsets(core::OffsetStore& store, const Ending& ending);
  [[nodiscard]] Result<std::int64_t> DeleteOffsets(const Ending& ending) const;
  void EndLocked(const std::string& why, Replies& replies) LANEMQ_REQUIRES(mutex_);
  void LoseLocked(const std::string& why, Replies& replies) LANEMQ_REQUIRES(mutex_);
  void FireTimers(MonotonicTime now, Replies& replies) LANEMQ_REQUIRES(mutex_);
  void Install(std::uint64_t term, Result<std::vector<core::StoredGroup>> loaded);
  /// Runs `event` on the group. An error before it goes to `refuse`.
  CallTicket Call(const std::string& id, bool may_make, GroupCalls::Callback done,
                  const std::function<void(const Error&)>& refuse, const Event& event);

  const int slot_;
  const Options options_;
  const Surroundings with_;

  mutable Mutex mutex_;
  CondVar changed_;
  Random random_ LANEMQ_GUARDED_BY(mutex_) = Random::FromSystem();
  State state_ LANEMQ_GUARDED_BY(mutex_) = State::kNotMine;
  core::Lease lease_ LANEMQ_GUARDED_BY(mutex_);
  core::LeaseTrust trust_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> outage_ LANEMQ_GUARDED_BY(mutex_);
  /// Counts Take()s: an answer of the database for an earlier one is not looked at.
  std::uint64_t term_ LANEMQ_GUARDED_BY(mutex_) = 0;
  bool is_loading_ LANEMQ_GUARDED_BY(mutex_) = false;
  MonotonicTime load_due_ LANEMQ_GUARDED_BY(mutex_);
  /// And deletions; under way, of earlier terms too.
  std::size_t writes_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Group> groups_ LANEMQ_GUARDED_BY(mutex_);
  /// Closed to everybody; true: somebody has asked for it since.
  std::map<std::string, bool> deleting_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::pair<MonotonicTime, std::string>> timers_ LANEMQ_GUARDED_BY(mutex_);
  GroupCalls calls_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
