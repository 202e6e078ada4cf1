#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/core/policy/decision.h"
#include "common/core/policy/policy_text.h"
#include "common/core/policy/policy_world.h"

namespace lanemq::core::policy_rig {

inline constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;
inline constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1'000;
inline constexpr std::int64_t kGiB = std::int64_t{1} << 30;
inline constexpr WallTime kNow{1'800'000'000'000'000};

inline WallTime DaysFromNow(std::int64_t days) { return WallTime{kNow.micros + days * kDayMicros}; }

/// A small company.
///
/// payments has two leads (ann, gail) and a member (bob); billing one lead (carl) and a member
/// (dora); solo has eve alone, who leads it; leadless has no lead, empty nobody. Team gone is not
/// there, though a topic says it is its.
inline PolicyWorld SmallWorld() {
  PolicyWorld world;
  world.PutTeam(
      {"payments",
       "",
       "",
       {{"ann", TeamRole::kLead}, {"bob", TeamRole::kMember}, {"gail", TeamRole::kLead}}});
  world.PutTeam({"billing", "", "", {{"carl", TeamRole::kLead}, {"dora", TeamRole::kMember}}});
  world.PutTeam({"solo", "", "", {{"eve", TeamRole::kLead}}});
  world.PutTeam({"leadless", "", "", {{"frank", TeamRole::kMember}}});
  world.PutTeam({"empty", "", "", {}});
  world.PutService("pay-api", "payments");
  world.PutService("bill-api", "billing");
  world.PutService("robot", "");
  const Traffic traffic{1'000'000, 1'000, Ordering::kPerKey};
  const auto topic = [&](std::string name, std::string owner, bool is_in_use) {
    world.PutTopic(
        {std::move(name), std::move(owner), "page", "what it is", 4, {}, traffic, is_in_use});
  };
  topic("payments.orders", "payments", true);
  topic("payments.idle", "payments", false);
  topic("billing.invoices", "billing", true);
  topic("orphan.events", "", false);
  topic("lost.events", "gone", false);
  topic("legacy.Mixed_Case", "payments", false);
  world.PutGroup({"payments.api", "payments", "page", "what it is"});
  world.PutGroup({"billing.report", "billing", "ticket", "what it is"});
  world.PutGroup({"orphan.group", "", "", ""});
  Grant grant{1,
              ResourceKind::kTopic,
              "payments.orders",
              false,
              {PrincipalKind::kTeam, "billing"},
              {Action::kConsume},
              DaysFromNow(30)};
  world.PutGrant(grant);
  world.SetQuota("billing", {.topics = 3,
                             .partitions = 20,
                             .stored_bytes = 20 * kGiB,
                             .produce_bytes_per_s = {},
                             .fetch_bytes_per_s = {},
                             .messages_per_s = {},
                             .message_bytes_max = 100'000});
  return world;
}

/// Strict, as production is.
inline Policy StrictPolicy() {
  Policy policy;
  policy.environment = "production";
  policy.topic_names = NameRule{.segments_min = 2, .segment_bytes_min = 1, .prefixes = {}};
  policy.group_names = NameRule{.segments_min = 2, .segment_bytes_min = 1, .prefixes = {}};
  policy.partitions = {1, 32};
  policy.retention_ms = {kDayMs / 24, 30 * kDayMs};
  policy.message_bytes_max = 1 << 20;
  policy.required = {.description = true, .owner = true, .tier = true, .traffic = false};
  policy.grant_days_max = 90;
  for (const ChangeKind kind :
       {ChangeKind::kCreateTopic, ChangeKind::kAlterTopic, ChangeKind::kAddPartitions}) {
    policy.approvals[kind].partitions_max = 16;
    policy.approvals[kind].messages_per_day_max = 10'000'000;
    policy.approvals[kind].stored_bytes_max = 100 * kGiB;
  }
  policy.approvals[ChangeKind::kDeleteTopic].is_automatic = false;
  policy.approvals[ChangeKind::kPutGrant].actions = {Action::kDescribe, Action::kProduce,
                                                     Action::kConsume};
  return policy;
}

inline Author AuthorNamed(const std::string& name) {
  Author author;
  author.who.principal = {PrincipalKind::kPerson, name};
  author.who.is_operator = name == "olga";
  author.who.is_admin = name == "adam";
  const PolicyWorld world = SmallWorld();
  for (const auto& [team, facts] : world.teams()) {
    for (const TeamMember& member : facts.members) {
      if (member.person == name) author.who.teams[team] = member.role;
    }
  }
  return author;
}

/// A topic that may be made at once by somebody in payments.
inline CreateTopicChange GoodTopic(std::string name = "payments.refunds",
                                   std::string owner = "payments") {
  return {.name = std::move(name),
          .owner = std::move(owner),
          .tier = "page",
          .description = "what it is",
          .partitions = 4,
          .config = {},
          .traffic = Traffic{1'000'000, 1'000, Ordering::kPerKey}};
}

inline Grant GoodGrant() {
  return {0,
          ResourceKind::kTopic,
          "payments.orders",
          false,
          {PrincipalKind::kTeam, "solo"},
          {Action::kConsume},
          DaysFromNow(30)};
}

/// `change` with something else about it.
template <typename T>
Change With(T change, const std::type_identity_t<std::function<void(T&)>>& tweak) {
  tweak(change);
  return change;
}
inline Change TopicWith(const std::function<void(CreateTopicChange&)>& tweak) {
  return With(GoodTopic(), tweak);
}
inline Change GrantWith(const std::function<void(Grant&)>& tweak) {
  PutGrantChange change{GoodGrant()};
  tweak(change.grant);
  return change;
}

/// "description, name": fields that are violated, sorted, each once.
inline std::string FieldsOf(const Decision& decision) {
  std::vector<std::string> fields;
  for (const Violation& violation : decision.violations) fields.push_back(violation.field);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::string text;
  for (const std::string& field : fields) text += (text.empty() ? "" : ", ") + field;
  return text;
}

/// "operators, team:payments"; "-": nobody.
inline std::string ApproversOf(const Decision& decision) {
  std::vector<std::string> names;
  for (const Approver& approver : decision.approvers) names.push_back(ToString(approver));
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "-" : text;
}

/// What a failed test prints.
inline std::string Shown(const Decision& decision) {
  std::string text = std::string(ToString(decision.kind)) + ", " + ApproversOf(decision);
  for (const Violation& v : decision.violations) {
    text += "\n  " + v.subject + ": " + v.field + " limit '" + v.limit + "' got '" + v.got +
            "' fix '" + v.fix.value_or("(none)") + "' " + v.why;
  }
  return text;
}

}  // namespace lanemq::core::policy_rig
