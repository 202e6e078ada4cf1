#include "common/core/policy/approvals.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/core/policy/name_rules.h"

namespace lanemq::core {
namespace {

/// A team that must agree, unless the author is in it (leads it). An empty team: nobody's, so that
/// operators must.
struct Consent {
  std::string team;
  bool needs_lead = false;
  bool may_be_services = false;  ///< A service of the team may give it, too.
};

/// Whether asking for it is the author's own yes.
bool IsGiven(const Consent& consent, const Actor& author) {
  if (author.Operates()) return true;
  if (consent.team.empty()) return false;
  // A token is in more hands than a person's sign-in.
  if (author.principal.kind == PrincipalKind::kService && !consent.may_be_services) return false;
  return consent.needs_lead ? author.Leads(consent.team) : author.IsIn(consent.team);
}

/// Namespaces: with names that begin with their owner, what is made later under this prefix is the
/// team's, too.
bool IsTeamsPrefix(const Policy& policy, ResourceKind kind, const std::string& prefix,
                   const std::string& team) {
  const auto& rule = kind == ResourceKind::kTopic ? policy.topic_names : policy.group_names;
  if (!rule || !rule->begins_with_owner || team.empty()) return false;
  const std::string segment = OwnerSegment(team, *rule);
  return !segment.empty() && prefix.starts_with(segment + ".");
}

/// Who must agree with each kind of change.
struct ConsentsOf {
  const BundleWorld& world;
  const Policy& policy;
  const Actor& author;
  using Consents = std::vector<Consent>;

  Consents OwnerBefore(const std::string& topic) const {
    const TopicFacts* const facts = world.before().FindTopic(topic);
    return {{facts == nullptr ? "" : facts->owner, false}};
  }
  /// `needs_lead(owner)`: whether it takes a lead of the owning team.
  template <typename NeedsLead>
  Consents OfGrant(ResourceKind kind, const std::string& name, bool is_prefix,
                   const NeedsLead& needs_lead) const {
    if (!is_prefix) {
      const std::string owner = world.OwnerOf(kind, name);
      return {{owner, needs_lead(owner)}};
    }
    Consents consents;
    bool is_namespace = false;
    for (const std::string& owner : world.OwnersUnder(kind, name)) {
      is_namespace = is_namespace || IsTeamsPrefix(policy, kind, name, owner);
      consents.push_back({owner, needs_lead(owner)});
    }
    for (const auto& [team, role] : author.teams) {
      if (!IsTeamsPrefix(policy, kind, name, team)) continue;
      is_namespace = true;
      // The team's, though nothing is there yet.
      const Consent consent{team, needs_lead(team)};
      if (!IsGiven(consent, author)) consents.push_back(consent);
    }
    // It covers what anybody will make.
    if (!is_namespace) consents.push_back({"", false});
    return consents;
  }

  Consents operator()(const CreateTopicChange& c) const {
    return {{c.owner, false, /*may_be_services=*/true}};
  }
  Consents operator()(const AlterTopicChange& c) const { return OwnerBefore(c.name); }
  Consents operator()(const AddPartitionsChange& c) const { return OwnerBefore(c.name); }
  Consents operator()(const DeleteTopicChange& c) const { return OwnerBefore(c.name); }
  Consents operator()(const PutGroupChange& c) const {
    Consents consents;
    const GroupFacts* const before = world.before().FindGroup(c.name);
    if (before != nullptr) consents.push_back({before->owner, before->owner != c.owner});
    consents.push_back({c.owner, false, /*may_be_services=*/before == nullptr});
    return consents;
  }
  Consents operator()(const DeleteGroupChange& c) const {
    const GroupFacts* const before = world.before().FindGroup(c.name);
    return {{before == nullptr ? "" : before->owner, false}};
  }
  Consents operator()(const PutGrantChange& c) const {
    const auto has = [&](Action action) {
      return std::find(c.grant.actions.begin(), c.grant.actions.end(), action) !=
             c.grant.actions.end();
    };
    const std::string receiver = world.TeamOf(c.grant.principal).value_or("");
    // What members do not have themselves is not theirs to give.
    return OfGrant(c.grant.kind, c.grant.name, c.grant.is_prefix, [&](const std::string& owner) {
      return has(Action::kPeek) || (has(Action::kManage) && receiver != owner);
    });
  }
  Consents operator()(const RevokeGrantChange& c) const {
    // Who was given it may give it back.
    const std::optional<std::string> team = world.TeamOf(c.principal);
    if (team && IsGiven({*team, false}, author)) return {};
    return OfGrant(c.kind, c.name, c.is_prefix, [](const std::string&) { return false; });
  }
  Consents operator()(const SetOwnerChange& c) const {
    std::string before;
    bool is_new = false;
    if (c.kind == ResourceKind::kTopic) {
      const TopicFacts* const topic = world.before().FindTopic(c.name);
      is_new = topic == nullptr;
      before = is_new ? "" : topic->owner;
    } else {
      const GroupFacts* const group = world.before().FindGroup(c.name);
      is_new = group == nullptr;
      before = is_new ? "" : group->owner;
    }
    Consents consents;
    if (!is_new) consents.push_back({before, true});
    consents.push_back({c.team, false});
    return consents;
  }
  Consents operator()(const SetQuotaChange& c) const { return {{c.team, false}}; }
  Consents operator()(const PutTeamChange& c) const {
    if (world.before().FindTeam(c.team.name) == nullptr) return {};
    return {{c.team.name, true}};
  }
  Consents operator()(const DeleteTeamChange& c) const { return {{c.name, true}}; }
};

/// Whether a limit counts: it is exceeded, and more than before.
bool Exceeds(const std::optional<std::int64_t>& limit, std::int64_t before, std::int64_t after) {
  return limit && after > *limit && after > before;
}

/// Whether a kind's rule applies the change at once.
struct IsAutomatic {
  const BundleWorld& world;
  const ApprovalRule& rule;

