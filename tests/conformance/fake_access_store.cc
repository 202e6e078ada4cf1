#include "tests/conformance/fake_access_store.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/quota_text.h"
#include "tests/conformance/fake_access_change.h"

namespace lanemq::testing {

using core::AccessLimits;
using core::Grant;
using core::Owner;
using core::QuotaOfTeam;
using core::Service;
using core::Team;
using core::Token;

namespace {

constexpr std::chrono::microseconds kShownAfterEnd = std::chrono::hours{24 * 30};

bool IsBefore(const Owner& a, const Owner& b) {
  return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
}

bool IsLike(const Grant& a, const Grant& b) {
  return a.kind == b.kind && a.name == b.name && a.is_prefix == b.is_prefix &&
         a.principal == b.principal;
}

Status CheckRoom(std::size_t present, std::size_t max) {
  if (present < max) return {};
  return Error{ErrorCode::kInsufficientCapacity, "as many as there may be"};
}

/// Whether nobody is shown any more what ends at `expires_at`.
bool IsPast(const std::optional<WallTime>& expires_at, WallTime now) {
  return expires_at && expires_at->micros < now.micros - kShownAfterEnd.count();
}

void Purge(core::AccessRecords& records, WallTime now) {
  std::erase_if(records.tokens, [&](const Token& token) { return IsPast(token.expires_at, now); });
  std::erase_if(records.grants, [&](const Grant& grant) { return IsPast(grant.expires_at, now); });
}

/// CheckRoom() of what ends: where there is no room, what has ended goes.
template <typename T>
Status MakeRoom(std::vector<T>& all, WallTime now, std::size_t max) {
  if (all.size() < max) return {};
  std::erase_if(all, [&](const T& one) { return one.expires_at && *one.expires_at <= now; });
  return CheckRoom(all.size(), max);
}

std::size_t MembersOf(const std::vector<Team>& teams) {
  std::size_t members = 0;
  for (const Team& team : teams) members += team.members.size();
  return members;
}

}  // namespace

FakeAccessStore::FakeAccessStore(std::string cluster_id) {
  MutexLock lock(mutex_);
  state_.records.cluster_id = std::move(cluster_id);
  now_ = WallTime{1'800'000'000'000'000};
}

void FakeAccessStore::Advance(std::chrono::microseconds by) {
  MutexLock lock(mutex_);
  now_.micros += by.count();
}

WallTime FakeAccessStore::now() const {
  MutexLock lock(mutex_);
  return now_;
}

void FakeAccessStore::FailNextChange(ErrorCode code, bool after_effect) {
  MutexLock lock(mutex_);
  faults_.push_back({code, after_effect});
}

void FakeAccessStore::SetDown(bool is_down) {
  MutexLock lock(mutex_);
  is_down_ = is_down;
}

void FakeAccessStore::Edit(const std::function<void(core::AccessRecords&)>& edit) {
  MutexLock lock(mutex_);
  edit(state_.records);
  state_.records.rights_version = ++state_.records.version;
}

void FakeAccessStore::EditPeopleTokens(const std::function<void(core::AccessRecords&)>& edit) {
  MutexLock lock(mutex_);
  edit(state_.records);
  ++state_.records.version;
}

std::vector<core::AuditEvent> FakeAccessStore::Events() const {
  MutexLock lock(mutex_);
  return state_.events;
}

Status FakeAccessStore::CheckUp() const {
  if (!is_down_) return {};
  return Error{ErrorCode::kMetadataUnavailable, "the fake is down"};
}

Status FakeAccessStore::Run(const core::AuditNote& note, const Body& body) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::optional<Fault> fault;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
    if (!fault->after_effect) return Error{fault->code, "asked for"};
  }
  Change change(state_, note, now_);
  Purge(change.state.records, now_);
  LANEMQ_RETURN_IF_ERROR(body(change));
  core::AccessRecords& records = change.state.records;
  if (change.has_changed) records.rights_version = ++records.version;
  state_ = std::move(change.state);
  if (fault) return Error{fault->code, "asked for"};
  return {};
}

Result<std::int64_t> FakeAccessStore::LoadVersion(Deadline) {
  MutexLock lock(mutex_);
  if (const Status up = CheckUp(); !up.ok()) return up.error();
  ++versions_;
  return state_.records.version;
}

Result<core::AccessRecords> FakeAccessStore::Load(Deadline) {
  MutexLock lock(mutex_);
  if (const Status up = CheckUp(); !up.ok()) return up.error();
  ++loads_;
  core::AccessRecords records = state_.records;
  Purge(records, now_);
  return records;
}

