#include "tests/conformance/fake_people_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"

namespace lanemq::testing {

using core::AccessLimits;
using core::PersonAccount;
using core::PersonProfile;
using core::Token;

namespace {

Error Missing(ErrorCode code, const std::string& what) {
  return Error{code, "there is no " + what};
}

bool Administers(const PersonProfile& person) {
  return person.person.role == core::PersonRole::kAdmin && !person.person.is_disabled;
}

bool IsOver(const Token& token, WallTime now) {
  return token.is_session && token.expires_at && *token.expires_at <= now;
}

template <typename T, typename KeyOf>
void SortBy(std::vector<T>& all, KeyOf key_of) {
  std::sort(all.begin(), all.end(), [&](const T& a, const T& b) { return key_of(a) < key_of(b); });
}

}  // namespace

void FakePeopleStore::Change::EraseTokens(const std::function<bool(const Token&)>& is_it) {
  for (const Token& token : records.tokens) {
    if (is_it(token)) Tell("token", token.id, ToJson(token), "");
  }
  std::erase_if(records.tokens, is_it);
}

bool FakePeopleStore::Change::MakeRoom(bool is_session) {
  const auto is_full = [&] {
    const auto all = std::count_if(records.tokens.begin(), records.tokens.end(),
                                   [](const Token& one) { return !one.person.empty(); });
    return static_cast<std::size_t>(all) >= AccessLimits::kTokensMax;
  };
  if (!is_full()) return true;
  std::erase_if(records.tokens, [&](const Token& one) {
    return !one.person.empty() && one.expires_at && *one.expires_at <= now;
  });
  if (!is_full()) return true;
  const auto first = std::min_element(records.tokens.begin(), records.tokens.end(),
                                      [](const Token& a, const Token& b) {
                                        return std::tuple(!a.is_session, a.expires_at, a.id) <
                                               std::tuple(!b.is_session, b.expires_at, b.id);
                                      });
  if (!is_session || !first->is_session) return false;
  EraseTokens([id = first->id](const Token& one) { return one.id == id; });
  return true;
}

bool FakePeopleStore::Change::HasOtherAdmin(std::string_view name) const {
  for (const auto& [other, entry] : people) {
    const PersonProfile& profile = entry.account.profile;
    const bool can_sign_in = !entry.hash.empty() || !profile.oidc_subject.empty();
    if (other != name && Administers(profile) && can_sign_in) return true;
  }
  return std::any_of(
      records.services.begin(), records.services.end(), [&](const core::Service& service) {
        return service.kind == core::ServiceKind::kAdmin && !service.is_disabled &&
               std::any_of(records.tokens.begin(), records.tokens.end(), [&](const Token& token) {
                 return token.service == service.name &&
                        !(token.expires_at && *token.expires_at <= now);
               });
      });
}

void FakePeopleStore::FailNextChange(ErrorCode code, bool after_effect) {
  MutexLock lock(mutex_);
  faults_.push_back({code, after_effect});
}

std::vector<core::AuditEvent> FakePeopleStore::Events() const {
  MutexLock lock(mutex_);
  return events_;
}

Status FakePeopleStore::Run(const core::AuditNote& note, Deadline deadline,
                            const std::function<Status(Change&)>& body) {
  MutexLock lock(mutex_);
  LANEMQ_ASSIGN_OR_RETURN(core::AccessRecords records, access_.Load(deadline));
  std::optional<Fault> fault;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
    if (!fault->after_effect) return Error{fault->code, "asked for"};
  }
  Change change{std::move(records), people_, {}, access_.now()};
  std::erase_if(change.records.tokens,
                [&](const Token& token) { return IsOver(token, change.now); });
  LANEMQ_RETURN_IF_ERROR(body(change));
  people_ = std::move(change.people);
  if (!change.told.empty()) {
    const auto keep = [&](core::AccessRecords& kept) {
      kept.tokens = std::move(change.records.tokens);
      kept.teams = std::move(change.records.teams);
      kept.people.clear();
      for (const auto& [name, entry] : people_) kept.people.push_back(entry.account.profile.person);
      SortBy(kept.tokens, [](const Token& token) { return token.id; });
    };
    if (change.is_only_people_tokens) {
      access_.EditPeopleTokens(keep);
    } else {
      access_.Edit(keep);
    }
  }
  for (core::AuditedChange& told : change.told) {
    core::AuditEvent& event = events_.emplace_back();
    event.id = static_cast<std::int64_t>(events_.size());
    event.at = change.now;
    event.note = note;
    event.change = std::move(told);
  }
  if (fault) return Error{fault->code, "asked for"};
  return {};
}

Result<std::vector<PersonAccount>> FakePeopleStore::List(Deadline) {
  MutexLock lock(mutex_);
  std::vector<PersonAccount> people;
  for (const auto& [name, entry] : people_) people.push_back(entry.account);
  return people;
}

