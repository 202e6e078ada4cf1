#include "sql/store/outbox_text.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/base/check.h"
#include "common/base/utf8.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

using core::OutboxHold;
using core::OutboxHoldKey;
using core::OutboxState;

constexpr std::string_view kColumns =
    "id,bucket,state,topic,message_key,headers,body,codec,"
    "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',deliver_at),"
    "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',created_at),attempts,last_error";
constexpr std::size_t kErrorBytesMax = 1'024;
/// Beyond, an INTERVAL leaves the range of dates.
constexpr std::int64_t kWaitMicrosMax = 366LL * 86'400 * 1'000'000;

std::string Quoted(std::string_view bytes) {
  std::string quoted;
  AppendQuoted(bytes, quoted);
  return quoted;
}

/// Compared as the column is, so that indexes can be used.
std::string QuotedTopic(std::string_view topic) { return "_ascii" + Quoted(topic); }

/// "(bucket BETWEEN 0 AND 9 OR bucket IN (11,13))": a range per run, not per bucket.
std::string InBuckets(std::span<const std::int32_t> buckets) {
  std::string singles;
  std::string text = "(";
  for (std::size_t i = 0; i < buckets.size();) {
    std::size_t end = i + 1;
    while (end < buckets.size() && buckets[end] == buckets[end - 1] + 1) ++end;
    if (end - i == 1) {
      fmt::format_to(std::back_inserter(singles), "{}{}", singles.empty() ? "" : ",", buckets[i]);
    } else {
      fmt::format_to(std::back_inserter(text), "{}bucket BETWEEN {} AND {}",
                     text.size() > 1 ? " OR " : "", buckets[i], buckets[end - 1]);
    }
    i = end;
  }
  if (!singles.empty()) {
    fmt::format_to(std::back_inserter(text), "{}bucket IN ({})", text.size() > 1 ? " OR " : "",
                   singles);
  }
  return text += ')';
}

/// The rows `o` of these ids. A look-up per id, in this order of the join: with a list of ids
/// instead MySQL scans small tables, hint or not, and a scan waits for rows of open transactions.
std::string RowsOf(std::span<const std::int64_t> ids) {
  LANEMQ_CHECK(!ids.empty());
  return fmt::format(
      "JSON_TABLE(_utf8mb4'[{}]',_utf8mb4'$[*]' COLUMNS (wanted_id BIGINT PATH _utf8mb4'$')) d "
      "STRAIGHT_JOIN "
      "lanemq_outbox o FORCE INDEX (by_id) ON o.id=d.wanted_id",
      fmt::join(ids, ","));
}

std::string DeleteRows(std::span<const std::int64_t> ids, std::string_view states) {
  return fmt::format("DELETE o FROM {} WHERE o.state IN ({})", RowsOf(ids), states);
}

std::string UpdateRows(std::span<const std::int64_t> ids, std::string_view changes,
                       std::string_view states) {
  return fmt::format("UPDATE {} SET {} WHERE o.state IN ({})", RowsOf(ids), changes, states);
}

}  // namespace

std::string OutboxNow(const std::optional<std::string>& fixed) {
  return fixed ? fmt::format("CAST({} AS DATETIME(6))", Quoted(*fixed)) : "UTC_TIMESTAMP(6)";
}

std::string SelectReadyText(std::span<const std::int32_t> buckets,
                            std::span<const std::int64_t> except_ids, std::int64_t limit) {
  // Not plain `id`: a range before and after each of them, in each bucket, would be planned.
  const std::string except =
      except_ids.empty() ? "" : fmt::format(" AND id+0 NOT IN ({})", fmt::join(except_ids, ","));
  return fmt::format(
      "SELECT {} FROM lanemq_outbox FORCE INDEX (PRIMARY) WHERE state={} AND {}{} "
      "ORDER BY bucket,id LIMIT {}",
      kColumns, static_cast<int>(OutboxState::kReady), InBuckets(buckets), except, limit);
}