  bool HasTier(const std::string& tier) const {
    return rule.tiers.empty() ||
           std::find(rule.tiers.begin(), rule.tiers.end(), tier) != rule.tiers.end();
  }
  bool OfTopic(const std::string& name) const {
    const TopicFacts* const after = world.FindTopic(name);
    const TopicFacts* const found = world.before().FindTopic(name);
    if (after == nullptr) return true;
    const TopicFacts before = found == nullptr ? TopicFacts{} : *found;
    const auto messages = [](const TopicFacts& topic) {
      return topic.traffic ? topic.traffic->messages_per_day : 0;
    };
    const auto bytes = [](const TopicFacts& topic) {
      return StoredBytes(topic.partitions, topic.config, topic.traffic);
    };
    return HasTier(after->tier) &&
           !Exceeds(rule.partitions_max, before.partitions, after->partitions) &&
           !Exceeds(rule.messages_per_day_max, messages(before), messages(*after)) &&
           !Exceeds(rule.stored_bytes_max, found == nullptr ? 0 : bytes(before), bytes(*after));
  }

  bool operator()(const CreateTopicChange& c) const { return OfTopic(c.name); }
  bool operator()(const AlterTopicChange& c) const { return OfTopic(c.name); }
  bool operator()(const AddPartitionsChange& c) const { return OfTopic(c.name); }
  bool operator()(const PutGroupChange& c) const { return HasTier(c.tier); }
  bool operator()(const PutGrantChange& c) const {
    const bool are_allowed =
        rule.actions.empty() ||
        std::all_of(c.grant.actions.begin(), c.grant.actions.end(), [&](Action action) {
          return std::find(rule.actions.begin(), rule.actions.end(), action) != rule.actions.end();
        });
    if (!are_allowed || !rule.is_for_own_team) return are_allowed;
    const std::string team = world.TeamOf(c.grant.principal).value_or("");
    if (team.empty()) return false;
    if (!c.grant.is_prefix) return world.OwnerOf(c.grant.kind, c.grant.name) == team;
    return world.OwnersUnder(c.grant.kind, c.grant.name) == std::set<std::string>{team};
  }
  // Their rules have no conditions.
  bool operator()(const DeleteTopicChange&) const { return true; }
  bool operator()(const DeleteGroupChange&) const { return true; }
  bool operator()(const RevokeGrantChange&) const { return true; }
  bool operator()(const SetOwnerChange&) const { return true; }
  bool operator()(const SetQuotaChange&) const { return true; }
  bool operator()(const PutTeamChange&) const { return true; }
  bool operator()(const DeleteTeamChange&) const { return true; }
};

/// Leads of the team; operators where there is none but the author, since nobody approves his own.
Approver LeadsOf(const BundleWorld& world, const std::string& team, const Actor& author) {
  // As the team was: whoever asks must not name his own approvers.
  const Team* facts = world.before().FindTeam(team);
  if (facts == nullptr) return {Approver::Kind::kOperators, {}};
  const bool has_lead =
      std::any_of(facts->members.begin(), facts->members.end(), [&](const TeamMember& member) {
        return member.role == TeamRole::kLead &&
               author.principal != Principal{PrincipalKind::kPerson, member.person};
      });
  if (!has_lead) return {Approver::Kind::kOperators, {}};
  return {Approver::Kind::kTeamLeads, team};
}

}  // namespace

std::vector<Approver> RequiredApprovers(const BundleWorld& world, const Policy& policy,
                                        const Bundle& bundle, const Actor& author) {
  std::set<Approver> approvers;
  const ApprovalRules fallback = DefaultApprovals();
  for (const Change& change : bundle.changes) {
    const std::vector<Consent> consents = std::visit(ConsentsOf{world, policy, author}, change);
    for (const Consent& consent : consents) {
      if (!IsGiven(consent, author)) approvers.insert(LeadsOf(world, consent.team, author));
    }
    const auto own = policy.approvals.find(KindOf(change));
    const ApprovalRule& rule =
        own == policy.approvals.end() ? fallback.at(KindOf(change)) : own->second;
    if (rule.is_automatic && std::visit(IsAutomatic{world, rule}, change)) continue;
    if (rule.approvers.empty()) approvers.insert({Approver::Kind::kOperators, {}});
    for (const Approver& approver : rule.approvers) {
      if (approver.kind == Approver::Kind::kTeamLeads) {
        approvers.insert(LeadsOf(world, approver.team, author));
      } else if (approver.kind != Approver::Kind::kOwnerLeads) {
        approvers.insert(approver);
      } else if (consents.empty()) {
        approvers.insert({Approver::Kind::kOperators, {}});
      } else {
        for (const Consent& consent : consents) {
          approvers.insert(LeadsOf(world, consent.team, author));
        }
      }
    }
  }
  return {approvers.begin(), approvers.end()};
}

bool MayApprove(const Approver& approver, const Actor& actor) {
  switch (approver.kind) {
    case Approver::Kind::kTeamLeads:
      return actor.Leads(approver.team);
    case Approver::Kind::kOperators:
      return actor.Operates();
    case Approver::Kind::kAdmins:
      return actor.is_admin;
    case Approver::Kind::kOwnerLeads:
      return false;  // A policy's word; a decision names the team.
  }
  return false;
}

}  // namespace lanemq::core
