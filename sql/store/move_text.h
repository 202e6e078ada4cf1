#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/types/ids.h"
#include "sql/driver/connection.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {

/// A table of the node schema whose rows go along when a partition moves. Its primary key is topic
/// and partition with `order`.
struct StateTable {
  std::string_view name;
  /// The rest of the primary key, in its order. group_id is text, all others are numbers.
  std::span<const std::string_view> order;
  std::span<const std::string_view> columns;  ///< The others, all of them.
  std::string_view index;  ///< Has a partition's rows together, in the order of `order`.
  /// Of `columns`, those of which at least one changes whenever the row does: all of them, or those
  /// that are told apart without a look at the message.
  std::span<const std::string_view> checked;
  /// With key, headers and body: one row may be as big as a message, and there may be millions.
  bool has_messages = false;
};

/// In the order in which they are copied. Not among them: what belongs to a node (leases, redrives,
/// audit rows) and policies, which belong to groups.
[[nodiscard]] std::span<const StateTable> StateTables();

/// What a row's `order` is, as text; empty: before the first row.
using StateCursor = std::vector<std::string>;

/// The rows behind `after`, up to and with `to`; an empty `to`: all that follow.
struct StateRange {
  StateCursor after;
  StateCursor to;
};

// All of one partition.
/// The `order` of the `place`th row behind `after`, from 1 on; no row: there are fewer. Looks at
/// the index alone. Requires a table whose `order` is not empty.
[[nodiscard]] std::string SelectKeyText(const StateTable& table, const core::PartitionKey& key,
                                        const StateCursor& after, std::int64_t place);
/// How many rows, and a check sum of their `order` and `checked` that is the same on both engines
/// (an unsigned number of 64 bits). By the index, one look at the primary key for each row of those
/// tables whose index is not the primary key; messages that are stored off their row's page are not
/// read. Sums of different rows are equal once in billions; that two rows change in the same way
/// does not make them equal, as it would if their CRCs were only XORed.
[[nodiscard]] std::string SelectCheckText(const StateTable& table, const core::PartitionKey& key,
                                          const StateRange& range = {});
/// Bytes of each of the first `max` rows.
[[nodiscard]] std::string SelectSizesText(const StateTable& table, const core::PartitionKey& key,
                                          const StateRange& range, std::int64_t max);
/// Topic, partition, `order` and `columns` of the first `max` rows.
[[nodiscard]] std::string SelectRowsText(const StateTable& table, const core::PartitionKey& key,
                                         const StateRange& range, std::int64_t max);
[[nodiscard]] std::string DeleteRangeText(const StateTable& table, const core::PartitionKey& key,
                                          const StateRange& range);
[[nodiscard]] std::string CountText(const StateTable& table, const core::PartitionKey& key);
/// The first `max`.
[[nodiscard]] std::string DeleteText(const StateTable& table, const core::PartitionKey& key,
                                     std::int64_t max);

/// How many columns a message table has.
inline constexpr unsigned kLogColumns = 8;
/// All columns of the rows from `from` on; bytes of each.
[[nodiscard]] std::string SelectLogText(const MessageTable& table, core::Offset from,
                                        std::int64_t max);
[[nodiscard]] std::string SelectLogSizesText(const MessageTable& table, core::Offset from,
                                             std::int64_t max);
/// MIN(`offset`) and MAX(`offset`) of the rows from `from` on, and how many there are: COUNT(*)
/// looks at each of them.
[[nodiscard]] std::string SelectLogEndsText(const MessageTable& table, core::Offset from);
[[nodiscard]] std::string CountLogText(const MessageTable& table, core::Offset from);

/// Rows that were read on one server, as statements that insert them on another one, byte for byte.
/// Numbers and times are quoted as well: a server reads them back exactly.
class RowCopy {
 public:
  /// Into a state table; rows that are there stay as they are.
  explicit RowCopy(const StateTable& table);
  /// Into a message table; a row that is there is an error.
  explicit RowCopy(const MessageTable& table);

  /// False, and the row is left out: it alone exceeds a statement of `statement_max` bytes.
  [[nodiscard]] bool Add(const Row& row, std::size_t statement_max);
  /// Each at most `statement_max` bytes long.
  [[nodiscard]] std::span<std::string> statements() { return statements_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }  ///< Of their columns.

 private:
  std::string head_;
  std::string end_;
  unsigned columns_ = 0;
  std::vector<std::string> statements_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace lanemq::sql
