#pragma once

#include <lanemq_types.h>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

/// What was asked of the commands on alerts, before any server is: pure. Every Read...() is
/// kInvalidRequest, with what to write instead, for what cannot be meant.
namespace lanemq::cli {

/// As typed; empty or absent: not given.
struct RuleFlags {
  std::string kind;
  bool is_on = false;
  bool is_off = false;
  std::optional<double> threshold;
  std::string for_at_least;
  std::string severity;
  std::optional<std::string> owner;
};
[[nodiscard]] Result<idl::AlertRule> ReadRule(const RuleFlags& flags);

struct ChannelFlags {
  std::string name;
  std::string type;
  std::string url;
  std::vector<std::string> recipients;
  std::string sender;
  std::vector<std::string> owners;
  std::string severity;
  std::string secret_file;
  std::string user;
  bool is_off = false;
};
[[nodiscard]] Result<idl::AlertChannel> ReadChannel(const ChannelFlags& flags);

struct SilenceFlags {
  std::string kind;
  std::string subject;
  std::string for_how_long;
  std::string reason;
};
/// Without created_by.
[[nodiscard]] Result<idl::SilenceAlertRequest> ReadSilence(const SilenceFlags& flags);

struct ObjectiveFlags {
  std::string group;
  std::string topic;
  std::string lag;
  std::optional<std::int64_t> allowed;
  std::optional<std::string> owner;
  std::string tier;
  std::string alerts;
};
/// `is_change`: something must be set.
[[nodiscard]] Result<idl::LagObjective> ReadObjective(const ObjectiveFlags& flags, bool is_change);

}  // namespace lanemq::cli
