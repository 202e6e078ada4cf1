#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/group/group_machine.h"

namespace lanemq::core {

/// A machine with a clock, a row that holds what was written, and the answers so far: for tests.
/// Writes succeed at once unless `holds_writes`.
class GroupMachineRig {
 public:
  explicit GroupMachineRig(GroupLimits limits = Quick()) : limits_(limits) {
    machine_.emplace("g", limits_, NewId());
  }

  /// No initial delay: a first member need not wait.
  static GroupLimits Quick() {
    GroupLimits limits;
    limits.initial_rebalance_delay = std::chrono::milliseconds{0};
    return limits;
  }
  static JoinCall Wish(std::vector<std::string> topics = {"t"}) {
    JoinCall join;
    join.client_id = "c";
    join.session_timeout = std::chrono::seconds(10);
    join.rebalance_timeout = std::chrono::seconds(60);
    join.protocols = {"range"};
    join.subscription.topics = std::move(topics);
    return join;
  }

  GroupCallId Join(const std::string& member_id, JoinCall join = Wish()) {
    join.member_id = member_id;
    const GroupCallId call = ++last_call_;
    Do(machine_->Join(call, std::move(join), now));
    return call;
  }
  GroupCallId JoinStatic(const std::string& instance, const std::string& member_id = "",
                         JoinCall join = Wish()) {
    join.instance_id = instance;
    return Join(member_id, std::move(join));
  }
  /// Both steps of a dynamic member's first join; its id is in `id`.
  GroupCallId JoinNew(std::string& id, JoinCall join = Wish()) {
    const GroupCallId first = Join("", join);
    EXPECT_TRUE(JoinOf(first).must_rejoin_with_id);
    id = JoinOf(first).member_id;
    return Join(id, std::move(join));
  }
  GroupCallId Sync(const std::string& member_id, std::int64_t generation,
                   GroupAssignment assignments = {}, const std::string& instance = "") {
    const GroupCallId call = ++last_call_;
    Do(machine_->Sync(call, {member_id, instance, Generation{generation}, std::move(assignments)},
                      now));
    return call;
  }
  /// The error's name; "" when it succeeded.
  std::string Heartbeat(const std::string& member_id, std::int64_t generation,
                        const std::string& instance = "") {
    const GroupCallId call = ++last_call_;
    Do(machine_->Heartbeat(call, {member_id, instance, Generation{generation}, ""}, now));
    return ErrorOf(call);
  }
  GroupCallId Leave(const std::string& member_id, const std::string& instance = "") {
    const GroupCallId call = ++last_call_;
    Do(machine_->Leave(call, {member_id, instance, Generation{}, ""}, now));
    return call;
  }
  void Forget(GroupCallId call) { machine_->Forget(call); }
  void Retire(const Error& why) { Do(machine_->Retire(why)); }
  /// Time passes in one leap: what is due happens at its end.
  void Pass(std::chrono::nanoseconds time) {
    now = now + time;
    Do(machine_->OnTime(now));
  }
  /// Ends the write in flight; it is lost unless `status` is ok.
  void EndWrite(const Status& status = {}) {
    ASSERT_TRUE(write.has_value());
    const PersistGroup ended = *std::exchange(write, std::nullopt);
    if (status.ok()) row = ended.group;
    Do(machine_->OnPersisted(ended.id, status, now));
  }
  /// A new coordinator takes over what the row says.
  void Crash() {
    write.reset();
    machine_.emplace(row, limits_, NewId(), now);
  }
  /// `count` dynamic members in a Stable group; the first has all partitions. Returns their ids.
  std::vector<std::string> MakeStable(int count) {
    std::vector<std::string> ids(static_cast<std::size_t>(count));
    for (std::string& id : ids) {
      const GroupCallId call = JoinNew(id);
      for (const std::string& other : ids) {
        if (!other.empty() && other != id) Join(other);
      }
      EXPECT_TRUE(IsJoined(call));
    }
    SyncAll(ids);
    return ids;
  }
  void SyncAll(const std::vector<std::string>& ids) {
    GroupAssignment assignment;
    for (const std::string& id : ids) assignment[id];
    assignment[ids.front()] = {{"t", 0}, {"t", 1}};
    Sync(ids.front(), generation(), assignment);
    for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_TRUE(IsSynced(Sync(ids[i], generation())));
    EXPECT_EQ(machine_->state(), GroupState::kStable);
  }

  [[nodiscard]] bool IsAnswered(GroupCallId call) const {
    return joins.contains(call) || syncs.contains(call) || statuses.contains(call);
  }
  [[nodiscard]] bool IsJoined(GroupCallId call) const {
    return joins.contains(call) && joins.at(call).ok();
  }
  [[nodiscard]] bool IsSynced(GroupCallId call) const {
    return syncs.contains(call) && syncs.at(call).ok();
  }
  [[nodiscard]] const JoinReply& JoinOf(GroupCallId call) const { return joins.at(call).value(); }
  [[nodiscard]] const SyncReply& SyncOf(GroupCallId call) const { return syncs.at(call).value(); }
  /// "" when the call succeeded, "none" while it is not answered.
  [[nodiscard]] std::string ErrorOf(GroupCallId call) const {
    if (!IsAnswered(call)) return "none";
    if (joins.contains(call)) return NameOfError(joins.at(call));
    if (syncs.contains(call)) return NameOfError(syncs.at(call));
    return NameOfError(statuses.at(call));
  }
  template <typename T>
  static std::string NameOfError(const T& result) {
    return result.ok() ? "" : std::string(NameOf(result.error().code));
  }
  [[nodiscard]] GroupState state() const { return machine_->state(); }
  [[nodiscard]] std::int64_t generation() const { return machine_->generation().value; }
  [[nodiscard]] GroupMachine& machine() { return *machine_; }

  MonotonicTime now{std::chrono::seconds(1000)};
  bool holds_writes = false;
  std::optional<PersistGroup> write;  ///< In flight.
  StoredGroup row;
  int writes = 0;

  std::map<GroupCallId, Result<JoinReply>> joins;
  std::map<GroupCallId, Result<SyncReply>> syncs;
  std::map<GroupCallId, Status> statuses;

 private:
  GroupMachine::NewMemberId NewId() {
    return [this](const std::string& client) { return client + "-" + std::to_string(++last_id_); };
  }
  void Do(GroupEffects effects) {
    for (GroupEffect& effect : effects) {
      if (auto* join = std::get_if<ReplyToJoin>(&effect)) {
        EXPECT_TRUE(joins.emplace(join->call, join->reply).second) << "answered twice";
      } else if (auto* sync = std::get_if<ReplyToSync>(&effect)) {
        EXPECT_TRUE(syncs.emplace(sync->call, sync->reply).second) << "answered twice";
      } else if (auto* member = std::get_if<ReplyToMember>(&effect)) {
        EXPECT_TRUE(statuses.emplace(member->call, member->reply).second) << "answered twice";
      } else {
        EXPECT_FALSE(write.has_value()) << "two writes in flight";
        write = std::get<PersistGroup>(effect);
        ++writes;
      }
    }
    if (write && !holds_writes) EndWrite();
  }

  GroupLimits limits_;
  std::optional<GroupMachine> machine_;
  GroupCallId last_call_ = 0;
  int last_id_ = 0;
};

}  // namespace lanemq::core
