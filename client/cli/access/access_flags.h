#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

/// What was asked of the commands on who may do what, before any server is: pure. Every Read...()
/// is kInvalidRequest, with what to write instead, for what cannot be meant.
namespace lanemq::cli {

/// "service:billing", "team:payments"; "billing" is a service.
[[nodiscard]] Result<std::string> ReadPrincipal(const std::string& text);

/// A topic or a group, as typed: exactly one of the two is given.
struct ObjectFlags {
  std::string topic;
  std::string group;
};
/// "topic" or "group" and its name.
struct ObjectName {
  std::string kind;
  std::string name;
  bool is_prefix = false;  ///< `name` is what names begin with: it was typed as "orders.*".
};
/// With `may_be_prefix` a `*` at the end stands for anything.
[[nodiscard]] Result<ObjectName> ReadObject(const ObjectFlags& flags, bool may_be_prefix);

struct GrantFlags {
  std::string principal;
  std::vector<std::string> actions;
  ObjectFlags object;
  std::string expires;  ///< "90d", or a time.
};
[[nodiscard]] Result<idl::Grant> ReadGrant(const GrantFlags& flags, WallTime now);

struct TeamFlags {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> oncall_route;
  std::vector<std::string> members;
  std::vector<std::string> leads;
  std::vector<std::string> removed;
};
/// `team` with what the flags change; a person has one role, that which was given.
[[nodiscard]] Result<idl::Team> ChangeTeam(idl::Team team, const TeamFlags& flags);

struct ServiceFlags {
  std::string name;
  std::string team;
  std::string kind;
  std::optional<std::string> description;
};
[[nodiscard]] Result<idl::Service> ChangeService(idl::Service service, const ServiceFlags& flags);

struct TokenFlags {
  std::string service;
  bool is_mine = false;  ///< Of who asks, who has signed in.
  std::string expires;
  std::string note;
  std::string output_file;
};
/// With --mine the person is for the caller to set.
[[nodiscard]] Result<idl::IssueTokenRequest> ReadIssue(const TokenFlags& flags);

struct AuditFlags {
  std::string actor;
  ObjectFlags object;
  std::string kind;  ///< Of another object: "team", "token", "data_node" ...
  std::string name;
  std::string action;
  std::string since;
  std::string until;
  bool is_denied_only = false;
  std::string source;  ///< "metadata", or a data node.
  std::string cursor;
};
/// Without `max`.
[[nodiscard]] Result<idl::SearchAuditRequest> ReadSearch(const AuditFlags& flags, WallTime now);

/// A number from 1 on.
[[nodiscard]] Result<std::int64_t> ReadGrantId(const std::string& text);

}  // namespace lanemq::cli
