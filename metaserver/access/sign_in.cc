#include "metaserver/access/sign_in.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "common/base/password.h"
#include "common/base/secure.h"
#include "common/core/access/access_rules.h"
#include "common/rpc/lobby.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kFreeFailures = 4;
constexpr microseconds kFirstPause = seconds{1};
constexpr microseconds kLongestPause = minutes{15};
constexpr int kDoublingsMax = 30;  ///< Of a second: more than the longest pause.

/// Of attempts that somebody else's attempt got in the way of.
constexpr int kRacesMax = 3;
constexpr std::int64_t kRaceRetryMs = 500;
constexpr std::int64_t kAddressRetryMs = 1'000;
/// What no count of wrong ones is: the statement is run, and finds nothing.
constexpr int kNoFailures = -1;

Error Refused() {
  return {ErrorCode::kAuthenticationFailed,
          "that name and password do not let anybody in; after five wrong passwords each further "
          "attempt has to wait, 15 minutes at most"};
}

std::string RandomText() {
  std::array<std::uint8_t, 32> random{};
  SecureRandom(random);
  return {reinterpret_cast<const char*>(random.data()), random.size()};
}

bool MayTry(const std::optional<core::SignInFacts>& facts) {
  if (!facts || facts->password_hash.empty()) return false;
  const core::PersonProfile& profile = facts->account.profile;
  return !profile.person.is_disabled && profile.oidc_subject.empty() &&
         !LockedUntil(facts->account, facts->now);
}

}  // namespace

microseconds PauseAfter(int failures) {
  if (failures <= kFreeFailures) return microseconds{0};
  const int doublings = std::min(failures - kFreeFailures - 1, kDoublingsMax);
  return std::min(kFirstPause * (std::int64_t{1} << doublings), kLongestPause);
}

std::optional<WallTime> LockedUntil(const core::PersonAccount& account, WallTime now) {
  if (!account.last_failed_at) return std::nullopt;
  const WallTime until{account.last_failed_at->micros + PauseAfter(account.failures).count()};
  return now < until ? std::optional(until) : std::nullopt;
}

PasswordCheck::PasswordCheck(core::PeopleStore& store, const Clock& clock, Options options)
    : options_(options),
      store_(store),
      clock_(clock),
      attempts_(options.attempts),
      strangers_({.per_second = options.strangers_per_second, .addresses_max = 1}),
      at_work_({.per_second = options.known_per_second, .addresses_max = 1}),
      nobodys_hash_(HashPassword(RandomText())) {}

Status PasswordCheck::Admit(const std::string& network) {
  const MonotonicTime now = clock_.Now();
  if (!attempts_.TakeOf(network, now)) {
    return Error{ErrorCode::kThrottled, "too many attempts to sign in from this address",
                 kAddressRetryMs};
  }
  if (IsKnown(network, now)) {
    if (at_work_.TakeOf("known", now)) return {};
    return Error{ErrorCode::kThrottled, "too many sign in just now: try again", kAddressRetryMs};
  }
  if (strangers_.TakeOf("strangers", now)) return {};
  return Error{ErrorCode::kThrottled,
               "too many attempts to sign in from addresses where nobody has lately: try again",
               kAddressRetryMs};
}

bool PasswordCheck::IsKnown(const std::string& network, MonotonicTime now) {
  MutexLock lock(mutex_);
  auto entry = known_.lower_bound({network, std::string()});
  while (entry != known_.end() && entry->first.first == network) {
    if (now - entry->second < options_.known_for) return true;
    entry = known_.erase(entry);
  }
  return false;
}

void PasswordCheck::Know(const std::string& network, const std::string& person) {
  const MonotonicTime now = clock_.Now();
  std::pair key(network, person);
  MutexLock lock(mutex_);
  const auto known = known_.find(key);
  if (known != known_.end()) {
    known->second = now;
    return;
  }
  // All are looked through: it is nothing beside the password.
  std::erase_if(known_,
                [&](const auto& entry) { return now - entry.second >= options_.known_for; });
  std::size_t persons = 0;
  auto persons_oldest = known_.end();
  auto oldest = known_.end();
  const auto keep_older = [&](auto& kept, auto entry) {
    if (kept == known_.end() || entry->second < kept->second) kept = entry;
  };
  for (auto entry = known_.begin(); entry != known_.end(); ++entry) {
    keep_older(oldest, entry);
    if (entry->first.second != person) continue;
    keep_older(persons_oldest, entry);
    ++persons;
  }
  if (persons_oldest != known_.end() && persons >= options_.known_per_person_max) {
    known_.erase(persons_oldest);
  } else if (oldest != known_.end() && known_.size() >= options_.known_max) {
    known_.erase(oldest);
  }
  known_.emplace(std::move(key), now);
}

Result<core::PersonAccount> PasswordCheck::Verify(const SignInAttempt& attempt, Deadline deadline) {
  const std::string_view name = attempt.name;
  const std::string network = rpc::NetworkOf(attempt.address);
  // Neither says anything of people that there are, nor costs anything.
  if (!core::CheckAccessName("person", name).ok()) return Refused();
  if (attempt.password.size() > core::kPasswordBytesMax) return Refused();
  LANEMQ_RETURN_IF_ERROR(Admit(network));
  for (int race = 1; race <= kRacesMax; ++race) {
    LANEMQ_ASSIGN_OR_RETURN(auto facts, store_.FindForSignIn(name, deadline));
    const bool may_try = MayTry(facts);
    LANEMQ_ASSIGN_OR_RETURN(
        const bool is_counted,
        store_.CountAttempt(name, may_try ? facts->account.failures : kNoFailures, deadline));
    if (may_try && !is_counted) continue;
    const bool is_right =
        VerifyPassword(may_try ? facts->password_hash : nobodys_hash_, attempt.password);
    if (!may_try || !is_right) return Refused();
    Know(network, facts->account.profile.person.name);
    return std::move(facts->account);
  }
  return Error{ErrorCode::kThrottled, "others sign in with this name just now: try again",
               kRaceRetryMs};
}

}  // namespace lanemq::metaserver