Status FakePeopleStore::Put(const PersonProfile& given, const core::AuditNote& note,
                            Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    PersonProfile person = given;
    const std::string& name = person.person.name;
    const auto found = change.people.find(name);
    const bool is_new = found == change.people.end();
    person.person.must_change_password = !is_new && person.oidc_subject.empty() &&
                                         found->second.account.profile.person.must_change_password;
    if (!is_new && found->second.account.profile == person) return {};
    for (const auto& [other, entry] : change.people) {
      const std::string& subject = entry.account.profile.oidc_subject;
      if (other != name && !subject.empty() && subject == person.oidc_subject) {
        return Error{ErrorCode::kAlreadyExists, "the subject is somebody else's"};
      }
    }
    if (is_new) {
      if (change.people.size() >= AccessLimits::kPeopleMax) {
        return Error{ErrorCode::kInsufficientCapacity, "as many as there may be"};
      }
      Entry& entry = change.people[name];
      entry.account.profile = person;
      entry.account.created_at = change.now;
      change.Tell("person", name, "", ToJson(person));
      return {};
    }
    Entry& entry = found->second;
    if (Administers(entry.account.profile) && !Administers(person) && !change.HasOtherAdmin(name)) {
      return Error{ErrorCode::kFailedPrecondition, "the last admin"};
    }
    change.Tell("person", name, ToJson(entry.account.profile), ToJson(person));
    entry.account.profile = person;
    if (!person.oidc_subject.empty()) entry.hash.clear();
    return {};
  });
}

Status FakePeopleStore::Delete(std::string_view name, const core::AuditNote& note,
                               Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    const auto found = change.people.find(name);
    if (found == change.people.end()) return Missing(ErrorCode::kNotFound, "person");
    const PersonProfile before = found->second.account.profile;
    if (Administers(before) && !change.HasOtherAdmin(name)) {
      return Error{ErrorCode::kFailedPrecondition, "the last admin"};
    }
    change.EraseTokens([&](const Token& token) { return token.person == name; });
    for (core::Team& team : change.records.teams) {
      const core::Team was = team;
      std::erase_if(team.members,
                    [&](const core::TeamMember& member) { return member.person == name; });
      if (team != was) change.Tell("team", team.name, ToJson(was), ToJson(team));
    }
    change.people.erase(found);
    change.Tell("person", before.person.name, ToJson(before), "");
    return {};
  });
}

Status FakePeopleStore::SetPassword(const core::PasswordChange& password,
                                    const core::AuditNote& note, Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    const auto found = change.people.find(password.name);
    if (found == change.people.end()) return Missing(ErrorCode::kNotFound, "person");
    PersonAccount& account = found->second.account;
    if (!account.profile.oidc_subject.empty()) {
      return Error{ErrorCode::kFailedPrecondition, "he has no password"};
    }
    const PersonProfile before = account.profile;
    found->second.hash = password.hash;
    account.failures = 0;
    account.last_failed_at.reset();
    account.profile.person.must_change_password = password.must_change;
    change.EraseTokens([&](const Token& token) {
      return (token.is_session || password.must_change) && token.person == password.name &&
             token.id != password.session_to_keep;
    });
    change.Tell("person", password.name, ToJson(before), ToJson(account.profile));
    return {};
  });
}

Result<std::optional<core::SignInFacts>> FakePeopleStore::FindForSignIn(std::string_view name,
                                                                        Deadline) {
  MutexLock lock(mutex_);
  const auto found = people_.find(name);
  if (found == people_.end()) return std::optional<core::SignInFacts>();
  return std::optional<core::SignInFacts>(
      {found->second.account, found->second.hash, access_.now()});
}

Result<std::optional<PersonAccount>> FakePeopleStore::FindBySubject(std::string_view subject,
                                                                    Deadline) {
  MutexLock lock(mutex_);
  for (const auto& [name, entry] : people_) {
    if (!subject.empty() && entry.account.profile.oidc_subject == subject) {
      return std::optional(entry.account);
    }
  }
  return std::optional<PersonAccount>();
}

Result<bool> FakePeopleStore::CountAttempt(std::string_view name, int failures, Deadline) {
  MutexLock lock(mutex_);
  const auto found = people_.find(name);
  if (found == people_.end() || found->second.account.failures != failures) return false;
  ++found->second.account.failures;
  found->second.account.last_failed_at = access_.now();
  return true;
}

Result<Token> FakePeopleStore::AddToken(const Token& given, const core::AuditNote& note,
                                        Deadline deadline) {
  Token token = given;
  const Status done = Run(note, deadline, [&](Change& change) -> Status {
    change.is_only_people_tokens = true;
    token.created_at = change.now;
    const auto found = change.people.find(token.person);
    if (found == change.people.end() || found->second.account.profile.person.is_disabled) {
      return Missing(ErrorCode::kFailedPrecondition, "person");
    }
    std::vector<Token> alike;
    for (const Token& one : change.records.tokens) {
      if (one.id == token.id) return Error{ErrorCode::kAlreadyExists, "the id is taken"};
      if (one.person == token.person && one.is_session == token.is_session) alike.push_back(one);
    }
    SortBy(alike, [](const Token& one) { return std::pair(one.created_at, one.id); });
    if (alike.size() >= AccessLimits::kTokensPerPersonMax) {
      if (!token.is_session) return Error{ErrorCode::kInsufficientCapacity, "too many"};
      change.EraseTokens([&](const Token& one) { return one.id == alike.front().id; });
    }
    if (!change.MakeRoom(token.is_session)) {
      return Error{ErrorCode::kInsufficientCapacity, "as many as there may be"};
    }
    change.records.tokens.push_back(token);
    if (token.is_session) {
      PersonAccount& account = found->second.account;
      account.failures = 0;
      account.last_failed_at.reset();
      account.last_sign_in_at = change.now;
    }
    change.Tell("token", token.id, "", ToJson(token));
    return {};
  });
  if (!done.ok()) return done.error();
  return token;
}

Status FakePeopleStore::RevokeToken(std::string_view id, const core::AuditNote& note,
                                    Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    change.is_only_people_tokens = true;
    change.EraseTokens([&](const Token& token) { return !token.person.empty() && token.id == id; });
    return change.told.empty() ? Missing(ErrorCode::kNotFound, "token") : Status{};
  });
}

}  // namespace lanemq::testing
