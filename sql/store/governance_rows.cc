#include "sql/store/governance_rows.h"

#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"
#include "common/core/policy/bundle_json.h"
#include "common/core/policy/request_json.h"
#include "common/core/policy/request_machine.h"
#include "sql/statements/statements.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::GovernanceFacts;
using core::StoredRequest;

/// Columns of find_change_request and its like.
enum Column : unsigned {
  kId,
  kAuthor,
  kTitle,
  kState,
  kVersion,
  kEpoch,
  kChanges,
  kDetail,
  kCreatedAt,
  kChangedAt,
  kExpiresAt,
  kBundle,
};

Error NotUnderstood(std::int64_t id, std::string_view what) {
  return {ErrorCode::kFailedPrecondition,
          fmt::format("request {}: its {} is not understood here", id, what)};
}

/// All but the bundle.
Result<StoredRequest> FromRow(const Row& row) {
  StoredRequest stored;
  core::ChangeRequest& request = stored.request;
  request.id = row.Int64(kId);
  auto author = core::PrincipalFromString(row.String(kAuthor));
  if (!author) return NotUnderstood(request.id, "author");
  request.author = *std::move(author);
  const auto state = core::RequestStateFromString(row.String(kState));
  if (!state) return NotUnderstood(request.id, "state");
  request.state = *state;
  LANEMQ_RETURN_IF_ERROR(core::RequestDetailFromText(row.String(kDetail), request));
  request.progress.epoch = row.Int64(kEpoch);
  request.created_at = WallTime{row.Int64(kCreatedAt)};
  request.changed_at = WallTime{row.Int64(kChangedAt)};
  if (!row.IsNull(kExpiresAt)) request.expires_at = WallTime{row.Int64(kExpiresAt)};
  stored.title = row.String(kTitle);
  stored.version = row.Int64(kVersion);
  stored.changes = static_cast<std::size_t>(row.Int64(kChanges));
  return stored;
}

std::pair<std::string, GovernanceFacts::OfTopic> TopicFactsFromRow(const Row& row) {
  GovernanceFacts::OfTopic facts;
  facts.tier = row.String(1);
  if (!row.IsNull(2)) {
    facts.traffic =
        core::Traffic{row.Int64(2), row.Int64(3), static_cast<core::Ordering>(row.Int64(4))};
  }
  return {row.String(0), std::move(facts)};
}

std::pair<std::string, GovernanceFacts::OfGroup> GroupFactsFromRow(const Row& row) {
  return {row.String(0), {row.String(1), row.String(2)}};
}

std::string ToJson(const GovernanceFacts::OfTopic& facts) {
  nlohmann::json document = {{"tier", facts.tier}};
  if (facts.traffic) {
    document["messages_per_day"] = facts.traffic->messages_per_day;
    document["message_bytes"] = facts.traffic->message_bytes;
  }
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ToJson(const GovernanceFacts::OfGroup& facts) {
  const nlohmann::json document = {{"tier", facts.tier}, {"description", facts.description}};
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::optional<GovernanceFacts::OfGroup>> FindGroupFacts(Connection& connection,
                                                               std::string_view name) {
  std::optional<GovernanceFacts::OfGroup> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kFindGroupFacts, {name}, [&](const Row& row) {
    found = GroupFactsFromRow(row).second;
    return false;
  }));
  return found;
}

}  // namespace

Result<std::optional<StoredRequest>> ReadRequest(Connection& connection, const Statement& statement,
                                                 std::int64_t id) {
  std::optional<Result<StoredRequest>> read;
  std::string bundle;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, {id}, [&](const Row& row) {
    read = FromRow(row);
    bundle = row.String(kBundle);
    return false;
  }));
  if (!read) return std::optional<StoredRequest>{};
  if (!read->ok()) return read->error();
  StoredRequest stored = *std::move(*read);
  auto parsed = core::BundleFromText(bundle);
  if (!parsed.ok()) return NotUnderstood(id, "bundle");
  stored.request.bundle = *std::move(parsed);
  return std::optional(std::move(stored));
}

std::optional<StoredRequest> RequestFromListRow(const Row& row) {
  auto stored = FromRow(row);
  if (!stored.ok()) return std::nullopt;
  return *std::move(stored);
}

Param RetryOf(const core::ChangeRequest& request) {
  if (request.state != core::RequestState::kApplying) return SqlNull{};
  return request.progress.retry_at.micros;
}

Result<bool> UpdateRequest(Connection& connection, const StoredRequest& stored) {
  const core::ChangeRequest& request = stored.request;
  const std::string bundle = core::BundleToText(request.bundle);
  const std::string detail = core::RequestDetailToText(request);
  const Param expires = request.expires_at ? Param{request.expires_at->micros} : Param{SqlNull{}};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t rows,
      connection.Update(
          statements::kUpdateChangeRequest,
          {std::string_view(stored.title), core::ToString(request.state), request.progress.epoch,
           std::string_view(bundle), static_cast<std::int64_t>(request.bundle.changes.size()),
           std::string_view(detail), request.changed_at.micros, expires, RetryOf(request),
           request.id, stored.version}));
  return rows == 1;
}

Result<GovernanceFacts::OfTopic> FindTopicFacts(Connection& connection, std::string_view name) {
  GovernanceFacts::OfTopic facts;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kFindTopicFacts, {name}, [&](const Row& row) {
    facts = TopicFactsFromRow(row).second;
    return false;
  }));
  return facts;
}

Status SaveTopicFacts(AccessChange& change, std::string_view name,
                      const GovernanceFacts::OfTopic& facts) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const GovernanceFacts::OfTopic before, FindTopicFacts(connection, name));
  if (before == facts) return {};
  Param messages = SqlNull{};
  Param bytes = SqlNull{};
  Param ordering = SqlNull{};
  if (facts.traffic) {
    messages = facts.traffic->messages_per_day;
    bytes = facts.traffic->message_bytes;
    ordering = static_cast<std::int64_t>(facts.traffic->ordering);
  }
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(connection.Update(statements::kSaveTopicFacts,
                                 {name, std::string_view(facts.tier), messages, bytes, ordering})));
  return change.Tell("topic_facts", std::string(name), ToJson(before), ToJson(facts));
}

Status SaveGroupFacts(AccessChange& change, std::string_view name,
                      const GovernanceFacts::OfGroup& facts) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const auto before, FindGroupFacts(connection, name));
  if (before == facts) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kSaveGroupFacts,
      {name, std::string_view(facts.tier), std::string_view(facts.description)})));
  return change.Tell("group_facts", std::string(name), before ? ToJson(*before) : "",
                     ToJson(facts));
}

Status DeleteGroupFacts(AccessChange& change, std::string_view name) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const auto before, FindGroupFacts(connection, name));
  if (!before) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteGroupFacts, {name})));
  return change.Tell("group_facts", std::string(name), ToJson(*before), "");
}

Result<GovernanceFacts> ReadFacts(Connection& connection) {
  GovernanceFacts facts;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadTopicFacts, {}, [&](const Row& row) {
    facts.topics.insert(TopicFactsFromRow(row));
    return true;
  }));
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadGroupFacts, {}, [&](const Row& row) {
    facts.groups.insert(GroupFactsFromRow(row));
    return true;
  }));
  return facts;
}

}  // namespace lanemq::sql
