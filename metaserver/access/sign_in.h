#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/clock.h"
#include "common/base/mutex.h"
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
///
/// Known networks are what this process has seen: after its start, and with each further
/// metaserver, everybody is a stranger once. It matters while somebody guesses from more than
/// three networks at that time, and then to those whose session has just ended: they share
/// `strangers_per_second` with him, and are told to try again. Sessions, tokens and certificates
/// go on. It is not worth a table of where people are, with a write at each sign-in.
/// Thread safety: every method from any thread. Blocking.
class PasswordCheck {
 public:
  struct Options {
    /// Of each network, right ones, too: what they cost must not keep others out.
    RefusalLimit::Options attempts = {.per_second = 3};
    /// Of all networks together from which nobody has signed in lately: half of what two threads
    /// can do, so that whoever guesses from many networks does not keep out those at work.
    double strangers_per_second = 10;
    /// Of all known ones together: less than two threads can do, so that they do not fill the
    /// queue.
    double known_per_second = 15;
    std::chrono::hours known_for{24 * 7};
    std::size_t known_per_person_max = 8;  ///< Networks; a new one takes the oldest one's place.
    std::size_t known_max = 10'000;        ///< The same, of everybody's.
  };

  /// `store` and `clock` outlive this object.
  PasswordCheck(core::PeopleStore& store, const Clock& clock)
      : PasswordCheck(store, clock, Options{}) {}
  PasswordCheck(core::PeopleStore& store, const Clock& clock, Options options);

  /// Whose password it is. kAuthenticationFailed; kThrottled: too many attempts of the network, of
  /// strange ones or of known ones, or others try the same name just now; the errors of
  /// PeopleStore. The attempt counts as wrong until PeopleStore::AddToken() or SetPassword() says
  /// that it was right.
  Result<core::PersonAccount> Verify(const SignInAttempt& attempt, Deadline deadline);

 private:
  /// Whether the attempt may be looked at: a refusal costs nothing.
  Status Admit(const std::string& network);
  [[nodiscard]] bool IsKnown(const std::string& network, MonotonicTime now);
  void Know(const std::string& network, const std::string& person);

  const Options options_;
  core::PeopleStore& store_;
  const Clock& clock_;
  RefusalLimit attempts_;
  RefusalLimit strangers_;
  RefusalLimit at_work_;  ///< Those of known networks.
  Mutex mutex_;
  /// Networks from which somebody has signed in, who, and when last.
  std::map<std::pair<std::string, std::string>, MonotonicTime> known_ LANEMQ_GUARDED_BY(mutex_);
  const std::string nobodys_hash_;  ///< What is verified instead of a hash that there is not.
};

}  // namespace lanemq::metaserver
