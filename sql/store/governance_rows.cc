#include "sql/store/governance_rows.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/policy/bundle_json.h"
#include "common/core/policy/request_json.h"
#include "common/core/policy/request_machine.h"
#include "sql/statements/statements.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

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
  kBundle,               // Of find_change_request.
  kHasBundle = kBundle,  // Of lock_change_request.
};

Error NotUnderstood(std::int64_t id, std::string_view what) {
  return {ErrorCode::kFailedPrecondition,
          fmt::format("request {}: its {} is not understood here", id, what)};
}

Result<core::Bundle> Parse(std::int64_t id, const std::string& text) {
  auto parsed = core::BundleFromText(text);
  if (!parsed.ok()) return NotUnderstood(id, "bundle");
  return parsed;
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

}  // namespace

Result<std::optional<StoredRequest>> ReadRequest(Connection& connection, std::int64_t id) {
  std::optional<Result<StoredRequest>> read;
  std::string bundle;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindChangeRequest, {id}, [&](const Row& row) {
        read = FromRow(row);
        bundle = row.String(kBundle);
        return false;
      }));
  if (!read) return std::optional<StoredRequest>{};
  if (!read->ok()) return read->error();
  StoredRequest stored = *std::move(*read);
  LANEMQ_ASSIGN_OR_RETURN(stored.request.bundle, Parse(id, bundle));
  return std::optional(std::move(stored));
}

Result<std::optional<LockedRequest>> LockRequest(Connection& connection, std::int64_t id) {
  std::optional<Result<StoredRequest>> read;
  bool has_bundle = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockChangeRequest, {id}, [&](const Row& row) {
        read = FromRow(row);
        has_bundle = row.Int64(kHasBundle) != 0;
        return false;
      }));
  if (!read) return std::optional<LockedRequest>{};
  if (!read->ok()) return read->error();
  return std::optional(LockedRequest{*std::move(*read), has_bundle});
}

Result<core::Bundle> ReadBundle(Connection& connection, std::int64_t request) {
  std::string text;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindChangeBundle, {request}, [&](const Row& row) {
        text = row.String(0);
        return false;
      }));
  return Parse(request, text);
}

Status SaveBundle(Connection& connection, std::int64_t request, const core::Bundle& bundle) {
  const std::string text = core::BundleToText(bundle);
  return ToStatus(
      connection.Update(statements::kSaveChangeBundle, {request, std::string_view(text)}));
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
  const std::string detail = core::RequestDetailToText(request);
  const Param expires = request.expires_at ? Param{request.expires_at->micros} : Param{SqlNull{}};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t rows,
      connection.Update(
          statements::kUpdateChangeRequest,
          {std::string_view(stored.title), core::ToString(request.state), request.progress.epoch,
           static_cast<std::int64_t>(request.bundle.changes.size()), std::string_view(detail),
           request.changed_at.micros, expires, RetryOf(request), request.id, stored.version}));
  return rows == 1;
}

}  // namespace lanemq::sql
