#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/access/access_types.h"
#include "common/core/access/quota_text.h"

namespace lanemq::core {

/// What a request may ask for. The texts are in policy_text.h.
enum class ChangeKind : std::uint8_t {
  kCreateTopic,
  kAlterTopic,
  kAddPartitions,
  kDeleteTopic,
  kPutGroup,
  kDeleteGroup,
  kPutGrant,
  kRevokeGrant,
  kSetOwner,
  kSetQuota,
  kPutTeam,
  kDeleteTeam,
};
inline constexpr std::size_t kChangeKindCount = 12;

/// Who has to say yes.
struct Approver {
  enum class Kind : std::uint8_t {
    kOwnerLeads,  ///< In a policy: leads of the team, or teams, whose things are changed.
    kTeamLeads,   ///< Leads of `team`.
    kOperators,   ///< Operators and admins.
    kAdmins,
  };
  Kind kind = Kind::kOperators;
  std::string team;  ///< Of kTeamLeads alone.
  auto operator<=>(const Approver&) const = default;
};

/// Both ends may be missing; both are within.
struct NumberRange {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  bool operator==(const NumberRange&) const = default;
};

/// What names are like: segments between dots. A segment begins with a letter and has letters,
/// digits and `punctuation` between them. Checked in one pass, so that no name costs more than its
/// length.
struct NameRule {
  std::int64_t segments_min = 1;
  std::int64_t segments_max = 4;
  std::int64_t segment_bytes_min = 2;
  std::int64_t segment_bytes_max = 41;
  std::int64_t bytes_max = 100;
  std::string punctuation = "-";  ///< Of '-' and '_'; the first one is what fixes use.
  bool allows_upper_case = false;
  bool begins_with_owner = false;     ///< The first segment is the owning team's name.
  std::vector<std::string> prefixes;  ///< Names begin with one of these; empty: with anything.
  bool operator==(const NameRule&) const = default;
};

struct RequiredFields {
  bool description = false;
  bool owner = false;
  bool tier = false;
  bool traffic = false;  ///< Messages a day and their size.
  bool operator==(const RequiredFields&) const = default;
};

/// When a change is applied without anybody's yes, and whose yes it needs otherwise.
///
/// All conditions must hold. Limits count for a change that raises what they limit: whoever makes
/// a large topic smaller needs nobody.
struct ApprovalRule {
  bool is_automatic = true;
  std::optional<std::int64_t> partitions_max;        ///< Of the topic afterwards.
  std::optional<std::int64_t> messages_per_day_max;  ///< The same.
  std::optional<std::int64_t> stored_bytes_max;      ///< The same, as StoredBytes() has it.
  std::vector<std::string> tiers;                    ///< Empty: every tier.
  std::vector<Action> actions;   ///< Grants with no other actions; empty: every action.
  bool is_for_own_team = false;  ///< Grants to the owning team's own services and members alone.
  std::vector<Approver> approvers = {{.kind = Approver::Kind::kOwnerLeads, .team = {}}};
  bool operator==(const ApprovalRule&) const = default;
};

/// What is proposed for so many messages.
struct SizingRule {
  std::int64_t messages_per_partition_and_day = 1'000'000;
  /// Whatever the messages: what test environments use (2). nullopt: by messages.
  std::optional<std::int64_t> partitions;
  bool operator==(const SizingRule&) const = default;
};

using ApprovalRules = std::map<ChangeKind, ApprovalRule>;

/// Topics, groups and grants are applied at once within the author's own teams; quotas and teams
/// are for operators.
[[nodiscard]] ApprovalRules DefaultApprovals();

/// What an environment allows, as data. As constructed it allows whatever the cluster can do, but
/// for reserved names: what a cluster without a policy has.
struct Policy {
  std::string environment;
  std::optional<NameRule> topic_names;  ///< nullopt: Kafka's rules alone, which always hold.
  std::optional<NameRule> group_names;
  /// Endings of names that LaneMQ or its users' tools give a meaning.
  std::vector<std::string> reserved_suffixes = {".retry", ".dlq"};
  NumberRange partitions;
  NumberRange retention_ms;  ///< Without limit is more than any maximum.
  std::optional<std::int64_t> message_bytes_max;
  RequiredFields required;
  std::vector<std::string> tiers = {"page", "ticket"};  ///< Empty: any text.
  /// Grants to another team than the owner end after so many days at most. nullopt: never.
  std::optional<std::int64_t> grant_days_max;
  bool may_delete_topics_in_use = false;
  SizingRule sizing;
  ApprovalRules approvals = DefaultApprovals();  ///< Of every kind of change.
  std::int64_t request_days_max = 14;            ///< Then a request that waits has expired.
  bool operator==(const Policy&) const = default;
};

/// Somebody, and what he is at the moment.
struct Actor {
  Principal principal;
  std::map<std::string, TeamRole, std::less<>> teams;  ///< A service is a member of its team.
  bool is_operator = false;
  bool is_admin = false;  ///< May what operators may, too.
  bool operator==(const Actor&) const = default;

  [[nodiscard]] bool IsIn(std::string_view team) const { return teams.contains(team); }
  [[nodiscard]] bool Leads(std::string_view team) const {
    const auto seat = teams.find(team);
    return seat != teams.end() && seat->second == TeamRole::kLead;
  }
  [[nodiscard]] bool Operates() const { return is_operator || is_admin; }
};

}  // namespace lanemq::core
