// Over random worlds, against a second and slower way to say the same: every record looked at.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/access/access_book.h"
#include "common/core/access/access_rig.h"
#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

using enum Action;
using testing::AccessRig;

constexpr std::int64_t kTimes = 6;  ///< Everything ends at one of so many instants, or never.

/// Few names, so that much meets; some are prefixes of others.
const std::vector<std::string> kNames = {"a", "ab", "abc", "abd", "b", "ba", "lanemq.x"};
const std::vector<std::string> kTeams = {"ta", "tb", "tc"};
const std::vector<std::string> kPeople = {"pa", "pb", "pc", "pd"};
const std::vector<std::string> kServices = {"sa", "sb", "sc", "sd", "se"};

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {
    for (const std::string& team : kTeams) {
      if (!Chance(6)) AddTeam(team);
    }
    for (const std::string& service : kServices) {
      if (!Chance(6)) AddService(service);
    }
    for (const std::string& person : kPeople) {
      if (!Chance(3)) AddPerson(person);
    }
    for (int i = Below(10); i > 0; --i) AddGrant();
    for (const ResourceKind kind : {ResourceKind::kTopic, ResourceKind::kGroup}) {
      for (const std::string& name : kNames) {
        if (Chance(2)) rig_.Own(kind, name, Pick(kTeams));
      }
    }
  }

  /// Who asks, in one of the ways that a connection may have.
  Caller SomeCaller() {
    Caller caller{SomePrincipal(), {}};
    const int how = Below(8);
    if (how < 4) caller.token_id = "t-" + caller.principal.name;
    if (how == 4) caller.token_id = "t-" + (Chance(2) ? Pick(kServices) : Pick(kPeople));
    if (how == 5) caller.token_id = "t-nobody";
    return caller;
  }
  Principal SomePrincipal() {
    switch (Below(8)) {
      case 0:
      case 3:
        return {PrincipalKind::kPerson, Pick(kPeople)};
      case 1:
        return {PrincipalKind::kTeam, Pick(kTeams)};
      case 2:
        return {};
      default:
        return {PrincipalKind::kService, Pick(kServices)};
    }
  }
  Resource SomeResource() {
    const auto kind = static_cast<ResourceKind>(Below(3));
    return {kind, kind == ResourceKind::kCluster ? std::string() : Pick(kNames)};
  }
  Action SomeAction() { return static_cast<Action>(Below(static_cast<int>(kActFor) + 1)); }
  WallTime SomeTime() { return WallTime{Below(kTimes)}; }
  [[nodiscard]] const AccessRecords& records() const { return rig_.records; }

 private:
  int Below(std::int64_t bound) {
    return static_cast<int>(random_.Below(static_cast<std::uint64_t>(bound)));
  }
  bool Chance(int of) { return Below(of) == 0; }
  const std::string& Pick(const std::vector<std::string>& names) {
    return names[static_cast<std::size_t>(Below(static_cast<std::int64_t>(names.size())))];
  }
  std::optional<WallTime> SomeEnd() { return Chance(2) ? std::optional(SomeTime()) : std::nullopt; }
  void AddTeam(const std::string& name) {
    std::vector<TeamMember> members;
    for (const std::string& person : kPeople) {
      if (Chance(2)) members.push_back({person, Chance(2) ? TeamRole::kLead : TeamRole::kMember});
    }
    rig_.AddTeam(name, std::move(members));
  }
  void AddService(const std::string& name) {
    // Mostly applications: the others may nearly everything.
    const auto kind =
        Chance(4) ? static_cast<ServiceKind>(1 + Below(5)) : ServiceKind::kApplication;
    rig_.AddService(name, Chance(6) ? "" : Pick(kTeams), kind).is_disabled = Chance(8);
    if (Chance(3)) rig_.records.tokens.back().expires_at = SomeTime();
    if (Chance(8)) rig_.records.tokens.pop_back();
  }
  void AddPerson(const std::string& name) {
    const auto role = Chance(2) ? PersonRole::kViewer : static_cast<PersonRole>(1 + Below(3));
    rig_.AddPerson(name, role).is_disabled = Chance(6);
    if (Chance(3)) rig_.records.tokens.back().expires_at = SomeTime();
    if (Chance(8)) rig_.records.tokens.pop_back();
    if (Chance(8)) rig_.records.people.pop_back();
  }
  void AddGrant() {
    const bool is_to_team = Chance(2);
    const Principal principal{is_to_team ? PrincipalKind::kTeam : PrincipalKind::kService,
                              is_to_team ? Pick(kTeams) : Pick(kServices)};
    const ResourceKind kind = Chance(2) ? ResourceKind::kTopic : ResourceKind::kGroup;
    std::vector<Action> actions;
    for (const Action action : ActionsOf(kind)) {
      if (Chance(3)) actions.push_back(action);
    }
    const std::string name = Chance(8) ? "*" : Pick(kNames) + (Chance(2) ? "*" : "");
    rig_.AddGrant(kind, name, principal, std::move(actions)).expires_at = SomeEnd();
  }

  Random random_;
  AccessRig rig_;
};

