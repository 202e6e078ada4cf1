#include "common/core/policy/bundle_checks.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/policy/policy_text.h"
#include "common/core/types/audit.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;

std::string KindText(ResourceKind kind) { return kind == ResourceKind::kGroup ? "group" : "topic"; }

std::string TextOf(const GrantKey& key) {
  return fmt::format("grant {} {}{} to {}", KindText(key.kind), key.name, key.is_prefix ? "*" : "",
                     ToString(Principal{key.principal_kind, key.principal_name}));
}

/// What a change is about, as people say it.
struct SubjectOf {
  std::string operator()(const CreateTopicChange& c) const { return "topic " + c.name; }
  std::string operator()(const AlterTopicChange& c) const { return "topic " + c.name; }
  std::string operator()(const AddPartitionsChange& c) const { return "topic " + c.name; }
  std::string operator()(const DeleteTopicChange& c) const { return "topic " + c.name; }
  std::string operator()(const PutGroupChange& c) const { return "group " + c.name; }
  std::string operator()(const DeleteGroupChange& c) const { return "group " + c.name; }
  std::string operator()(const PutGrantChange& c) const { return TextOf(KeyOf(c.grant)); }
  std::string operator()(const RevokeGrantChange& c) const { return TextOf(KeyOf(c)); }
  std::string operator()(const SetOwnerChange& c) const { return KindText(c.kind) + " " + c.name; }
  std::string operator()(const SetQuotaChange& c) const { return "team " + c.team; }
  std::string operator()(const PutTeamChange& c) const { return "team " + c.team.name; }
  std::string operator()(const DeleteTeamChange& c) const { return "team " + c.name; }
};

/// Whether the thing's changes may stand together, each being there once.
bool AreCompatible(const std::vector<ChangeKind>& kinds) {
  if (kinds.size() == 1) return true;
  const std::set<ChangeKind> distinct(kinds.begin(), kinds.end());
  if (distinct.size() != kinds.size()) return false;
  return std::all_of(kinds.begin(), kinds.end(), [](ChangeKind kind) {
    switch (kind) {
      case ChangeKind::kAlterTopic:
      case ChangeKind::kAddPartitions:
      case ChangeKind::kSetOwner:
      case ChangeKind::kSetQuota:
      case ChangeKind::kPutTeam:
        return true;
      case ChangeKind::kCreateTopic:
      case ChangeKind::kDeleteTopic:
      case ChangeKind::kPutGroup:
      case ChangeKind::kDeleteGroup:
      case ChangeKind::kPutGrant:
      case ChangeKind::kRevokeGrant:
      case ChangeKind::kDeleteTeam:
        return false;
    }
    return false;
  });
}

void CheckContradictions(const CheckContext& context, std::vector<Violation>& violations) {
  std::map<std::string, std::vector<ChangeKind>> things;
  std::map<std::string, std::set<std::string>> made;  // Subjects by what they are without case.
  for (const Change& change : context.bundle.changes) {
    const std::string subject = std::visit(SubjectOf{}, change);
    const ChangeKind kind = KindOf(change);
    things[subject].push_back(kind);
    if (kind == ChangeKind::kCreateTopic || kind == ChangeKind::kPutGroup) {
      made[FoldCase(subject)].insert(subject);
    }
  }
  const std::string limit = "changes that do not contradict each other";
  for (auto& [subject, kinds] : things) {
    if (AreCompatible(kinds)) continue;
    std::sort(kinds.begin(), kinds.end());
    std::string got;
    for (const ChangeKind kind : kinds) {
      got += (got.empty() ? "" : ", ") + std::string(ToString(kind));
    }
    ViolationSink(std::nullopt, subject, violations).Add("changes", limit, got);
  }
  for (const auto& [folded, subjects] : made) {
    if (subjects.size() == 1) continue;
    ViolationSink(std::nullopt, *subjects.begin(), violations)
        .Add("changes", limit, fmt::format("{}", fmt::join(subjects, ", ")), {},
             "these names differ in upper and lower case alone");
  }
}

