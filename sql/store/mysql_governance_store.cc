// Policy and requests of MySqlGovernanceStore.
#include "sql/store/mysql_governance_store.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/base/random.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/policy_json.h"
#include "common/core/policy/request_json.h"
#include "common/core/policy/request_machine.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/governance_facts.h"
#include "sql/store/governance_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditNote;
using core::RequestState;
using core::StoredPolicy;
using core::StoredRequest;

/// Requests that one transaction removes.
constexpr std::size_t kExpireBatch = 50;

Error Changed(std::int64_t id) {
  return {ErrorCode::kConflict,
          fmt::format("request {} was changed meanwhile: look at it again", id)};
}

Result<StoredPolicy> ReadPolicy(Connection& connection, const Statement& statement) {
  StoredPolicy stored;
  std::string text;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, {}, [&](const Row& row) {
    stored.version = row.Int64(0);
    text = row.String(1);
    return false;
  }));
  if (stored.version == 0) return stored;
  auto policy = core::PolicyFromText(text);
  if (!policy.ok()) {
    return Error{ErrorCode::kFailedPrecondition,
                 "the policy is not understood here: " + policy.error().message};
  }
  stored.policy = *std::move(policy);
  return stored;
}

Status CheckRoomFor(Connection& connection, std::string_view author) {
  std::int64_t all = 0;
  std::int64_t own = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kCountOpenChangeRequests, {author}, [&](const Row& row) {
        all = row.Int64(0);
        own = row.Int64(1);
        return false;
      }));
  using Limits = core::GovernanceStore;
  if (all < static_cast<std::int64_t>(Limits::kOpenRequestsMax) &&
      own < static_cast<std::int64_t>(Limits::kOpenRequestsPerAuthorMax)) {
    return {};
  }
  return Error{
      ErrorCode::kInsufficientCapacity,
      fmt::format("{} requests of {} are open, {} of all; {} and {} are the most: "
                  "withdraw what nobody needs any more",
                  own, author, all, Limits::kOpenRequestsPerAuthorMax, Limits::kOpenRequestsMax)};
}

Status Insert(Connection& connection, const StoredRequest& stored, std::string_view attempt) {
  const core::ChangeRequest& request = stored.request;
  const std::string author = core::ToString(request.author);
  const std::string detail = core::RequestDetailToText(request);
  const Param expires = request.expires_at ? Param{request.expires_at->micros} : Param{SqlNull{}};
  return ToStatus(connection.Update(
      statements::kInsertChangeRequest,
      {std::string_view(author), std::string_view(stored.title), core::ToString(request.state),
       request.progress.epoch, static_cast<std::int64_t>(request.bundle.changes.size()),
       std::string_view(detail), attempt, request.created_at.micros, request.changed_at.micros,
       expires, RetryOf(request)}));
}

struct Attempt {
  std::int64_t id = 0;
  WallTime at;
};

Result<std::optional<Attempt>> FindAttempt(Connection& connection, std::string_view author,
                                           std::string_view attempt) {
  std::optional<Attempt> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kFindChangeRequestAttempt, {author, attempt},
                                          [&](const Row& row) {
                                            found = Attempt{row.Int64(0), WallTime{row.Int64(1)}};
                                            return false;
                                          }));
  return found;
}

Result<StoredRequest> ReadExisting(Connection& connection, std::int64_t id) {
  LANEMQ_ASSIGN_OR_RETURN(auto stored, ReadRequest(connection, id));
  if (!stored) return Changed(id);
  return *std::move(stored);
}

/// The row as it is, held, and with its bundle where its author may have edited it. Later on nobody
/// can: it has that of `wanted`.
Result<LockedRequest> LockExisting(Connection& connection, const StoredRequest& wanted) {
  const std::int64_t id = wanted.request.id;
  LANEMQ_ASSIGN_OR_RETURN(auto locked, LockRequest(connection, id));
  if (!locked) return Changed(id);
  core::ChangeRequest& request = locked->stored.request;
  if (request.state == RequestState::kDraft || request.state == RequestState::kPending) {
    LANEMQ_ASSIGN_OR_RETURN(request.bundle, ReadBundle(connection, id));
  } else {
    request.bundle = wanted.request.bundle;
  }
  return *std::move(locked);
}

/// How many of those that ended in this state, and changed last before `before` (microseconds).
Result<std::int64_t> DeleteSome(Connection& connection, RequestState state, std::int64_t before,
                                std::int64_t max) {
  std::vector<std::int64_t> ids;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOldChangeRequests,
                                          {core::ToString(state), before, max},
                                          [&](const Row& row) {
                                            ids.push_back(row.Int64(0));
                                            return true;
                                          }));
  for (const std::int64_t id : ids) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteChangeBundle, {id})));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteChangeRequest, {id})));
  }
  return static_cast<std::int64_t>(ids.size());
}

