#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"

namespace lanemq::sql {

/// Statements on many rows of an outbox: their lists vary, so they cannot be embedded. Made of
/// numbers and quoted bytes; sessions as for MessageTable. Those that write lock the rows they name
/// and no others, whatever the optimizer thinks of small tables: businesses insert meanwhile.
/// Columns are those of ToOutboxMessage() and ToOutboxHold(). Lists must not be empty.

/// Ids per statement.
inline constexpr std::size_t kOutboxIdsPerStatement = 1'000;
/// Holds and dead rows per statement, which carry texts.
inline constexpr std::size_t kOutboxTextsPerStatement = 200;

/// The database's clock, or a fixed time in tests, as an expression.
[[nodiscard]] std::string OutboxNow(const std::optional<std::string>& fixed);

[[nodiscard]] std::string SelectReadyText(std::span<const std::int32_t> buckets,
                                          std::span<const std::int64_t> except_ids,
                                          std::int64_t limit);
[[nodiscard]] std::string SelectHeldText(const core::OutboxHoldKey& hold, std::int64_t after_id,
                                         std::int64_t limit);
[[nodiscard]] std::string SelectHoldsText(std::span<const std::int32_t> buckets,
                                          std::string_view now, std::int64_t limit);
/// Ready and held rows, in no order.
[[nodiscard]] std::string SelectOutboxIdsText(std::span<const std::int64_t> ids);
/// Rows in a state by id, reading at most `limit` of each bucket.
[[nodiscard]] std::string SelectInStateText(core::OutboxState state,
                                            const std::optional<std::string>& topic,
                                            std::int64_t after_id, std::int64_t limit);
/// Their ids alone.
[[nodiscard]] std::string SelectIdsInStateText(core::OutboxState state,
                                               const std::optional<std::string>& topic,
                                               std::int64_t after_id, std::int64_t limit);

/// Ready and held rows.
[[nodiscard]] std::string DeletePublishedText(std::span<const std::int64_t> ids);
[[nodiscard]] std::string KeepPublishedText(std::span<const std::int64_t> ids,
                                            std::string_view now);
[[nodiscard]] std::string HoldRowsText(std::span<const std::int64_t> ids);
[[nodiscard]] std::string BuryRowsText(std::span<const core::OutboxChange::Dead> dead);
/// Dead rows.
[[nodiscard]] std::string ReviveRowsText(std::span<const std::int64_t> ids);
[[nodiscard]] std::string DeleteDeadText(std::span<const std::int64_t> ids);

/// The first `limit` published rows of the bucket behind `after_id`: their ids, and which of them
/// were published before `before`.
[[nodiscard]] std::string SelectPublishedText(std::int32_t bucket, std::int64_t after_id,
                                              std::string_view before, std::int64_t limit);
[[nodiscard]] std::string DeleteOldPublishedText(std::span<const std::int64_t> ids);

[[nodiscard]] std::string StoreHoldsText(std::span<const core::OutboxHold> holds,
                                         std::string_view now);
[[nodiscard]] std::string EndHoldsText(std::span<const core::OutboxHoldKey> keys);

[[nodiscard]] std::string TakeBucketsText(std::int64_t session,
                                          std::span<const std::int32_t> buckets);
[[nodiscard]] std::string ReleaseBucketsText(std::int64_t session,
                                             std::span<const std::int32_t> buckets);

/// The column `domain` of a hold.
[[nodiscard]] std::string ToHoldDomain(const core::OutboxHoldKey& key);

/// At most `bytes_max` of `text`, with '?' for what is not UTF-8: what a column of text takes.
[[nodiscard]] std::string ToColumnText(std::string_view text, std::size_t bytes_max);

}  // namespace lanemq::sql