void CheckQuotas(const CheckContext& context, std::vector<Violation>& violations) {
  for (const std::string& team : context.world.ChangedTeams()) {
    if (team.empty() || context.world.FindTeam(team) == nullptr) continue;
    const TeamUse before = context.world.before().UseOf(team);
    const TeamUse after = context.world.UseOf(team);
    const TeamQuota quota = context.world.QuotaOf(team);
    ViolationSink sink(std::nullopt, "team " + team, violations);
    const auto check = [&](const char* field, std::int64_t had, std::int64_t has,
                           const std::optional<std::int64_t>& limit) {
      if (!limit || has <= *limit || has <= had) return;
      sink.Add(field, fmt::format("at most {}", *limit), std::to_string(has), std::to_string(has),
               fmt::format("the team has {} now; a larger quota can be part of the request", had));
    };
    check("quota.topics", before.topics, after.topics, quota.topics);
    check("quota.partitions", before.partitions, after.partitions, quota.partitions);
    check("quota.stored_bytes", before.stored_bytes, after.stored_bytes, quota.stored_bytes);
  }
}

void CheckWhole(const CheckContext& context, std::vector<Violation>& violations) {
  ViolationSink sink(std::nullopt, "request", violations);
  const std::size_t count = context.bundle.changes.size();
  if (count == 0) sink.Add("changes", "at least 1", "0");
  if (count > kBundleChangesMax) {
    sink.Add("changes", fmt::format("at most {}", kBundleChangesMax), std::to_string(count));
  }
  const std::optional<std::string>& reason = context.author.break_glass_reason;
  if (!reason) return;
  if (!context.author.who.Operates())
    sink.Add("break_glass", "operators and admins", "somebody else");
  if (reason->find_first_not_of(" \t\r\n") == std::string::npos) {
    sink.Add("break_glass", "a reason", "");
  } else if (reason->size() > AuditNote::kReasonBytesMax) {
    sink.Add("break_glass", fmt::format("a reason of at most {} bytes", AuditNote::kReasonBytesMax),
             fmt::format("{} bytes", reason->size()));
  }
}

bool IsResource(ResourceKind kind) {
  return kind == ResourceKind::kTopic || kind == ResourceKind::kGroup;
}

/// A topic (group) of this name, after the bundle. With a fix where only upper and lower case
/// differ.
void CheckResource(const CheckContext& context, ResourceKind kind, const std::string& name,
                   ViolationSink& sink) {
  const bool is_topic = kind == ResourceKind::kTopic;
  const bool exists = is_topic ? context.world.FindTopic(name) != nullptr
                               : context.world.FindGroup(name) != nullptr;
  if (exists) return;
  const PolicyWorld& before = context.world.before();
  const std::string near(is_topic ? before.FindTopicFolded(name) : before.FindGroupFolded(name));
  // What is near may be what the bundle deletes.
  const bool is_there = is_topic ? context.world.FindTopic(near) != nullptr
                                 : context.world.FindGroup(near) != nullptr;
  sink.Add("name", fmt::format("a {} that exists", KindText(kind)), name,
           is_there ? std::optional(near) : std::nullopt);
}

/// Grants to others than the owner end in time; no grant has ended already.
void CheckGrantEnd(const CheckContext& context, const Grant& grant, ViolationSink& sink) {
  const std::set<std::string> owners =
      grant.is_prefix ? context.world.OwnersUnder(grant.kind, grant.name)
                      : std::set<std::string>{context.world.OwnerOf(grant.kind, grant.name)};
  const std::string team = context.world.TeamOf(grant.principal).value_or("");
  const bool is_own = owners.size() == 1 && !team.empty() && *owners.begin() == team;
  const bool must_end = context.policy.grant_days_max && !is_own;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::int64_t room =
      must_end ? SaturatedProduct(*context.policy.grant_days_max, kDayMicros) : 0;
  const std::int64_t last = must_end ? SaturatedSum(context.now.micros, room) : kMost;
  const std::string fix = must_end ? std::to_string(last) : "never";
  const std::string limit =
      must_end ? fmt::format("within {} days", *context.policy.grant_days_max) : "in the future";
  if (!grant.expires_at) {
    if (must_end) sink.Add("expires_at", limit, "never", fix);
    return;
  }
  const std::int64_t end = grant.expires_at->micros;
  if (end > context.now.micros && end <= last) return;
  sink.Add("expires_at", limit, std::to_string(end), fix,
           end <= context.now.micros ? "it has ended already" : "");
}

/// Checks of one change.
struct ChangeChecker {
  const CheckContext& context;
  const NameFixes& fixes;
  ViolationSink& sink;