Result<std::optional<core::PeopleTokens>> FakeAccessStore::LoadPeopleTokens(
    std::int64_t rights_version, Deadline) {
  MutexLock lock(mutex_);
  if (const Status up = CheckUp(); !up.ok()) return up.error();
  if (state_.records.rights_version != rights_version) return std::optional<core::PeopleTokens>();
  ++people_loads_;
  core::AccessRecords records = state_.records;
  Purge(records, now_);
  return std::optional(core::PeopleTokensOf(records));
}

Status FakeAccessStore::PutTeam(const Team& given, std::optional<std::int64_t> if_version,
                                const core::AuditNote& note, Deadline) {
  Team team = given;
  Normalize(team);
  return Run(note, [&](Change& change) -> Status {
    auto& teams = change.state.records.teams;
    const auto found = FindNamed(teams, team.name);
    if (found != teams.end() && *found == team) return {};
    if (if_version && *if_version != (found != teams.end() ? VersionOf(*found) : 0)) {
      return Error{ErrorCode::kConflict, "the team is another one by now"};
    }
    const std::size_t had = found != teams.end() ? found->members.size() : 0;
    if (team.members.size() > had) {
      LANEMQ_RETURN_IF_ERROR(
          CheckRoom(MembersOf(teams) + team.members.size() - had, AccessLimits::kMembersMax + 1));
    }
    if (found != teams.end()) {
      const Team before = std::exchange(*found, team);
      return change.Tell("team", team.name, ToJson(before), ToJson(team));
    }
    LANEMQ_RETURN_IF_ERROR(CheckRoom(teams.size(), AccessLimits::kTeamsMax));
    teams.push_back(team);
    std::sort(teams.begin(), teams.end(),
              [](const Team& a, const Team& b) { return a.name < b.name; });
    return change.Tell("team", team.name, "", ToJson(team));
  });
}

Status FakeAccessStore::DeleteTeam(std::string_view name, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    core::AccessRecords& records = change.state.records;
    if (!change.HasTeam(name)) return Missing(ErrorCode::kNotFound, "team");
    const core::Principal principal{core::PrincipalKind::kTeam, std::string(name)};
    const bool is_used =
        std::any_of(records.services.begin(), records.services.end(),
                    [&](const Service& service) { return service.team == name; }) ||
        std::any_of(records.owners.begin(), records.owners.end(),
                    [&](const Owner& owner) { return owner.team == name; }) ||
        std::any_of(records.grants.begin(), records.grants.end(),
                    [&](const Grant& grant) { return grant.principal == principal; });
    if (is_used) return Error{ErrorCode::kFailedPrecondition, "the team is in use"};
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        records.quotas, "quota", [](const QuotaOfTeam& quota) { return quota.team; },
        [&](const QuotaOfTeam& quota) { return quota.team == name; }));
    return change.Erase(
        records.teams, "team", [](const Team& team) { return team.name; },
        [&](const Team& team) { return team.name == name; });
  });
}

Status FakeAccessStore::PutService(const Service& service, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    auto& services = change.state.records.services;
    const auto found = FindNamed(services, service.name);
    if (found != services.end() && *found == service) return {};
    if (found != services.end() && found->kind != service.kind) {
      return Error{ErrorCode::kFailedPrecondition, "the kind of a service is fixed"};
    }
    if (!service.team.empty() && !change.HasTeam(service.team)) {
      return Missing(ErrorCode::kFailedPrecondition, "team");
    }
    if (found != services.end()) {
      const Service before = std::exchange(*found, service);
      return change.Tell("service", service.name, ToJson(before), ToJson(service));
    }
    LANEMQ_RETURN_IF_ERROR(CheckRoom(services.size(), AccessLimits::kServicesMax));
    services.push_back(service);
    std::sort(services.begin(), services.end(),
              [](const Service& a, const Service& b) { return a.name < b.name; });
    return change.Tell("service", service.name, "", ToJson(service));
  });
}

Status FakeAccessStore::DeleteService(std::string_view name, const core::AuditNote& note,
                                      Deadline) {
  return Run(note, [&](Change& change) -> Status {
    core::AccessRecords& records = change.state.records;
    if (!change.HasService(name)) return Missing(ErrorCode::kNotFound, "service");
    const core::Principal principal{core::PrincipalKind::kService, std::string(name)};
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        records.tokens, "token", [](const Token& token) { return token.id; },
        [&](const Token& token) { return token.service == name; }));
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        records.grants, "grant", [](const Grant& grant) { return std::to_string(grant.id); },
        [&](const Grant& grant) { return grant.principal == principal; }));
    return change.Erase(
        records.services, "service", [](const Service& service) { return service.name; },
        [&](const Service& service) { return service.name == name; });
  });
}

