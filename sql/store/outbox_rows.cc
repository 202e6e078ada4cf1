#include "sql/store/outbox_rows.h"

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/types/header_text.h"
#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

using core::OutboxHold;
using core::OutboxHoldKey;
using core::OutboxMessage;
using core::OutboxPeer;

template <typename Number>
bool ParseNumber(std::string_view text, std::optional<Number>& number) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  number = value;
  return true;
}

/// The inverse of ToHoldDomain(); false: it is none.
bool ParseDomain(std::string_view domain, OutboxHoldKey& key) {
  if (domain == "t:") return true;
  const std::string_view kind = domain.substr(0, 2);
  if (kind == "k:") {
    key.key = std::string(domain.substr(2));
    return true;
  }
  if (kind == "i:") return ParseNumber(domain.substr(2), key.id);
  if (kind == "p:") return ParseNumber(domain.substr(2), key.partition);
  return false;
}

}  // namespace

OutboxMessage ToOutboxMessage(const Row& row) {
  OutboxMessage message;
  message.id = row.Int64(0);
  message.bucket = static_cast<std::int32_t>(row.Int64(1));
  message.state = static_cast<core::OutboxState>(row.Int64(2));
  message.topic = row.String(3);
  auto record = std::make_shared<core::Record>();
  if (!row.IsNull(4)) record->key = row.String(4);
  if (!row.IsNull(5)) {
    const std::string text = row.String(5);
    // Applications that have none may well insert an empty text.
    auto headers = text.empty() ? Result<std::vector<core::Header>>(std::vector<core::Header>{})
                                : core::ParseHeaderText(text);
    record->headers = headers.ok() ? *std::move(headers)
                                   : std::vector<core::Header>{{std::string(kBadHeaders), text}};
  }
  if (!row.IsNull(6)) record->body = row.String(6);
  record->codec = static_cast<std::int16_t>(row.Int64(7));
  message.record = std::move(record);
  if (!row.IsNull(8)) message.due = WallTime{row.Int64(8)};
  message.created = WallTime{row.Int64(9)};
  message.attempts = static_cast<std::int32_t>(row.Int64(10));
  message.last_error = row.String(11);
  return message;
}

Result<OutboxHold> ToOutboxHold(const Row& row) {
  OutboxHold hold;
  hold.key.bucket = static_cast<std::int32_t>(row.Int64(0));
  hold.key.topic = row.String(1);
  if (!ParseDomain(row.String(2), hold.key)) {
    return Error{ErrorCode::kCorruptMessage,
                 "a hold of topic '" + hold.key.topic + "' has a domain that is none"};
  }
  hold.attempts = static_cast<std::int32_t>(row.Int64(3));
  hold.due_in = std::chrono::microseconds{row.Int64(4)};
  hold.since = WallTime{row.Int64(5)};
  hold.last_error = row.String(6);
  return hold;
}

Result<core::OutboxView> ReadOutboxView(Connection& connection, Param now, std::int64_t own) {
  core::OutboxView view;
  std::array<bool, core::kOutboxBuckets> is_owned{};
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOutboxView, {now}, [&](const Row& row) {
    const std::int64_t id = row.Int64(0);
    if (view.peers.empty() || view.peers.back().session.id != id) {
      OutboxPeer peer;
      peer.session = {id, core::FencingToken{row.Int64(1)}};
      peer.name = row.String(2);
      peer.wake_address = row.String(3);
      peer.is_alive = row.Int64(4) != 0;
      view.peers.push_back(std::move(peer));
    }
    if (row.IsNull(5)) return true;
    const std::int64_t bucket = row.Int64(5);
    if (bucket < 0 || bucket >= core::kOutboxBuckets) return true;
    ++view.peers.back().buckets;
    is_owned[static_cast<std::size_t>(bucket)] = true;
    if (id == own) view.own_buckets.push_back(static_cast<std::int32_t>(bucket));
    return true;
  }));
  for (std::int32_t bucket = 0; bucket < core::kOutboxBuckets; ++bucket) {
    if (!is_owned[static_cast<std::size_t>(bucket)]) view.free_buckets.push_back(bucket);
  }
  return view;
}

Result<core::OutboxStats> ReadOutboxStats(Connection& connection, Param now) {
  core::OutboxStats stats;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kOutboxStats, {now}, [&](const Row& row) {
    stats.ready = row.Int64(0);
    stats.held = row.Int64(1);
    stats.dead = row.Int64(2);
    stats.published = row.Int64(3);
    stats.holds = row.Int64(4);
    stats.unowned_buckets = static_cast<std::int32_t>(row.Int64(5));
    stats.oldest_age = std::chrono::microseconds{row.Int64(6)};
    return false;
  }));
  return stats;
}

Status OfOutbox(Status status) {
  if (status.ok()) return status;
  Error error = status.error();
  if (error.code == ErrorCode::kUnknownTopicOrPartition) {
    return Error{ErrorCode::kFailedPrecondition,
                 "the outbox's tables are not in this schema: run `lanemq outbox install`: " +
                     error.message};
  }
  if (error.code == ErrorCode::kFailedPrecondition) {
    return error.Wrap("the outbox's tables are of another version: run `lanemq outbox install`");
  }
  // Tried repeatedly, and rolled back each time.
  if (error.code == ErrorCode::kConflict) error.code = ErrorCode::kThrottled;
  return error;
}

}  // namespace lanemq::sql
