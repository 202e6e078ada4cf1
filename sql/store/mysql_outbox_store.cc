#include "sql/store/mysql_outbox_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/outbox_fence.h"
#include "sql/store/outbox_rows.h"
#include "sql/store/outbox_text.h"

namespace lanemq::sql {
namespace {

using core::OutboxMessage;
using core::OutboxReadLimits;

/// Selects that are made anew, since the rows turn out much smaller than those before.
constexpr int kRereads = 2;

std::size_t BytesOf(const std::vector<OutboxMessage>& messages) {
  std::size_t bytes = 0;
  for (const OutboxMessage& message : messages) bytes += core::SizeOf(*message.record);
  return bytes;
}

}  // namespace

std::string MySqlOutboxStore::NowText() const {
  return OutboxNow(now_ ? now_() : std::optional<std::string>());
}

Result<bool> MySqlOutboxStore::AddRows(Connection& connection, std::string_view name,
                                       const TextOf& text_of, const OutboxReadLimits& limits,
                                       Messages& messages) {
  const std::size_t before = messages.size();
  const std::size_t bytes_before = BytesOf(messages);
  if (before >= limits.rows_max || (before > 0 && bytes_before >= limits.bytes_max)) return false;
  const auto room = static_cast<std::int64_t>(limits.rows_max - before);
  const std::size_t bytes_room = limits.bytes_max - std::min(bytes_before, limits.bytes_max);
  for (int reread = 0;; ++reread) {
    const std::size_t per_row = std::max<std::size_t>(row_bytes_.load(), 1);
    const auto limit =
        std::min<std::int64_t>(room, static_cast<std::int64_t>(bytes_room / per_row) + 1);
    std::size_t bytes = 0;
    bool is_full = false;
    connection.Text() = text_of(limit);
    LANEMQ_RETURN_IF_ERROR(connection.StreamText(name, limit, [&](const Row& row) {
      OutboxMessage message = ToOutboxMessage(row);
      const std::size_t size = core::SizeOf(*message.record);
      is_full = !messages.empty() && bytes + size > bytes_room;
      if (is_full) return false;
      bytes += size;
      messages.push_back(std::move(message));
      return true;
    }));
    const auto rows = static_cast<std::int64_t>(messages.size() - before);
    if (rows > 0) row_bytes_ = bytes / static_cast<std::size_t>(rows) + 1;
    if (!is_full && rows < limit) return true;
    if (is_full || limit == room || bytes >= bytes_room / 2 || reread == kRereads) return false;
    // Of another snapshot: rows that were committed meanwhile belong between those before.
    messages.resize(before);
  }
}

Result<std::vector<OutboxMessage>> MySqlOutboxStore::Read(std::span<const std::int32_t> buckets,
                                                          std::int32_t first_bucket,
                                                          const OutboxReadLimits& limits,
                                                          Deadline deadline) {
  const auto first = static_cast<std::size_t>(
      std::lower_bound(buckets.begin(), buckets.end(), first_bucket) - buckets.begin());
  Messages messages;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        messages.clear();
        for (const auto part : {buckets.subspan(first), buckets.first(first)}) {
          if (part.empty()) continue;
          LANEMQ_ASSIGN_OR_RETURN(const bool is_all, AddRows(
                                                         connection, "read_outbox",
                                                         [&](std::int64_t limit) {
                                                           return SelectReadyText(
                                                               part, limits.except_ids, limit);
                                                         },
                                                         limits, messages));
          if (!is_all) break;
        }
        return {};
      }));
  if (!done.ok()) return done.error();
  return messages;
}

Result<std::vector<OutboxMessage>> MySqlOutboxStore::ReadHeld(const core::OutboxHoldKey& hold,
                                                              std::int64_t after_id,
                                                              const OutboxReadLimits& limits,
                                                              Deadline deadline) {
  Messages messages;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        messages.clear();
        LANEMQ_RETURN_IF_ERROR(AddRows(
            connection, "read_outbox_held",
            [&](std::int64_t limit) { return SelectHeldText(hold, after_id, limit); }, limits,
            messages));
        return {};
      }));
  if (!done.ok()) return done.error();
  return messages;
}

Result<std::vector<core::OutboxHold>> MySqlOutboxStore::ReadHolds(
    std::span<const std::int32_t> buckets, std::size_t rows_max, Deadline deadline) {
  std::vector<core::OutboxHold> holds;
  if (buckets.empty() || rows_max == 0) return holds;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        holds.clear();
        Status decoded;
        connection.Text() =
            SelectHoldsText(buckets, NowText(), static_cast<std::int64_t>(rows_max));
        LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_outbox_holds", [&](const Row& row) {
          auto hold = ToOutboxHold(row);
          if (hold.ok()) {
            holds.push_back(*std::move(hold));
          } else {
            decoded = hold.error();
          }
          return decoded.ok();
        }));
        return decoded;
      }));
  if (!done.ok()) return done.error();
  std::sort(holds.begin(), holds.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return holds;
}

Result<core::OutboxStats> MySqlOutboxStore::Stats(Deadline deadline) {
  core::OutboxStats stats;
  const Status done =
      OfOutbox(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(stats, ReadOutboxStats(connection, now.get()));
        return {};
      }));
  if (!done.ok()) return done.error();
  return stats;
}

}  // namespace lanemq::sql
