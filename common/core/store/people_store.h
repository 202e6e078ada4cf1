#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/person.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// What decides whether a password is right. `password_hash` must not be told to anybody.
struct SignInFacts {
  PersonAccount account;
  std::string password_hash;  ///< Encoded (base/password.h); empty: he has none.
  WallTime now;               ///< The store's time, as of account.last_failed_at.
};

struct PasswordChange {
  std::string name;
  std::string hash;             ///< Encoded.
  bool must_change = false;     ///< Somebody else sets it: the person's own tokens end, too.
  std::string session_to_keep;  ///< Its id; all others of the person end. Empty: all end.
};

/// People, their passwords, sessions and tokens, in the metadata database.
///
/// What changes the book raises its version (AccessStore::LoadVersion()) and writes its audit row,
/// without passwords and hashes, in one transaction with it; changes are serialised with those of
/// AccessStore. A change that changes nothing does neither. What is given is checked by the caller
/// (access_rules.h), but for what only the tables know.
///
/// Implementations: sql::MySqlPeopleStore, testing::FakePeopleStore; both pass
/// tests/conformance/people_store_suite.h. Thread safety: every method from any thread. Blocking.
/// Errors of every method: kMetadataUnavailable, kThrottled, kConflict: nothing was changed;
/// changes also kInsufficientCapacity (AccessLimits), and kOutcomeUnknown: perhaps it was.
class PeopleStore {
 public:
  virtual ~PeopleStore() = default;

  /// By name.
  virtual Result<std::vector<PersonAccount>> List(Deadline deadline) = 0;
  /// Makes the person or changes him as a whole, but for `must_change_password`, which a password
  /// brings. With a subject he has no password any more. kAlreadyExists: the subject is somebody
  /// else's. kFailedPrecondition: nobody could administer any more.
  virtual Status Put(const PersonProfile& person, const AuditNote& note, Deadline deadline) = 0;
  /// With his tokens and places in teams. kNotFound; kFailedPrecondition as Put().
  virtual Status Delete(std::string_view name, const AuditNote& note, Deadline deadline) = 0;
  /// Also forgets wrong ones. kNotFound; kFailedPrecondition: he has a subject, and no password.
  virtual Status SetPassword(const PasswordChange& change, const AuditNote& note,
                             Deadline deadline) = 0;

  virtual Result<std::optional<SignInFacts>> FindForSignIn(std::string_view name,
                                                           Deadline deadline) = 0;
  virtual Result<std::optional<PersonAccount>> FindBySubject(std::string_view subject,
                                                             Deadline deadline) = 0;
  /// Counts an attempt as wrong, before it is looked at. False: there were not `failures` wrong
  /// ones before it (somebody else tries, too), or there is nobody of the name. Not audited: the
  /// book stays.
  virtual Result<bool> CountAttempt(std::string_view name, int failures, Deadline deadline) = 0;
  /// A new token of `token.person`, with an end; `created_at` is the store's to say. With a
  /// session wrong attempts are forgotten and the person has signed in; of kTokensPerPersonMax
  /// sessions the oldest goes, of as many tokens one more is kInsufficientCapacity. Of kTokensMax
  /// of all people together those that ended go; then, for a session, the session that ends first;
  /// a token that has not ended never does: kInsufficientCapacity. kFailedPrecondition: no such
  /// person, or he is disabled. kAlreadyExists: the id is taken.
  virtual Result<Token> AddToken(const Token& token, const AuditNote& note, Deadline deadline) = 0;
  /// kNotFound: there is none, or it is a service's.
  virtual Status RevokeToken(std::string_view id, const AuditNote& note, Deadline deadline) = 0;
};

}  // namespace lanemq::core