Result<Token> FakeAccessStore::AddToken(const Token& given, const core::AuditNote& note, Deadline) {
  Token token = given;
  const Status done = Run(note, [&](Change& change) -> Status {
    auto& tokens = change.state.records.tokens;
    token.created_at = change.now;
    if (!change.HasService(token.service)) {
      return Missing(ErrorCode::kFailedPrecondition, "service");
    }
    const auto is_taken = [&](const Token& one) { return one.id == token.id; };
    if (std::any_of(tokens.begin(), tokens.end(), is_taken)) {
      return Error{ErrorCode::kAlreadyExists, "the id is taken"};
    }
    const auto alive = std::count_if(tokens.begin(), tokens.end(), [&](const Token& one) {
      return one.service == token.service && !(one.expires_at && *one.expires_at <= change.now);
    });
    LANEMQ_RETURN_IF_ERROR(
        CheckRoom(static_cast<std::size_t>(alive), AccessLimits::kTokensPerServiceMax));
    LANEMQ_RETURN_IF_ERROR(MakeRoom(tokens, change.now, AccessLimits::kTokensMax));
    tokens.push_back(token);
    std::sort(tokens.begin(), tokens.end(),
              [](const Token& a, const Token& b) { return a.id < b.id; });
    return change.Tell("token", token.id, "", ToJson(token));
  });
  if (!done.ok()) return done.error();
  return token;
}

Status FakeAccessStore::RevokeToken(std::string_view id, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        change.state.records.tokens, "token", [](const Token& token) { return token.id; },
        [&](const Token& token) { return token.id == id; }));
    return change.has_changed ? Status{} : Missing(ErrorCode::kNotFound, "token");
  });
}

Result<Grant> FakeAccessStore::PutGrant(const Grant& given, const core::AuditNote& note, Deadline) {
  Grant grant = given;
  Normalize(grant);
  const Status done = Run(note, [&](Change& change) -> Status {
    auto& grants = change.state.records.grants;
    const bool is_to_team = grant.principal.kind == core::PrincipalKind::kTeam;
    if (is_to_team ? !change.HasTeam(grant.principal.name)
                   : !change.HasService(grant.principal.name)) {
      return Missing(ErrorCode::kFailedPrecondition, "principal");
    }
    const auto found = std::find_if(grants.begin(), grants.end(),
                                    [&](const Grant& one) { return IsLike(one, grant); });
    if (found == grants.end()) {
      LANEMQ_RETURN_IF_ERROR(MakeRoom(grants, change.now, AccessLimits::kGrantsMax));
      grant.id = change.state.next_grant++;
      grants.push_back(grant);
      return change.Tell("grant", std::to_string(grant.id), "", ToJson(grant));
    }
    grant.id = found->id;
    if (*found == grant) return {};
    const Grant before = std::exchange(*found, grant);
    return change.Tell("grant", std::to_string(grant.id), ToJson(before), ToJson(grant));
  });
  if (!done.ok()) return done.error();
  return grant;
}

Status FakeAccessStore::DeleteGrant(std::int64_t id, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        change.state.records.grants, "grant",
        [](const Grant& grant) { return std::to_string(grant.id); },
        [&](const Grant& grant) { return grant.id == id; }));
    return change.has_changed ? Status{} : Missing(ErrorCode::kNotFound, "grant");
  });
}

Status FakeAccessStore::SetOwner(const Owner& owner, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    auto& owners = change.state.records.owners;
    const auto at = std::lower_bound(owners.begin(), owners.end(), owner, IsBefore);
    const bool is_owned = at != owners.end() && !IsBefore(owner, *at);
    const std::string named = std::string(ToString(owner.kind)) + ":" + owner.name;
    const std::string before = is_owned ? ToJson(*at) : "";
    if (owner.team.empty()) {
      if (!is_owned) return {};
      owners.erase(at);
      return change.Tell("owner", named, before, "");
    }
    if (is_owned && at->team == owner.team) return {};
    if (!change.HasTeam(owner.team)) return Missing(ErrorCode::kFailedPrecondition, "team");
    if (is_owned) {
      at->team = owner.team;
    } else {
      LANEMQ_RETURN_IF_ERROR(CheckRoom(owners.size(), AccessLimits::kOwnersMax));
      owners.insert(at, owner);
    }
    return change.Tell("owner", named, before, ToJson(owner));
  });
}

Status FakeAccessStore::DeleteRightsOn(core::ResourceKind kind, std::string_view name,
                                       const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    core::AccessRecords& records = change.state.records;
    LANEMQ_RETURN_IF_ERROR(change.Erase(
        records.owners, "owner",
        [](const Owner& owner) { return std::string(ToString(owner.kind)) + ":" + owner.name; },
        [&](const Owner& owner) { return owner.kind == kind && owner.name == name; }));
    return change.Erase(
        records.grants, "grant", [](const Grant& grant) { return std::to_string(grant.id); },
        [&](const Grant& grant) {
          return grant.kind == kind && grant.name == name && !grant.is_prefix;
        });
  });
}

}  // namespace lanemq::testing
