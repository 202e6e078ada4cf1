#include "lanemq/inbox.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "client/src/outbox/table_name.h"
#include "common/core/types/limits.h"

namespace lanemq {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

}  // namespace

Status InboxOptions::Validate() const {
  constexpr core::Limits kLimits;
  LANEMQ_RETURN_IF_ERROR(client::QuotedTableName(table));
  if (!group.empty() && group.size() <= kLimits.group_id_bytes_max) return {};
  return Error{ErrorCode::kInvalidConfig,
               fmt::format("a group has 1 to {} bytes", kLimits.group_id_bytes_max)};
}

class Inbox::Impl {
 public:
  Impl(InboxOptions given, const std::string& table)
      : options(std::move(given)),
        claim_text("INSERT INTO " + table + " (consumer_group,message_id) VALUES (?,?)"),
        // Every row in the order of one index, so that a replica deletes the same ones.
        clean_text("DELETE FROM " + table +
                   " WHERE consumer_group=? AND processed_at<UTC_TIMESTAMP(6)-INTERVAL ? SECOND "
                   "ORDER BY processed_at,message_id LIMIT ?") {}

  [[nodiscard]] std::string Name() const { return "inbox " + options.table; }

  const InboxOptions options;
  const std::string claim_text;
  const std::string clean_text;
};

Inbox::Inbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Inbox::~Inbox() = default;

Result<std::unique_ptr<Inbox>> Inbox::Create(InboxOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  LANEMQ_ASSIGN_OR_RETURN(const std::string table, client::QuotedTableName(options.table));
  return std::unique_ptr<Inbox>(new Inbox(std::make_unique<Impl>(std::move(options), table)));
}

Result<bool> Inbox::Claim(SqlSession& session, std::string_view id) {
  if (id.empty() || id.size() > kIdBytesMax) {
    return Invalid(fmt::format("an id of {} bytes; 1 to {} are allowed", id.size(), kIdBytesMax));
  }
  // By itself the id would be kept although the effect may never happen.
  if (!session.IsInTransaction().value_or(true)) {
    return Error{ErrorCode::kFailedPrecondition,
                 impl_->Name() + ": no transaction is open: claim and effect must commit together"};
  }
  const std::array<SqlValue, 2> values = {std::string_view(impl_->options.group), id};
  const auto inserted = session.Execute(impl_->claim_text, values);
  if (inserted.ok()) return true;
  if (inserted.error().code == ErrorCode::kAlreadyExists) return false;
  return inserted.error().Wrap(impl_->Name());
}

Result<bool> Inbox::Claim(SqlSession& session, const ConsumedRecord& record) {
  return Claim(session, fmt::format("{}/{}/{}", record.topic(), record.partition(), record.offset));
}

Result<bool> Inbox::ClaimByHeader(SqlSession& session, const ConsumedRecord& record,
                                  std::string_view header) {
  const auto found =
      std::find_if(record.headers.begin(), record.headers.end(),
                   [&](const RecordHeader& candidate) { return candidate.name == header; });
  if (found == record.headers.end()) {
    return Invalid(fmt::format("{}/{}/{} has no header '{}'", record.topic(), record.partition(),
                               record.offset, header));
  }
  return Claim(session, found->value);
}

Result<std::int64_t> Inbox::Clean(SqlSession& session, std::chrono::seconds keep,
                                  std::int32_t rows_max) {
  // Longer than a DATETIME reaches back would be NULL, and delete nothing.
  constexpr std::chrono::seconds kKeepMax = std::chrono::hours(24) * 365 * 100;
  if (keep < std::chrono::seconds(1) || keep > kKeepMax) {
    return Invalid("keep must be 1 s to 100 years");
  }
  if (rows_max < 1 || rows_max > kCleanRowsMax) {
    return Invalid(fmt::format("rows_max must be 1 to {}", kCleanRowsMax));
  }
  const std::array<SqlValue, 3> values = {std::string_view(impl_->options.group),
                                          std::int64_t{keep.count()}, std::int64_t{rows_max}};
  auto deleted = session.Execute(impl_->clean_text, values);
  if (!deleted.ok()) return deleted.error().Wrap(impl_->Name());
  return deleted;
}

}  // namespace lanemq