  void operator()(const CreateTopicChange& c) const { CheckCreateTopic(context, c, fixes, sink); }
  void operator()(const AlterTopicChange& c) const { CheckAlterTopic(context, c, sink); }
  void operator()(const AddPartitionsChange& c) const { CheckAddPartitions(context, c, sink); }
  void operator()(const DeleteTopicChange& c) const { CheckDeleteTopic(context, c, sink); }
  void operator()(const PutGroupChange& c) const { CheckPutGroup(context, c, fixes, sink); }
  void operator()(const DeleteGroupChange& c) const {
    if (context.world.before().FindGroup(c.name) != nullptr) return;
    const std::string near(context.world.before().FindGroupFolded(c.name));
    sink.Add("name", "a group that exists", c.name,
             near.empty() ? std::nullopt : std::optional(near));
  }
  void operator()(const PutGrantChange& c) const {
    if (const Status status = CheckGrant(c.grant); !status.ok()) {
      sink.Add("grant", "a grant of a topic's or group's actions to a service or a team", "", {},
               status.error().message);
      return;
    }
    if (!c.grant.is_prefix) CheckResource(context, c.grant.kind, c.grant.name, sink);
    if (!context.world.TeamOf(c.grant.principal)) {
      sink.Add("principal", "a service or a team that exists", ToString(c.grant.principal));
    }
    CheckGrantEnd(context, c.grant, sink);
  }
  void operator()(const RevokeGrantChange& c) const {
    if (context.world.before().FindGrant(KeyOf(c)) != nullptr) return;
    sink.Add("grant", "a grant that exists", TextOf(KeyOf(c)));
  }
  void operator()(const SetOwnerChange& c) const {
    if (!IsResource(c.kind)) return sink.Add("kind", "topic, group", "cluster");
    CheckResource(context, c.kind, c.name, sink);
    if (c.team.empty()) {
      if (context.policy.required.owner) sink.Add("owner", "required", "");
    } else if (context.world.FindTeam(c.team) == nullptr) {
      sink.Add("owner", "a team", c.team, {}, "there is no such team");
    }
  }
  void operator()(const SetQuotaChange& c) const {
    if (context.world.FindTeam(c.team) == nullptr) sink.Add("team", "a team that exists", c.team);
    for (const QuotaField& field : kQuotaFields) {
      const std::optional<std::int64_t>& value = c.quota.*field.value;
      if (!value || *value >= 0) continue;
      sink.Add(fmt::format("quota.{}", field.name), "at least 0", std::to_string(*value), "0");
    }
  }
  void operator()(const PutTeamChange& c) const {
    const Status status = CheckTeam(c.team);
    if (!status.ok()) sink.Add("team", "a team", c.team.name, {}, status.error().message);
  }
  void operator()(const DeleteTeamChange& c) const {
    if (context.world.before().FindTeam(c.name) == nullptr) {
      return sink.Add("name", "a team that exists", c.name);
    }
    const TeamUse use = context.world.UseOf(c.name);
    const std::size_t services = context.world.before().ServicesOf(c.name);
    const std::size_t grants = GrantsLeft(c.name);
    if (use.topics == 0 && use.groups == 0 && services == 0 && grants == 0) return;
    sink.Add("in_use", "nothing left",
             fmt::format("{} topics, {} groups, {} services, {} grants", use.topics, use.groups,
                         services, grants));
  }

  [[nodiscard]] std::size_t GrantsLeft(const std::string& team) const {
    std::set<GrantKey> revoked;
    for (const Change& change : context.bundle.changes) {
      const auto* const revoke = std::get_if<RevokeGrantChange>(&change);
      if (revoke != nullptr) revoked.insert(KeyOf(*revoke));
    }
    std::size_t count = 0;
    for (const auto& [key, grant] : context.world.before().grants()) {
      const bool is_of = key.principal_kind == PrincipalKind::kTeam && key.principal_name == team;
      if (is_of && !revoked.contains(key)) ++count;
    }
    return count;
  }
};

}  // namespace

std::vector<Violation> FindViolations(const CheckContext& context) {
  std::vector<Violation> violations;
  CheckWhole(context, violations);
  // What nobody can read is not looked at in detail.
  if (context.bundle.changes.size() > kBundleChangesMax) return violations;
  CheckContradictions(context, violations);
  CheckQuotas(context, violations);
  const NameFixes fixes = FindNameFixes(context);
  for (std::size_t i = 0; i < context.bundle.changes.size(); ++i) {
    const Change& change = context.bundle.changes[i];
    ViolationSink sink(i, std::visit(SubjectOf{}, change), violations);
    std::visit(ChangeChecker{context, fixes, sink}, change);
  }
  return violations;
}

}  // namespace lanemq::core