bool IsSameBut(StoredRequest row, const StoredRequest& wanted) {
  row.version = wanted.version;
  row.changes = wanted.changes;
  return row == wanted;
}

}  // namespace

Result<StoredPolicy> MySqlGovernanceStore::LoadPolicy(Deadline deadline) {
  StoredPolicy stored;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(stored, ReadPolicy(connection, statements::kReadPolicy));
    return {};
  });
  if (!read.ok()) return read.error();
  return stored;
}

Result<StoredPolicy> MySqlGovernanceStore::PutPolicy(const core::Policy& policy,
                                                     std::optional<std::int64_t> if_version,
                                                     const AuditNote& note, Deadline deadline) {
  StoredPolicy after;
  const Status done = RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(const StoredPolicy before,
                            ReadPolicy(connection, statements::kLockPolicy));
    if (if_version && *if_version != before.version) {
      return Error{ErrorCode::kConflict,
                   fmt::format("the policy has version {}, not {}: look at it again",
                               before.version, *if_version)};
    }
    after = before;
    if (before.version > 0 && before.policy == policy) return {};
    after = {policy, before.version + 1};
    const std::string text = core::PolicyToText(policy);
    LANEMQ_RETURN_IF_ERROR(ToStatus(
        connection.Update(statements::kSavePolicy, {after.version, std::string_view(text)})));
    return change.Tell({"policy",
                        "cluster",
                        before.version > 0 ? core::PolicyToText(before.policy) : "",
                        text,
                        {}});
  });
  if (!done.ok()) return done.error();
  return after;
}

Result<core::GovernanceFacts> MySqlGovernanceStore::LoadFacts(Deadline deadline) {
  core::GovernanceFacts facts;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(facts, ReadFacts(connection));
    return {};
  });
  if (!read.ok()) return read.error();
  return facts;
}

Result<StoredRequest> MySqlGovernanceStore::AddRequest(const StoredRequest& request,
                                                       std::string_view attempt,
                                                       const AuditNote& note, Deadline deadline) {
  const std::string author = core::ToString(request.request.author);
  // By which a lost reply is found again, too.
  const std::string key = attempt.empty()
                              ? fmt::format("made-up:{:016x}", Random::FromSystem().PositiveId())
                              : fmt::format("key:{}", attempt);
  StoredRequest stored;
  const Status done = RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(const auto earlier, FindAttempt(connection, author, key));
    if (earlier) {
      const std::int64_t age = request.request.created_at.micros - earlier->at.micros;
      if (age < std::chrono::microseconds(kAttemptAge).count()) {
        LANEMQ_ASSIGN_OR_RETURN(stored, ReadExisting(connection, earlier->id));
        if (stored.request.bundle == request.request.bundle) return {};
        return Error{ErrorCode::kInvalidRequest,
                     fmt::format("the idempotency key was used for request {}, which has other "
                                 "changes: another bundle needs another key",
                                 earlier->id)};
      }
      LANEMQ_RETURN_IF_ERROR(
          ToStatus(connection.Update(statements::kForgetChangeRequestAttempt, {earlier->id})));
    }
    LANEMQ_RETURN_IF_ERROR(CheckRoomFor(connection, author));
    LANEMQ_RETURN_IF_ERROR(Insert(connection, request, key));
    LANEMQ_ASSIGN_OR_RETURN(const auto made, FindAttempt(connection, author, key));
    if (!made) return Error{ErrorCode::kUnknownServerError, "the new request is not there"};
    LANEMQ_RETURN_IF_ERROR(SaveBundle(connection, made->id, request.request.bundle));
    LANEMQ_ASSIGN_OR_RETURN(stored, ReadExisting(connection, made->id));
    LANEMQ_RETURN_IF_ERROR(KeepEvent(connection, change.now(), nullptr, stored.request));
    return change.Tell({"change_request",
                        std::to_string(made->id),
                        "",
                        core::RequestToAuditText(stored.request, stored.title),
                        {}});
  });
  if (!done.ok() && done.error().code == ErrorCode::kAlreadyExists) {
    // Somebody else was quicker with the same key.
    return Error{ErrorCode::kConflict, "the same request is being made: try again"};
  }
  if (!done.ok()) return done.error();
  return stored;
}

Result<std::optional<StoredRequest>> MySqlGovernanceStore::FindRequest(std::int64_t id,
                                                                       Deadline deadline) {
  std::optional<StoredRequest> stored;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(stored, ReadRequest(connection, id));
    return {};
  });
  if (!read.ok()) return read.error();
  return stored;
}

