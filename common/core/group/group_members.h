#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/time.h"
#include "common/core/group/group_machine.h"
#include "common/core/group/group_types.h"

namespace lanemq::core {

/// The calls of one member that wait for the same answer: a request that was repeated, because its
/// reply was late, waits beside the first. Bounded.
class ParkedCalls {
 public:
  /// The call that had to make room, if any.
  std::optional<GroupCallId> Add(GroupCallId call);
  bool Remove(GroupCallId call);
  std::vector<GroupCallId> TakeAll();
  [[nodiscard]] bool empty() const { return calls_.empty(); }

 private:
  std::vector<GroupCallId> calls_;
};

/// What the coordinator knows of a member.
struct Member {
  StoredMember stored;
  ParkedCalls joins;
  ParkedCalls syncs;
  /// For the rebalance that is being prepared.
  bool has_joined = false;
  /// Its join may be answered when this version of the group is durable.
  std::uint64_t reveal_version = 0;
  /// Since when it has what it said it owns, in its newest join that said so.
  Generation newest_owned_generation;
  /// What the next generation must exceed; see JoinCall.
  Generation generation_floor;
  /// Not counted while a call is parked.
  MonotonicTime session_deadline;
  /// Set while it knows its generation and has not asked for its assignment.
  std::optional<MonotonicTime> sync_deadline;

  [[nodiscard]] const std::string& id() const { return stored.member.member_id; }
  /// nullopt while a call is parked.
  [[nodiscard]] std::optional<MonotonicTime> Deadline() const;
  void TouchSession(MonotonicTime now) { session_deadline = now + stored.session_timeout; }
};

/// The members in the order in which they came, by id and by instance id.
class GroupMembers {
 public:
  /// Requires: neither the id nor the instance id is known. The reference stays good until it is
  /// removed.
  Member& Add(StoredMember stored);
  /// A static member's next incarnation takes the old one's place in the order.
  void ChangeId(Member& member, const std::string& new_id);
  void Remove(const std::string& member_id);

  [[nodiscard]] Member* Find(const std::string& member_id);
  [[nodiscard]] const Member* Find(const std::string& member_id) const;
  [[nodiscard]] Member* FindInstance(const std::string& instance_id);

  [[nodiscard]] bool HaveAllJoined() const;
  /// 0 without members.
  [[nodiscard]] std::chrono::milliseconds LargestRebalanceTimeout() const;
  /// Their protocol lists, the oldest member first; without that of `except`.
  [[nodiscard]] std::vector<const std::vector<std::string>*> Protocols(
      const Member* except = nullptr) const;

  [[nodiscard]] std::size_t size() const { return by_age_.size(); }
  [[nodiscard]] bool empty() const { return by_age_.empty(); }
  /// Pairs of age and member, the oldest first.
  auto begin() { return by_age_.begin(); }
  auto end() { return by_age_.end(); }
  [[nodiscard]] auto begin() const { return by_age_.begin(); }
  [[nodiscard]] auto end() const { return by_age_.end(); }

 private:
  std::map<std::uint64_t, Member> by_age_;
  std::unordered_map<std::string, std::uint64_t> by_id_;
  std::unordered_map<std::string, std::uint64_t> by_instance_;
  std::uint64_t next_age_ = 0;
};

/// Member ids that were given out and have not joined yet. Bounded: the oldest makes room.
class PendingMembers {
 public:
  void Add(const std::string& member_id, MonotonicTime deadline, std::size_t max);
  /// False: not pending.
  bool Remove(const std::string& member_id);
  void Expire(MonotonicTime now);
  [[nodiscard]] bool Contains(const std::string& member_id) const;
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;

 private:
  struct Pending {
    std::string member_id;
    MonotonicTime deadline;
  };
  std::vector<Pending> pending_;  // By deadline: all wait equally long.
};

}  // namespace lanemq::core
