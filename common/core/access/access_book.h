#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/access/access_types.h"
#include "common/core/access/grant_index.h"

namespace lanemq::core {

/// Yes or no, and the sentence that says why, for people.
struct AccessVerdict {
  bool is_allowed = false;
  std::string because;
};

/// Who may do what, at one version: immutable, made once from AccessRecords and shared.
///
/// Nothing is denied by rule: what no role, ownership or grant allows is not allowed. `now` is the
/// reader's wall clock; tokens and grants end by it.
/// Thread safety: immutable.
class AccessBook {
 public:
  explicit AccessBook(AccessRecords records);
  /// The indexes point into the records.
  AccessBook(const AccessBook&) = delete;
  AccessBook& operator=(const AccessBook&) = delete;

  [[nodiscard]] std::int64_t version() const { return records_.version; }
  [[nodiscard]] const AccessRecords& records() const { return records_; }

  /// Whose the token is. kAuthenticationFailed, with one message whatever was wrong with it
  /// (unknown, another secret, expired, revoked, service or person disabled or gone).
  /// `secret_hash`: SHA-256 of the secret's text. Compares in constant time.
  [[nodiscard]] Result<Caller> Authenticate(std::string_view token_id, std::string_view secret_hash,
                                            WallTime now) const;
  /// Of a certificate: the service of this name, unless it is disabled. kAuthenticationFailed.
  [[nodiscard]] Result<Caller> AuthenticateService(std::string_view service) const;
  /// Whether what Authenticate() said would still be said. One hash look-up. A caller without a
  /// token: whether its service, or the person, is there and enabled; a person may also be in a
  /// team alone. Anonymous callers and teams are not: with a book, whoever calls has said who he
  /// is.
  [[nodiscard]] bool IsValid(const Caller& caller, WallTime now) const;

  /// False for callers that are not valid. Cheap: hash look-ups, and one per prefix length that any
  /// grant to the caller has. What roles alone allow does not depend on the resource.
  [[nodiscard]] bool Allows(const Caller& caller, Action action, const Resource& resource,
                            WallTime now) const;
  /// The same with the reason, whatever tokens there are. `principal` may be a team, too: as its
  /// services.
  [[nodiscard]] AccessVerdict Explain(const Principal& principal, Action action,
                                      const Resource& resource, WallTime now) const;

  /// Null when there is none.
  [[nodiscard]] const Service* FindService(std::string_view name) const;
  [[nodiscard]] const Team* FindTeam(std::string_view name) const;
  /// Null for who is in teams alone, too.
  [[nodiscard]] const Person* FindPerson(std::string_view name) const;
  [[nodiscard]] const Token* FindToken(std::string_view id) const;
  struct Seat {
    std::string_view team;  ///< Valid for as long as the book.
    TeamRole role = TeamRole::kMember;
    bool operator==(const Seat&) const = default;
  };
  /// The person's places in teams, by team.
  [[nodiscard]] std::vector<Seat> SeatsOf(std::string_view person) const;
  /// Null: the team may have as much as there is.
  [[nodiscard]] const TeamQuota* QuotaOf(std::string_view team) const;
  /// The owning team's name; empty: nobody's.
  [[nodiscard]] std::string_view OwnerOf(ResourceKind kind, std::string_view name) const;

 private:
  /// What allows something.
  enum class Ground : std::uint8_t { kNone, kAnybody, kRole, kOwnership, kGrant };
  struct Verdict {
    Ground ground = Ground::kNone;
    const Grant* grant = nullptr;  ///< With kGrant.
  };
  struct KnownService {
    const Service* service = nullptr;
    const GrantIndex* own_grants = nullptr;   ///< Null: none.
    const GrantIndex* team_grants = nullptr;  ///< Null: none.
  };
  struct KnownToken {
    const Token* token = nullptr;
    const Service* service = nullptr;  ///< Null: gone, or a person's.
    const Person* person = nullptr;    ///< Null: gone, or a service's.
  };
  struct Membership {
    const Team* team = nullptr;
    TeamRole role = TeamRole::kMember;
  };
  struct KnownPerson {
    const Person* person = nullptr;  ///< Null: in teams alone.
    std::vector<Membership> memberships;
  };
  template <typename T>
  using ByName = std::unordered_map<std::string_view, T>;

  [[nodiscard]] Verdict Judge(const Principal& principal, Action action, const Resource& resource,
                              WallTime now) const;
  [[nodiscard]] Verdict JudgeService(std::string_view name, Action action, const Resource& resource,
                                     WallTime now) const;
  [[nodiscard]] Verdict JudgePerson(std::string_view name, Action action, const Resource& resource,
                                    WallTime now) const;
  [[nodiscard]] Verdict JudgeTeam(std::string_view name, Action action, const Resource& resource,
                                  WallTime now) const;
  /// The grants to what the principal is or belongs to, without nulls.
  [[nodiscard]] std::vector<const GrantIndex*> GrantsTo(const Principal& principal) const;
  [[nodiscard]] const GrantIndex* GrantsToTeam(std::string_view name) const;
  [[nodiscard]] const Membership* FindMembership(std::string_view person,
                                                 std::string_view team) const;

  /// Sentences, in access_explain.cc. Empty: the principal can be judged.
  [[nodiscard]] std::string WhyUnknown(const Principal& principal) const;
  [[nodiscard]] std::string WhyAllowed(const Verdict& verdict, const Principal& principal,
                                       const Resource& resource) const;
  [[nodiscard]] std::string WhyRefused(const Principal& principal, Action action,
                                       const Resource& resource) const;
  [[nodiscard]] std::string WhomToAsk(const Resource& resource) const;

  const AccessRecords records_;
  ByName<KnownService> services_;
  ByName<const Team*> teams_;
  ByName<KnownPerson> people_;
  ByName<KnownToken> tokens_;
  ByName<GrantIndex> service_grants_;
  ByName<GrantIndex> team_grants_;
  std::array<ByName<std::string_view>, 2> owners_;  ///< Topics, groups: the team's name.
  ByName<const TeamQuota*> quotas_;
};

}  // namespace lanemq::core