std::string SelectHeldText(const OutboxHoldKey& hold, std::int64_t after_id, std::int64_t limit) {
  std::string narrower;
  if (hold.key) narrower = " AND message_key=" + Quoted(*hold.key);
  if (hold.id) narrower = fmt::format(" AND id={}", *hold.id);
  return fmt::format(
      "SELECT {} FROM lanemq_outbox FORCE INDEX (PRIMARY) WHERE state={} AND bucket={} AND id>{} "
      "AND topic={}{} ORDER BY id LIMIT {}",
      kColumns, static_cast<int>(OutboxState::kHeld), hold.bucket, after_id,
      QuotedTopic(hold.topic), narrower, limit);
}

std::string SelectHoldsText(std::span<const std::int32_t> buckets, std::string_view now,
                            std::int64_t limit) {
  return fmt::format(
      "SELECT bucket,topic,domain,attempts,TIMESTAMPDIFF(MICROSECOND,{},next_attempt_at),"
      "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',since),last_error "
      "FROM lanemq_outbox_hold FORCE INDEX (PRIMARY) WHERE {} ORDER BY bucket,topic,domain LIMIT "
      "{}",
      now, InBuckets(buckets), limit);
}

std::string SelectOutboxIdsText(std::span<const std::int64_t> ids) {
  return fmt::format("SELECT {} FROM {} WHERE o.state IN (0,1)", kColumns, RowsOf(ids));
}

std::string SelectIdsInStateText(OutboxState state, const std::optional<std::string>& topic,
                                 std::int64_t after_id, std::int64_t limit) {
  const std::string of_topic = topic ? " AND topic=" + QuotedTopic(*topic) : "";
  std::string chosen;
  for (int bucket = 0; bucket < core::kOutboxBuckets; ++bucket) {
    fmt::format_to(std::back_inserter(chosen),
                   "{}(SELECT id FROM lanemq_outbox FORCE INDEX (PRIMARY) WHERE state={} AND "
                   "bucket={} AND id>{}{} ORDER BY id LIMIT {})",
                   bucket == 0 ? "" : " UNION ALL ", static_cast<int>(state), bucket, after_id,
                   of_topic, limit);
  }
  return fmt::format("SELECT u.id AS chosen_id FROM ({}) u ORDER BY u.id LIMIT {}", chosen, limit);
}

std::string SelectInStateText(OutboxState state, const std::optional<std::string>& topic,
                              std::int64_t after_id, std::int64_t limit) {
  return fmt::format(
      "SELECT {} FROM ({}) c STRAIGHT_JOIN lanemq_outbox FORCE INDEX (by_id) ON id=chosen_id "
      "WHERE state={} ORDER BY id",
      kColumns, SelectIdsInStateText(state, topic, after_id, limit), static_cast<int>(state));
}

std::string DeletePublishedText(std::span<const std::int64_t> ids) {
  return DeleteRows(ids, "0,1");
}

std::string KeepPublishedText(std::span<const std::int64_t> ids, std::string_view now) {
  return UpdateRows(ids, fmt::format("o.published_at={},o.state=3", now), "0,1");
}

std::string HoldRowsText(std::span<const std::int64_t> ids) {
  return UpdateRows(ids, "o.state=1", "0");
}

std::string BuryRowsText(std::span<const core::OutboxChange::Dead> dead) {
  std::vector<std::int64_t> ids;
  std::string attempts;
  std::string errors;
  for (const core::OutboxChange::Dead& row : dead) {
    ids.push_back(row.id);
    fmt::format_to(std::back_inserter(attempts), " WHEN {} THEN {}", row.id, row.attempts);
    fmt::format_to(std::back_inserter(errors), " WHEN {} THEN {}", row.id,
                   Quoted(ToColumnText(row.error, kErrorBytesMax)));
  }
  const std::string changes = fmt::format(
      "o.attempts=CASE o.id{} END,o.last_error=CASE o.id{} END,o.state=2", attempts, errors);
  return UpdateRows(ids, changes, "0,1");
}

std::string ReviveRowsText(std::span<const std::int64_t> ids) {
  return UpdateRows(ids, "o.attempts=0,o.last_error=NULL,o.state=0", "2");
}

std::string DeleteDeadText(std::span<const std::int64_t> ids) { return DeleteRows(ids, "2"); }

