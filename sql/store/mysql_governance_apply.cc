// Steps of applying of MySqlGovernanceStore.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "common/core/catalog/deleted_topic.h"
#include "common/core/policy/request_json.h"
#include "common/core/policy/request_machine.h"
#include "sql/statements/statements.h"
#include "sql/store/access_change.h"
#include "sql/store/bundle_writer.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/governance_rows.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditNote;
using core::RequestState;
using core::RequestTerm;
using core::StoredRequest;
using core::TopicRecord;

Error Over(const RequestTerm& term) {
  return {ErrorCode::kFenced, fmt::format("request {}: it is not applied in epoch {} any more",
                                          term.request, term.epoch)};
}

/// kFenced unless the request is being applied in this epoch. It stays so until the transaction
/// ends.
Status HoldTerm(Connection& connection, const RequestTerm& term) {
  bool is_held = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockChangeRequestTerm, {term.request}, [&](const Row& row) {
        is_held =
            row.String(0) == core::ToString(RequestState::kApplying) && row.Int64(1) == term.epoch;
        return false;
      }));
  return is_held ? Status{} : Over(term);
}

Result<bool> IsMadeBy(Connection& connection, core::TopicId topic, std::int64_t request) {
  bool is_own = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindRequestOfTopic, {topic.value}, [&](const Row& row) {
        is_own = row.Int64(0) == request;
        return false;
      }));
  return is_own;
}

Result<std::optional<TopicRecord>> ReadMadeTopic(Connection& connection, const RequestTerm& term,
                                                 std::string_view name) {
  LANEMQ_ASSIGN_OR_RETURN(auto record, ReadTopic(connection, name));
  if (!record) return record;
  LANEMQ_ASSIGN_OR_RETURN(const bool is_own, IsMadeBy(connection, record->topic.id, term.request));
  if (!is_own) record.reset();
  return record;
}

Status LockCatalogue(Connection& connection) {
  return connection.Query(statements::kLockCatalogue, {}, [](const Row&) { return false; });
}

}  // namespace

Status MySqlGovernanceStore::RunStep(const RequestTerm& term, const AuditNote& note,
                                     Deadline deadline,
                                     const std::function<Result<bool>(SettledChange&)>& body) {
  return RunSettled(pool_, now_, note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_RETURN_IF_ERROR(LockCatalogue(connection));
    LANEMQ_RETURN_IF_ERROR(HoldTerm(connection, term));
    LANEMQ_ASSIGN_OR_RETURN(const bool has_changed, body(change));
    if (!has_changed) return {};
    return ToStatus(connection.Update(statements::kBumpVersion, {}));
  });
}

Result<TopicRecord> MySqlGovernanceStore::BeginCreateTopic(const RequestTerm& term,
                                                           const core::NewTopic& topic,
                                                           const core::Placer& placer,
                                                           const AuditNote& note,
                                                           Deadline deadline) {
  TopicRecord record;
  const Status done = RunStep(term, note, deadline, [&](SettledChange& change) -> Result<bool> {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(core::BegunTopic begun,
                            sql::BeginCreateTopic(connection, change.now(), topic, placer, note));
    record = std::move(begun.record);
    if (begun.is_new) {
      LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kMarkTopicOfRequest,
                                                        {record.topic.id.value, term.request})));
      return true;
    }
    LANEMQ_ASSIGN_OR_RETURN(const bool is_own, IsMadeBy(connection, record.topic.id, term.request));
    if (is_own && record.topic.state != core::TopicState::kDeleting) return false;
    return Error{ErrorCode::kTopicAlreadyExists,
                 record.topic.deletion
                     ? core::DeletedText(record.topic)
                     : fmt::format("topic '{}' exists, or is being made or deleted", topic.name)};
  });
  if (!done.ok()) return done.error();
  return record;
}

