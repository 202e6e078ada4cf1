#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/caller.h"

namespace lanemq::core {

/// What may be done to a topic, a group, or the cluster.
///
/// Topics: kDescribe, kProduce, kConsume, kPeek, kManage. Groups: kDescribe, kConsume, kManage.
/// The cluster: the others. kManage contains kDescribe and, on groups, nothing of kConsume.
enum class Action : std::uint8_t {
  kDescribe,  ///< Configuration, offsets, lag, members; no keys, headers or bodies.
  kProduce,   ///< Also delayed messages.
  kConsume,   ///< Read and commit.
  kPeek,      ///< Read payloads outside a group, as people do.
  kManage,    ///< Alter, delete, trim, reset, pause, drop.

  kNothing,     ///< Whoever is authenticated.
  kOperate,     ///< Data nodes, brokers, alert channels: who is on call for LaneMQ itself.
  kAdminister,  ///< Teams, services, tokens, grants, owners, the audit log.
  kServe,       ///< What servers ask each other.
  kActFor,      ///< Open sessions of people who have proved elsewhere who they are: gateways.
};

enum class ResourceKind : std::uint8_t { kTopic, kGroup, kCluster };

/// A thing that something is done to. The cluster has no name.
struct Resource {
  ResourceKind kind = ResourceKind::kCluster;
  std::string name;
  bool operator==(const Resource&) const = default;
};

enum class ServiceKind : std::uint8_t {
  kApplication = 1,  ///< What its team owns, and what is granted.
  kServer = 2,       ///< Brokers, metaservers, canaries: kServe, describe, and "lanemq.*" topics.
  kGateway = 3,      ///< The portal: kActFor alone.
  kOperator = 4,     ///< All but kAdminister, kServe, kActFor: tools of who runs LaneMQ.
  kAdmin = 5,        ///< All but kServe and kActFor.
};

enum class TeamRole : std::uint8_t { kMember = 1, kLead = 2 };

struct TeamMember {
  std::string person;
  TeamRole role = TeamRole::kMember;
  bool operator==(const TeamMember&) const = default;
};

/// What a person may do beside what his teams allow.
enum class PersonRole : std::uint8_t {
  kViewer = 1,    ///< Describe everything; no payloads.
  kOperator = 2,  ///< As a service of kind operator.
  kAdmin = 3,     ///< As a service of kind admin.
};

/// A person as far as it decides. Who is in a team and is not here may what the team's people may,
/// and cannot sign in.
struct Person {
  std::string name;
  PersonRole role = PersonRole::kViewer;
  bool is_disabled = false;           ///< Neither sessions nor tokens of his count meanwhile.
  bool must_change_password = false;  ///< He may do that, and nothing else.
  bool operator==(const Person&) const = default;
};

/// What a team may have. nullopt: as much as there is.
struct TeamQuota {
  std::optional<std::int64_t> topics;
  std::optional<std::int64_t> partitions;
  std::optional<std::int64_t> stored_bytes;
  std::optional<std::int64_t> produce_bytes_per_s;
  std::optional<std::int64_t> fetch_bytes_per_s;
  std::optional<std::int64_t> messages_per_s;  ///< Produced.
  std::optional<std::int64_t> message_bytes_max;
  bool operator==(const TeamQuota&) const = default;
};

struct QuotaOfTeam {
  std::string team;
  TeamQuota quota;
  bool operator==(const QuotaOfTeam&) const = default;
};

/// What brokers do about rates above a quota.
enum class QuotaMode : std::uint8_t {
  kOff = 1,      ///< Nothing: the kill switch.
  kLog = 2,      ///< Count what would be refused, and serve it.
  kEnforce = 3,  ///< Refuse with kThrottled and when to come back.
};

struct Team {
  std::string name;
  std::string description;
  std::string oncall_route;         ///< An alert channel's name; empty: none.
  std::vector<TeamMember> members;  ///< By person.
  bool operator==(const Team&) const = default;
};

/// A program that connects.
struct Service {
  std::string name;
  std::string team;  ///< Empty: nobody's (servers, gateways, tools of operators).
  ServiceKind kind = ServiceKind::kApplication;
  std::string description;
  bool is_disabled = false;  ///< Its tokens do not count meanwhile.
  bool operator==(const Service&) const = default;
};

/// A service's or person's token without its secret.
struct Token {
  std::string id;
  std::string hash;     ///< SHA-256 of the secret's text, 32 bytes.
  std::string service;  ///< Empty: a person's.
  WallTime created_at;
  std::optional<WallTime> expires_at;
  std::string created_by;
  std::string note;
  std::string person;       ///< Empty: a service's.
  bool is_session = false;  ///< Made by signing in; ends by signing out.
  bool operator==(const Token&) const = default;
};

struct Grant {
  std::int64_t id = 0;
  ResourceKind kind = ResourceKind::kTopic;
  std::string name;
  bool is_prefix = false;       ///< `name` is what names begin with; an empty one is every name.
  Principal principal;          ///< A service or a team.
  std::vector<Action> actions;  ///< Sorted, without repetition; of the kind.
  std::optional<WallTime> expires_at;
  bool operator==(const Grant&) const = default;
};

/// Whose a topic or group is.
struct Owner {
  ResourceKind kind = ResourceKind::kTopic;
  std::string name;
  std::string team;
  bool operator==(const Owner&) const = default;
};

/// Everything that decides, at one version.
struct AccessRecords {
  std::int64_t version = 0;
  std::string cluster_id;
  std::vector<Team> teams;          ///< By name.
  std::vector<Service> services;    ///< By name.
  std::vector<Token> tokens;        ///< By id.
  std::vector<Grant> grants;        ///< By id.
  std::vector<Owner> owners;        ///< By kind and name.
  std::vector<Person> people;       ///< By name.
  std::vector<QuotaOfTeam> quotas;  ///< By team.
  QuotaMode quota_mode = QuotaMode::kEnforce;
  /// The version at which anything but tokens of people changed last; 0: not known.
  std::int64_t rights_version = 0;
};

/// What a cluster may have of each; one more is kInsufficientCapacity.
struct AccessLimits {
  static constexpr std::size_t kTeamsMax = 5'000;
  static constexpr std::size_t kMembersPerTeamMax = 500;
  static constexpr std::size_t kMembersMax = 20'000;  ///< Of all teams together.
  static constexpr std::size_t kServicesMax = 10'000;
  static constexpr std::size_t kTokensMax = 20'000;
  static constexpr std::size_t kTokensPerServiceMax = 20;
  static constexpr std::size_t kGrantsMax = 50'000;
  static constexpr std::size_t kOwnersMax = 50'000;
  static constexpr std::size_t kPeopleMax = 20'000;
  static constexpr std::size_t kTokensPerPersonMax = 20;  ///< Sessions, too: the oldest one goes.
  static constexpr std::size_t kNameBytesMax = 100;
};

}  // namespace lanemq::core
