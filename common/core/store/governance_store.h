#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/alert/alert_types.h"
#include "common/core/policy/hygiene.h"
#include "common/core/policy/policy_types.h"
#include "common/core/policy/request_events.h"
#include "common/core/policy/request_types.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// Version 0: nobody has set a policy.
struct StoredPolicy {
  Policy policy;
  std::int64_t version = 0;
};

/// A request for changes with what its row knows besides.
struct StoredRequest {
  ChangeRequest request;
  std::string title;
  std::int64_t version = 0;  ///< Rises with each change of the row.
  std::size_t changes = 0;   ///< In the bundle, which lists leave out.
  bool operator==(const StoredRequest&) const = default;
};

/// Which requests a list shows; all that is there must hold.
struct RequestFilter {
  std::vector<RequestState> states;  ///< Empty: all.
  std::string author;                ///< "person:ann"; empty: anybody.
  std::optional<std::int64_t> before_id;
  std::size_t max = 100;
};

/// What is known of topics and groups beside catalogue and book.
struct GovernanceFacts {
  struct OfTopic {
    std::string tier;
    std::optional<Traffic> traffic;
    bool operator==(const OfTopic&) const = default;
  };
  struct OfGroup {
    std::string tier;
    std::string description;
    bool operator==(const OfGroup&) const = default;
  };
  std::map<std::string, OfTopic, std::less<>> topics;
  std::map<std::string, OfGroup, std::less<>> groups;
};

/// On behalf of which request, and of which of its epochs, something is changed: it happens only
/// while the request is being applied in this epoch.
struct RequestTerm {
  std::int64_t request = 0;
  std::int64_t epoch = 0;
};

/// An event of a request of which nobody was told yet.
struct RequestNotice {
  std::int64_t id = 0;
  std::int64_t request = 0;
  RequestEvent event = RequestEvent::kSubmitted;
  WallTime at;
  bool operator==(const RequestNotice&) const = default;
};

struct RequestNotices {
  WallTime now;                        ///< The store's clock.
  std::vector<RequestNotice> notices;  ///< Broken glass first, then the oldest.
  std::int64_t waiting = 0;            ///< Of all; counted to GovernanceStore::kNoticesMax.
  std::int64_t told_lately = 0;        ///< Events that were handed over within the last minute.
};

/// What people were told to tidy up.
struct HygieneMemory {
  WallTime now;  ///< The store's clock.
  std::map<HygieneMatter, Reminded> told;
};

/// What is told at a time, and what is remembered of it.
struct HygieneTelling {
  std::map<HygieneMatter, Reminded> told;  ///< Replaces what was remembered of the same matter.
  std::vector<HygieneMatter> forget;
  std::vector<AlertNotice> notices;
};

/// Policy, requests for changes and what they are applied with, in the metadata database.
///
/// Every change is one transaction with its audit rows. Implementations: sql::MySqlGovernanceStore,
/// testing::FakeGovernanceStore; both pass tests/conformance/governance_store_suite.h. Thread
/// safety: every method from any thread. Blocking.
/// Errors of every method: kMetadataUnavailable, kThrottled: nothing was changed. Changes also:
/// kConflict: nothing was changed, too many lost races; kOutcomeUnknown: the answer was lost, also
/// when asked again; what is stored says it.
class GovernanceStore {
 public:
  static constexpr std::size_t kOpenRequestsMax = 5'000;
  static constexpr std::size_t kOpenRequestsPerAuthorMax = 500;
  static constexpr std::size_t kListMax = 1'000;
  static constexpr std::chrono::hours kAttemptAge{24};  ///< An idempotency key counts so long.
  /// Events that wait to be told; more are not kept, but for broken glass.
  static constexpr std::size_t kNoticesMax = 10'000;
  static constexpr std::size_t kRemindedMax = 500'000;
  static constexpr std::size_t kTellingMax = 1'000;

  virtual ~GovernanceStore() = default;

  virtual Result<StoredPolicy> LoadPolicy(Deadline deadline) = 0;
  /// As a whole; equal ones change nothing. kConflict: the version is not `if_version`.
  virtual Result<StoredPolicy> PutPolicy(const Policy& policy,
                                         std::optional<std::int64_t> if_version,
                                         const AuditNote& note, Deadline deadline) = 0;
  virtual Result<GovernanceFacts> LoadFacts(Deadline deadline) = 0;

