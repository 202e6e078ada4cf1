#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"

/// What the coordinator, the assignors and the client's membership have in common.
namespace lanemq::core {

/// A partition by its topic's name: what members and assignors speak of. Names, since a
/// subscription may come before its topic.
struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// Kafka's states. Dead: deleted, or handed over; every call is answered with an error.
enum class GroupState { kEmpty, kPreparingRebalance, kCompletingRebalance, kStable, kDead };

/// What a member wants and has, as it said when it joined last.
struct MemberSubscription {
  std::vector<std::string> topics;  ///< Resolved from patterns by the member; sorted.
  /// What it still holds, for sticky assignors, and since which generation it does.
  std::vector<TopicPartition> owned;
  Generation owned_generation;
  auto operator<=>(const MemberSubscription&) const = default;
};

/// One member as the leader and the assignors see it.
struct GroupMember {
  std::string member_id;
  std::string instance_id;  ///< Empty: dynamic.
  MemberSubscription subscription;
  auto operator<=>(const GroupMember&) const = default;
};

/// Per member id; a member without partitions is there with an empty list.
using GroupAssignment = std::map<std::string, std::vector<TopicPartition>>;

/// A member as it is persisted.
struct StoredMember {
  GroupMember member;
  std::string client_id;
  std::string host;  ///< Identity: host:port:start time:pid.
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds rebalance_timeout{300'000};
  std::vector<std::string> protocols;  ///< Assignors it can do, preferred first.
  std::vector<TopicPartition> assignment;
  auto operator<=>(const StoredMember&) const = default;
};

/// A group as it is persisted. Only kEmpty, kCompletingRebalance and kStable are ever stored: what
/// is being prepared is not worth keeping, members join again.
struct StoredGroup {
  std::string group_id;
  GroupState state = GroupState::kEmpty;
  Generation generation;
  std::string protocol;  ///< The assignor chosen; empty while the group is.
  std::string leader;    ///< Member id.
  std::vector<StoredMember> members;
  /// Why the newest rebalance began, for people.
  std::string reason;
  /// How many partitions changed their owner in it.
  std::int64_t moved = 0;
  /// Since when it has had no members; the database's clock. Set by the store.
  std::optional<WallTime> empty_since;
};

/// Kafka's defaults; all configurable on the metaserver.
struct GroupLimits {
  std::chrono::milliseconds session_timeout_min{6'000};
  std::chrono::milliseconds session_timeout_max{1'800'000};
  std::chrono::milliseconds initial_rebalance_delay{3'000};
  /// A member id that was given out and has not joined is forgotten after this long.
  std::chrono::milliseconds pending_member_timeout{30'000};
  std::size_t members_max = 1'000;
  std::size_t topics_max = 1'000;  ///< Of one subscription.
};

}  // namespace lanemq::core