Result<TopicRecord> MySqlGovernanceStore::BeginAddPartitions(
    const RequestTerm& term, std::string_view name, std::int32_t total,
    const std::function<core::Placer(const core::Topic&)>& placer, const AuditNote& note,
    Deadline deadline) {
  TopicRecord record;
  const Status done = RunStep(term, note, deadline, [&](SettledChange& change) -> Result<bool> {
    LANEMQ_ASSIGN_OR_RETURN(
        EditedTopic edited,
        sql::BeginAddPartitions(change.connection(), change.now(), name, total, placer, note));
    record = std::move(edited.record);
    return edited.is_changed;
  });
  if (!done.ok()) return done.error();
  return record;
}

Result<std::optional<TopicRecord>> MySqlGovernanceStore::FindMadeTopic(const RequestTerm& term,
                                                                       std::string_view name,
                                                                       Deadline deadline) {
  std::optional<TopicRecord> record;
  const Status done =
      RunStep(term, AuditNote{}, deadline, [&](SettledChange& change) -> Result<bool> {
        LANEMQ_ASSIGN_OR_RETURN(record, ReadMadeTopic(change.connection(), term, name));
        return false;
      });
  if (!done.ok()) return done.error();
  return record;
}

Result<std::optional<TopicRecord>> MySqlGovernanceStore::BeginUndoTopic(const RequestTerm& term,
                                                                        std::string_view name,
                                                                        const AuditNote& note,
                                                                        Deadline deadline) {
  std::optional<TopicRecord> record;
  const Status done = RunStep(term, note, deadline, [&](SettledChange& change) -> Result<bool> {
    LANEMQ_ASSIGN_OR_RETURN(record, ReadMadeTopic(change.connection(), term, name));
    if (!record) return false;
    LANEMQ_ASSIGN_OR_RETURN(EditedTopic edited,
                            sql::BeginDeleteTopic(change.connection(), change.now(), name, note));
    record = std::move(edited.record);
    return edited.is_changed;
  });
  if (!done.ok()) return done.error();
  return record;
}

Result<StoredRequest> MySqlGovernanceStore::Commit(const StoredRequest& request,
                                                   const AuditNote& note, Deadline deadline) {
  const core::ChangeRequest& wanted = request.request;
  const Status done =
      RunSettled(pool_, now_, note, deadline, [&](SettledChange& settled) -> Status {
        Connection& connection = settled.connection();
        LANEMQ_RETURN_IF_ERROR(LockCatalogue(connection));
        LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kLockAccess, {})));
        LANEMQ_RETURN_IF_ERROR(HoldTerm(connection, {wanted.id, wanted.progress.epoch}));
        LANEMQ_RETURN_IF_ERROR(
            ToStatus(connection.Update(statements::kMoveChangeBundle, {wanted.id})));
        LANEMQ_ASSIGN_OR_RETURN(const bool is_current, UpdateRequest(connection, request));
        if (!is_current) {
          return Error{ErrorCode::kConflict,
                       fmt::format("request {} was changed meanwhile", wanted.id)};
        }
        core::ChangeRequest before = wanted;
        before.state = RequestState::kApplying;  // As HoldTerm() has seen.
        LANEMQ_RETURN_IF_ERROR(KeepEvent(connection, settled.now(), &before, wanted));
        AccessChange change(settled, AccessChange::Telling::kTogether);
        BundleWriter writer(change, note, wanted.id, keep_deleted_);
        LANEMQ_RETURN_IF_ERROR(writer.Write(wanted.bundle));
        LANEMQ_RETURN_IF_ERROR(
            ToStatus(connection.Update(statements::kUnmarkTopicsOfRequest, {wanted.id})));
        LANEMQ_RETURN_IF_ERROR(change.Tell("change_request", std::to_string(wanted.id), "",
                                           core::RequestToAuditText(wanted, request.title)));
        LANEMQ_RETURN_IF_ERROR(change.TellRest());
        LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kRaiseAccessVersion, {})));
        if (!writer.has_changed_catalogue()) return {};
        return ToStatus(connection.Update(statements::kBumpVersion, {}));
      });
  if (!done.ok()) return done.error();
  StoredRequest stored = request;
  ++stored.version;
  return stored;
}

}  // namespace lanemq::sql
