#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/people_tokens.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// Identities and what they may do, in the metadata database.
///
/// Every change raises the version and writes its audit row, with before and after, in one
/// transaction; changes are serialised. A change that changes nothing does neither. What is given
/// is checked by the caller (access_rules.h), but for what only the tables know.
///
/// Implementations: sql::MySqlAccessStore, testing::FakeAccessStore; both pass
/// tests/conformance/access_store_suite.h. Thread safety: every method from any thread. Blocking.
/// Errors of every method: kMetadataUnavailable, kThrottled, kConflict: nothing was changed;
/// changes also kInsufficientCapacity (AccessLimits, which do not count what has ended), and
/// kOutcomeUnknown: perhaps it was, and it could not be found out; every change but AddToken() may
/// be repeated. A reply that is lost once is none of the caller's: the change is made once.
class AccessStore {
 public:
  virtual ~AccessStore() = default;

  /// Cheap.
  virtual Result<std::int64_t> LoadVersion(Deadline deadline) = 0;
  /// Everything, of one instant. Tokens and grants that ended over 30 days ago are left out.
  virtual Result<AccessRecords> Load(Deadline deadline) = 0;
  /// Tokens of people as Load() has them, of one instant; for who has the rest. nullopt: something
  /// else was changed since `rights_version`, too.
  virtual Result<std::optional<PeopleTokens>> LoadPeopleTokens(std::int64_t rights_version,
                                                               Deadline deadline) = 0;

  /// Makes the team or changes it as a whole; equal ones change nothing. `if_version`: VersionOf()
  /// what the caller has seen, 0: no team. kConflict: it is another one.
  virtual Status PutTeam(const Team& team, std::optional<std::int64_t> if_version,
                         const AuditNote& note, Deadline deadline) = 0;
  /// Whatever was there.
  Status PutTeam(const Team& team, const AuditNote& note, Deadline deadline) {
    return PutTeam(team, std::nullopt, note, deadline);
  }
  /// kNotFound; kFailedPrecondition, with what is in the way: services, ownership, grants.
  virtual Status DeleteTeam(std::string_view name, const AuditNote& note, Deadline deadline) = 0;

  /// Makes the service or changes it as a whole. kFailedPrecondition: no such team, or it is of
  /// another kind.
  virtual Status PutService(const Service& service, const AuditNote& note, Deadline deadline) = 0;
  /// With its tokens and grants, in several transactions where there are many: its tokens go with
  /// the first. kNotFound. kThrottled: the time was over, and some grants are left; repeat it.
  virtual Status DeleteService(std::string_view name, const AuditNote& note, Deadline deadline) = 0;

  /// A new token; `created_at` is the database's to say, and its audit row has no hash.
  /// kFailedPrecondition: no such service. kAlreadyExists: the id is taken; choose another.
  virtual Result<Token> AddToken(const Token& token, const AuditNote& note, Deadline deadline) = 0;
  /// kNotFound.
  virtual Status RevokeToken(std::string_view id, const AuditNote& note, Deadline deadline) = 0;

  /// Makes the grant, or changes actions and expiry of the one of the same kind, name, prefix and
  /// principal; `id` is the store's to say. kFailedPrecondition: no such principal.
  virtual Result<Grant> PutGrant(const Grant& grant, const AuditNote& note, Deadline deadline) = 0;
  /// kNotFound.
  virtual Status DeleteGrant(std::int64_t id, const AuditNote& note, Deadline deadline) = 0;

  /// An empty team: nobody's. kFailedPrecondition: no such team.
  virtual Status SetOwner(const Owner& owner, const AuditNote& note, Deadline deadline) = 0;
  /// Of a topic or group that is gone: nobody's, and no grant names it exactly any more. What is
  /// not there is no error.
  virtual Status DeleteRightsOn(ResourceKind kind, std::string_view name, const AuditNote& note,
                                Deadline deadline) = 0;

  /// Sets the team's quota as a whole; one without a limit is none. It goes with the team.
  /// kFailedPrecondition: no such team.
  virtual Status PutQuota(const QuotaOfTeam& quota, const AuditNote& note, Deadline deadline) = 0;
  virtual Status SetQuotaMode(QuotaMode mode, const AuditNote& note, Deadline deadline) = 0;
};

}  // namespace lanemq::core