/// The rules once more, from the records alone.
class Oracle {
 public:
  Oracle(const AccessRecords& records, WallTime now) : records_(records), now_(now) {}

  [[nodiscard]] bool IsValid(const Caller& caller) const {
    if (caller.principal.kind == PrincipalKind::kPerson) return IsValidPerson(caller);
    if (caller.principal.kind != PrincipalKind::kService) return false;
    bool has_service = false;
    for (const Service& service : records_.services) {
      if (service.name == caller.principal.name && !service.is_disabled) has_service = true;
    }
    if (!has_service || caller.token_id.empty()) return has_service;
    for (const Token& token : records_.tokens) {
      if (token.id == caller.token_id && token.service == caller.principal.name) {
        return !token.expires_at || now_ < *token.expires_at;
      }
    }
    return false;
  }
  [[nodiscard]] bool IsValidPerson(const Caller& caller) const {
    const std::string& name = caller.principal.name;
    bool is_there = false;
    for (const Person& person : records_.people) {
      if (person.name != name) continue;
      if (person.is_disabled) return false;
      is_there = true;
    }
    if (caller.token_id.empty()) return is_there || !TeamsOfPerson(name).empty();
    for (const Token& token : records_.tokens) {
      if (token.id != caller.token_id || token.person != name) continue;
      return is_there && (!token.expires_at || now_ < *token.expires_at);
    }
    return false;
  }

  [[nodiscard]] bool May(const Principal& who, Action action, const Resource& what) const {
    if (what.kind == ResourceKind::kGroup && (action == kProduce || action == kPeek)) return false;
    std::vector<std::string> teams;
    bool is_known = false;
    if (who.kind == PrincipalKind::kPerson) {
      teams = TeamsOfPerson(who.name);
      is_known = !teams.empty();
      for (const Person& person : records_.people) {
        if (person.name != who.name) continue;
        if (person.is_disabled) return false;
        is_known = true;
        if (IsOfRole(person.role, action, what)) return true;
      }
    }
    for (const Team& team : records_.teams) {
      if (who.kind == PrincipalKind::kTeam && team.name == who.name) {
        is_known = true;
        teams = {who.name};
      }
    }
    for (const Service& service : records_.services) {
      if (who.kind != PrincipalKind::kService || service.name != who.name) continue;
      if (service.is_disabled) return false;
      is_known = true;
      if (IsOfRole(service.kind, action, what)) return true;
      if (!service.team.empty()) teams = {service.team};
    }
    if (!is_known) return false;
    if (action == kNothing) return true;
    if (action > kManage || what.kind == ResourceKind::kCluster) return false;
    for (const std::string& team : teams) {
      if (IsOwner(team, what) && OwnerMay(who, team, action)) return true;
      if (IsGranted({PrincipalKind::kTeam, team}, action, what)) return true;
    }
    return who.kind == PrincipalKind::kService && IsGranted(who, action, what);
  }

