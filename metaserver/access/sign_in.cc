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
    : store_(store),
      clock_(clock),
      attempts_(options.attempts),
      nobodys_hash_(HashPassword(RandomText())) {}

Result<core::PersonAccount> PasswordCheck::Verify(const SignInAttempt& attempt, Deadline deadline) {
  const std::string_view name = attempt.name;
  if (!attempts_.TakeOf(rpc::NetworkOf(attempt.address), clock_.Now())) {
    return Error{ErrorCode::kThrottled, "too many attempts to sign in from this address",
                 kAddressRetryMs};
  }
  // Neither says anything of people that there are.
  if (!core::CheckAccessName("person", name).ok()) return Refused();
  if (attempt.password.size() > core::kPasswordBytesMax) return Refused();
  for (int race = 1; race <= kRacesMax; ++race) {
    LANEMQ_ASSIGN_OR_RETURN(auto facts, store_.FindForSignIn(name, deadline));
    const bool may_try = MayTry(facts);
    LANEMQ_ASSIGN_OR_RETURN(
        const bool is_counted,
        store_.CountAttempt(name, may_try ? facts->account.failures : kNoFailures, deadline));
    if (may_try && !is_counted) continue;
    const bool is_right =
        VerifyPassword(may_try ? facts->password_hash : nobodys_hash_, attempt.password);
    if (may_try && is_right) return std::move(facts->account);
    return Refused();
  }
  return Error{ErrorCode::kThrottled, "others sign in with this name just now: try again",
               kRaceRetryMs};
}

}  // namespace lanemq::metaserver
