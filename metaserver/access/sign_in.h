#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/people_store.h"
#include "common/guard/refusal_limit.h"

namespace lanemq::metaserver {

/// How long after the last of so many wrong passwords in a row the next attempt has to wait:
/// nothing up to the fourth, a second after the fifth, twice as long after each further one,
/// 15 minutes at most.
[[nodiscard]] std::chrono::microseconds PauseAfter(int failures);
/// Until when nobody is let in by the person's password; nullopt: `now` is later, or nobody failed.
[[nodiscard]] std::optional<WallTime> LockedUntil(const core::PersonAccount& account, WallTime now);

/// Who says that he is somebody.
struct SignInAttempt {
  std::string_view name;
  std::string_view password;
  std::string address;  ///< Where he is, without a port.
};

/// Whether a password is right.
///
/// Says the same, in the same time, whatever was wrong: the name, the password, that there is
/// none, that the person is disabled, or has to wait. An attempt while one has to wait does not
/// count, so that nobody is kept out for longer than PauseAfter(). Each takes 64 MiB for a tenth
/// of a second: call it on few threads.
/// Thread safety: every method from any thread. Blocking.
class PasswordCheck {
 public:
  struct Options {
    /// Of each address, right ones, too: what they cost must not keep others out.
    RefusalLimit::Options attempts = {.per_second = 3};
  };

  /// `store` and `clock` outlive this object.
  PasswordCheck(core::PeopleStore& store, const Clock& clock)
      : PasswordCheck(store, clock, Options{}) {}
  PasswordCheck(core::PeopleStore& store, const Clock& clock, Options options);

  /// Whose password it is. kAuthenticationFailed; kThrottled: too many attempts of the address, or
  /// others try the same name just now; the errors of PeopleStore. The attempt counts as wrong
  /// until PeopleStore::AddToken() or SetPassword() says that it was right.
  Result<core::PersonAccount> Verify(const SignInAttempt& attempt, Deadline deadline);

 private:
  core::PeopleStore& store_;
  const Clock& clock_;
  RefusalLimit attempts_;
  const std::string nobodys_hash_;  ///< What is verified instead of a hash that there is not.
};

}  // namespace lanemq::metaserver