 private:
  [[nodiscard]] std::vector<std::string> TeamsOfPerson(const std::string& person) const {
    std::vector<std::string> teams;
    for (const Team& team : records_.teams) {
      for (const TeamMember& member : team.members) {
        if (member.person == person) teams.push_back(team.name);
      }
    }
    return teams;
  }
  static bool IsOfRole(ServiceKind kind, Action action, const Resource& what) {
    const bool is_named = what.kind != ResourceKind::kCluster;
    if (kind == ServiceKind::kApplication) return false;
    if (kind == ServiceKind::kGateway) return action == kActFor || action == kNothing;
    if (kind == ServiceKind::kServer) {
      if (action == kServe || action == kNothing) return true;
      if (action == kDescribe) return is_named;
      const bool is_use = action == kProduce || action == kConsume || action == kManage;
      return is_use && is_named && what.name.compare(0, 7, "lanemq.") == 0;
    }
    if (action == kServe || action == kActFor) return false;
    return action != kAdminister || kind == ServiceKind::kAdmin;
  }
  static bool IsOfRole(PersonRole role, Action action, const Resource& what) {
    if (role == PersonRole::kViewer) {
      return action == kDescribe && what.kind != ResourceKind::kCluster;
    }
    if (action == kServe || action == kActFor) return false;
    return action != kAdminister || role == PersonRole::kAdmin;
  }
  [[nodiscard]] bool IsOwner(const std::string& team, const Resource& what) const {
    for (const Owner& owner : records_.owners) {
      if (owner.kind == what.kind && owner.name == what.name) return owner.team == team;
    }
    return false;
  }
  [[nodiscard]] bool OwnerMay(const Principal& who, const std::string& team, Action action) const {
    if (action == kDescribe) return true;
    if (who.kind != PrincipalKind::kPerson) return action == kProduce || action == kConsume;
    if (action == kManage) return true;
    for (const Team& candidate : records_.teams) {
      for (const TeamMember& member : candidate.members) {
        if (candidate.name == team && member.person == who.name) {
          return action == kPeek && member.role == TeamRole::kLead;
        }
      }
    }
    return false;
  }
  [[nodiscard]] bool IsGranted(const Principal& to, Action action, const Resource& what) const {
    for (const Grant& grant : records_.grants) {
      if (grant.principal != to || grant.kind != what.kind) continue;
      if (grant.expires_at && !(now_ < *grant.expires_at)) continue;
      const bool is_meant = grant.is_prefix
                                ? what.name.compare(0, grant.name.size(), grant.name) == 0
                                : what.name == grant.name;
      if (!is_meant) continue;
      for (const Action held : grant.actions) {
        if (held == action) return true;
        if (action == kDescribe && held != kPeek) return true;
      }
    }
    return false;
  }

  const AccessRecords& records_;
  const WallTime now_;
};

TEST(AccessPropertyTest, TheBookSaysWhatTheRecordsSay) {
  int allowed = 0;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    RandomWorld world(seed);
    const AccessBook book(world.records());
    for (int i = 0; i < 40; ++i) {
      const Caller caller = world.SomeCaller();
      const Action action = world.SomeAction();
      const Resource resource = world.SomeResource();
      const WallTime now = world.SomeTime();
      const Oracle oracle(world.records(), now);
      const bool is_valid = oracle.IsValid(caller);
      const bool may = oracle.May(caller.principal, action, resource);
      const AccessVerdict verdict = book.Explain(caller.principal, action, resource, now);
      ASSERT_EQ(book.IsValid(caller, now), is_valid)
          << "seed " << seed << ": " << ToString(caller.principal) << " " << caller.token_id;
      ASSERT_EQ(book.Allows(caller, action, resource, now), is_valid && may)
          << "seed " << seed << ": " << ToString(caller.principal) << " " << ToString(action) << " "
          << ToString(resource.kind) << " '" << resource.name << "': " << verdict.because;
      ASSERT_EQ(verdict.is_allowed, may) << "seed " << seed << ": " << verdict.because;
      ASSERT_FALSE(verdict.because.empty());
      ++(may ? allowed : refused);
    }
  }
  // Worlds in which nothing meets would prove little.
  EXPECT_GT(allowed, 20'000);
  EXPECT_GT(refused, 20'000);
}

TEST(AccessPropertyTest, TakingARecordAwayAllowsNothingMore) {
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    RandomWorld world(seed);
    if (world.records().grants.empty()) continue;
    AccessRecords fewer = world.records();
    fewer.grants.erase(fewer.grants.begin() +
                       static_cast<std::ptrdiff_t>(seed % fewer.grants.size()));
    const AccessBook book(world.records());
    const AccessBook less(std::move(fewer));
    for (int i = 0; i < 40; ++i) {
      const Principal principal = world.SomePrincipal();
      const Action action = world.SomeAction();
      const Resource resource = world.SomeResource();
      const WallTime now = world.SomeTime();
      if (less.Explain(principal, action, resource, now).is_allowed) {
        ASSERT_TRUE(book.Explain(principal, action, resource, now).is_allowed) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace lanemq::core