  /// A new one, with the id and version of the answer. `attempt` not empty: of the same author
  /// within a day the request that it has made is the answer. kInvalidRequest: that one has other
  /// changes. kInsufficientCapacity: too many that have not ended.
  virtual Result<StoredRequest> AddRequest(const StoredRequest& request, std::string_view attempt,
                                           const AuditNote& note, Deadline deadline) = 0;
  /// nullopt: no such request.
  virtual Result<std::optional<StoredRequest>> FindRequest(std::int64_t id, Deadline deadline) = 0;
  /// Newest first, without bundles; at most kListMax.
  virtual Result<std::vector<StoredRequest>> ListRequests(const RequestFilter& filter,
                                                          Deadline deadline) = 0;
  /// Ids above `after_id` of those that somebody has to go on with: approved, being applied with
  /// nothing to wait for at `now`, and pending ones that expired before. The oldest first, at most
  /// `max`.
  virtual Result<std::vector<std::int64_t>> LoadDueRequests(WallTime now, std::int64_t after_id,
                                                            std::size_t max, Deadline deadline) = 0;
  /// Replaces the row of this id and version; the bundle only of a draft or a pending one, since
  /// nobody can edit it later. `note`: nullopt writes no audit row (progress). The answer has the
  /// new version. kConflict: it has another version, or is gone.
  virtual Result<StoredRequest> SaveRequest(const StoredRequest& request,
                                            const std::optional<AuditNote>& note,
                                            Deadline deadline) = 0;
  /// Removes ended requests that changed last more than `age` before `now`; at most `max`, a few
  /// in each transaction. How many.
  virtual Result<std::int64_t> ExpireRequests(WallTime now, std::chrono::hours age, std::size_t max,
                                              Deadline deadline) = 0;

  // What happens to a request (EventOf()) is kept, in the transaction that makes it happen, until
  // it is handed over. Each event is handed over once.

  /// Of each kind, urgent or not, at most `max`.
  virtual Result<RequestNotices> LoadNotices(std::size_t max, Deadline deadline) = 0;
  /// The event is told by `notices`, which are to be sent from now on (AlertStore::Due()), or, when
  /// there are none, by nobody. False: it was handed over before, and nothing is stored.
  virtual Result<bool> HandOver(const RequestNotice& event, std::span<const AlertNotice> notices,
                                Deadline deadline) = 0;
  /// Forgets events that waited for over a day; at most `max`. How many.
  virtual Result<std::int64_t> ExpireNotices(std::size_t max, Deadline deadline) = 0;

  // Who was reminded of what, by the metaserver on call.

  /// At most kRemindedMax matters; those that only a newer version knows are left out, and stay.
  virtual Result<HygieneMemory> LoadReminded(Deadline deadline) = 0;
  /// Everything, or nothing: the notices are to be sent from now on (AlertStore::Due()). At most
  /// kTellingMax matters are told, and as many forgotten (kInvalidRequest). kFenced: the term is
  /// over. After kOutcomeUnknown LoadReminded() says whether it was done.
  virtual Status Remind(const HygieneTelling& telling, const Fence& fence, Deadline deadline) = 0;

  // Steps of applying. kFenced: the request is not being applied, or in another epoch.

  /// As CatalogStore::BeginCreateTopic(), and marks the topic as the request's: it stays in
  /// creation with all its tables, so that nobody can write to it, until Commit().
  /// kTopicAlreadyExists when there is one that it has not made.
  virtual Result<TopicRecord> BeginCreateTopic(const RequestTerm& term, const NewTopic& topic,
                                               const Placer& placer, const AuditNote& note,
                                               Deadline deadline) = 0;
  /// As CatalogStore::BeginAddPartitions().
  virtual Result<TopicRecord> BeginAddPartitions(const RequestTerm& term, std::string_view name,
                                                 std::int32_t total,
                                                 const std::function<Placer(const Topic&)>& placer,
                                                 const AuditNote& note, Deadline deadline) = 0;
  /// The topic of this name, if the request has made it; nullopt: there is nothing to undo.
  virtual Result<std::optional<TopicRecord>> FindMadeTopic(const RequestTerm& term,
                                                           std::string_view name,
                                                           Deadline deadline) = 0;
  /// Begins its deletion, as CatalogStore::BeginDeleteTopic(). Nothing, and nullopt, as above.
  virtual Result<std::optional<TopicRecord>> BeginUndoTopic(const RequestTerm& term,
                                                            std::string_view name,
                                                            const AuditNote& note,
                                                            Deadline deadline) = 0;
  /// Everything that is not tables, and the request as given, which is applied: the topics that it
  /// has made become active, settings, owners, facts, grants, quotas, teams, deletions begun. The
  /// answer has the new version. kConflict as SaveRequest(); kFailedPrecondition,
  /// kUnknownTopicOrPartition, kNotFound, kInsufficientCapacity: what is there does not allow it
  /// (any more).
  virtual Result<StoredRequest> Commit(const StoredRequest& request, const AuditNote& note,
                                       Deadline deadline) = 0;
};

}  // namespace lanemq::core