Result<std::vector<StoredRequest>> MySqlGovernanceStore::ListRequests(
    const core::RequestFilter& filter, Deadline deadline) {
  std::vector<StoredRequest> requests;
  std::string states;
  for (const RequestState state : filter.states) {
    states += fmt::format("{}{}", states.empty() ? "" : ",", core::ToString(state));
  }
  const std::int64_t before = filter.before_id.value_or(std::numeric_limits<std::int64_t>::max());
  const std::string_view author = filter.author;
  const std::string_view states_text = states;
  const auto max = static_cast<std::int64_t>(std::min(filter.max, kListMax));
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) {
    requests.clear();
    const auto add = [&](const Row& row) {
      if (auto one = RequestFromListRow(row)) requests.push_back(*std::move(one));
      return true;
    };
    if (filter.states.size() == 1) {
      return connection.Query(statements::kListChangeRequestsInState,
                              {states_text, before, author, author, max}, add);
    }
    return connection.Query(statements::kListChangeRequests,
                            {before, states_text, states_text, author, author, max}, add);
  });
  if (!read.ok()) return read.error();
  return requests;
}

Result<std::vector<std::int64_t>> MySqlGovernanceStore::LoadDueRequests(WallTime now,
                                                                        std::int64_t after_id,
                                                                        std::size_t max,
                                                                        Deadline deadline) {
  std::vector<std::int64_t> ids;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) {
    ids.clear();
    const auto limit = static_cast<std::int64_t>(max);
    return connection.Query(
        statements::kReadDueChangeRequests,
        {after_id, limit, after_id, now.micros, limit, after_id, now.micros, limit, limit},
        [&](const Row& row) {
          ids.push_back(row.Int64(0));
          return true;
        });
  });
  if (!read.ok()) return read.error();
  return ids;
}

Result<StoredRequest> MySqlGovernanceStore::SaveRequest(const StoredRequest& request,
                                                        const std::optional<AuditNote>& note,
                                                        Deadline deadline) {
  const std::int64_t id = request.request.id;
  const Status done = RunSettled(
      pool_, now_, note.value_or(AuditNote{}), deadline, [&](SettledChange& change) -> Status {
        Connection& connection = change.connection();
        LANEMQ_ASSIGN_OR_RETURN(const LockedRequest locked, LockExisting(connection, request));
        const StoredRequest& before = locked.stored;
        // An earlier attempt, whose reply was lost.
        if (before.version == request.version + 1 && IsSameBut(before, request)) return {};
        if (before.version != request.version) return Changed(id);
        if (before.request.bundle != request.request.bundle) {
          LANEMQ_RETURN_IF_ERROR(SaveBundle(connection, id, request.request.bundle));
        } else if (locked.has_bundle) {
          LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kMoveChangeBundle, {id})));
        }
        LANEMQ_ASSIGN_OR_RETURN(const bool is_done, UpdateRequest(connection, request));
        if (!is_done) return Changed(id);
        LANEMQ_RETURN_IF_ERROR(
            KeepEvent(connection, change.now(), &before.request, request.request));
        if (core::IsFinal(request.request.state)) {
          LANEMQ_RETURN_IF_ERROR(
              ToStatus(connection.Update(statements::kUnmarkTopicsOfRequest, {id})));
        }
        if (!note) return {};
        return change.Tell({"change_request",
                            std::to_string(id),
                            core::RequestToAuditText(before.request, before.title),
                            core::RequestToAuditText(request.request, request.title),
                            {}});
      });
  if (!done.ok()) return done.error();
  StoredRequest stored = request;
  ++stored.version;
  stored.changes = request.request.bundle.changes.size();
  return stored;
}

namespace {

/// At most `max` bundles of requests that are gone, older than any that is there.
Status DeleteOrphanedBundles(Connection& connection, std::int64_t max) {
  std::int64_t oldest = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockOldestChangeRequest, {}, [&](const Row& row) {
        oldest = row.Int64(0);
        return false;
      }));
  if (oldest == 0) return {};
  return ToStatus(connection.Update(statements::kDeleteOrphanedBundles, {oldest, max}));
}

}  // namespace

Result<std::int64_t> MySqlGovernanceStore::ExpireRequests(WallTime now, std::chrono::hours age,
                                                          std::size_t max, Deadline deadline) {
  std::int64_t expired = 0;
  const auto wanted = static_cast<std::int64_t>(max);
  const std::int64_t before = now.micros - std::chrono::microseconds(age).count();
  for (const RequestState state :
       {RequestState::kApplied, RequestState::kFailed, RequestState::kUndone,
        RequestState::kDeclined, RequestState::kWithdrawn, RequestState::kExpired}) {
    bool has_more = true;
    while (has_more && expired < wanted) {
      const std::int64_t batch = std::min<std::int64_t>(kExpireBatch, wanted - expired);
      std::int64_t gone = 0;
      const Status done =
          OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
            LANEMQ_ASSIGN_OR_RETURN(gone, DeleteSome(connection, state, before, batch));
            return {};
          }));
      if (!done.ok()) return done.error();
      expired += gone;
      has_more = gone == batch;
    }
  }
  const Status done =
      OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        return DeleteOrphanedBundles(connection, wanted);
      }));
  if (!done.ok()) return done.error();
  return expired;
}

}  // namespace lanemq::sql