std::string SelectPublishedText(std::int32_t bucket, std::int64_t after_id, std::string_view before,
                                std::int64_t limit) {
  return fmt::format(
      "SELECT id,published_at<{} FROM lanemq_outbox FORCE INDEX (PRIMARY) WHERE state=3 AND "
      "bucket={} AND id>{} ORDER BY id LIMIT {}",
      before, bucket, after_id, limit);
}

std::string DeleteOldPublishedText(std::span<const std::int64_t> ids) {
  return DeleteRows(ids, "3");
}

std::string StoreHoldsText(std::span<const OutboxHold> holds, std::string_view now) {
  LANEMQ_CHECK(!holds.empty());
  std::string text =
      "INSERT INTO lanemq_outbox_hold "
      "(bucket,topic,domain,attempts,next_attempt_at,since,last_error) VALUES ";
  bool is_first = true;
  for (const OutboxHold& hold : holds) {
    if (!std::exchange(is_first, false)) text += ',';
    fmt::format_to(std::back_inserter(text), "({},{},{},{},{}+INTERVAL {} MICROSECOND,{},{})",
                   hold.key.bucket, QuotedTopic(hold.key.topic), Quoted(ToHoldDomain(hold.key)),
                   hold.attempts, now,
                   std::clamp<std::int64_t>(hold.due_in.count(), 0, kWaitMicrosMax), now,
                   Quoted(ToColumnText(hold.last_error, kErrorBytesMax)));
  }
  return text +=
         " ON DUPLICATE KEY UPDATE attempts=VALUES(attempts),"
         "next_attempt_at=VALUES(next_attempt_at),last_error=VALUES(last_error)";
}

// A look-up per key, as above: other relays' holds are not waited for.
std::string EndHoldsText(std::span<const OutboxHoldKey> keys) {
  LANEMQ_CHECK(!keys.empty());
  std::string wanted;
  for (const OutboxHoldKey& key : keys) {
    fmt::format_to(std::back_inserter(wanted), "{}SELECT {} AS b,{} AS t,{} AS m",
                   wanted.empty() ? "" : " UNION ALL ", key.bucket, QuotedTopic(key.topic),
                   Quoted(ToHoldDomain(key)));
  }
  return fmt::format(
      "DELETE h FROM ({}) d STRAIGHT_JOIN lanemq_outbox_hold h FORCE INDEX (PRIMARY) ON "
      "h.bucket=d.b AND h.topic=d.t AND h.domain=d.m",
      wanted);
}

std::string TakeBucketsText(std::int64_t session, std::span<const std::int32_t> buckets) {
  LANEMQ_CHECK(!buckets.empty());
  std::string text = "INSERT IGNORE INTO lanemq_outbox_bucket (bucket,session_id) VALUES ";
  bool is_first = true;
  for (const std::int32_t bucket : buckets) {
    fmt::format_to(std::back_inserter(text), "{}({},{})", std::exchange(is_first, false) ? "" : ",",
                   bucket, session);
  }
  return text;
}

std::string ReleaseBucketsText(std::int64_t session, std::span<const std::int32_t> buckets) {
  LANEMQ_CHECK(!buckets.empty());
  return fmt::format(
      "DELETE b FROM lanemq_outbox_bucket b FORCE INDEX (by_session) WHERE session_id={} AND "
      "bucket IN ({})",
      session, fmt::join(buckets, ","));
}

std::string ToHoldDomain(const OutboxHoldKey& key) {
  if (key.key) return "k:" + *key.key;
  if (key.id) return fmt::format("i:{}", *key.id);
  if (key.partition) return fmt::format("p:{}", *key.partition);
  return "t:";
}

std::string ToColumnText(std::string_view text, std::size_t bytes_max) {
  std::string fit;
  while (!text.empty()) {
    const std::size_t length = Utf8CharacterBytes(text);
    if (fit.size() + std::max<std::size_t>(length, 1) > bytes_max) break;
    if (length == 0) {
      fit += '?';
    } else {
      fit.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return fit;
}

}  // namespace lanemq::sql
