#include <algorithm>
#include <map>
#include <utility>

#include "common/core/retention/retention_planner.h"
#include "sql/statements/statements.h"
#include "sql/store/message_table.h"
#include "sql/store/mysql_retention_store.h"
#include "sql/store/on_node.h"
#include "sql/store/retention_rows.h"

namespace lanemq::sql {
namespace {

using core::LogSegment;
using core::Offset;
using core::RetentionFacts;
using core::RetentionLook;
using Times = std::map<Offset, WallTime>;

constexpr int kRowsMeasured = 32;  ///< At each end of the log.

/// Looks at one partition, on one connection.
class Looker {
 public:
  Looker(Connection& connection, std::string_view prefix, const core::PartitionLocation& location,
         const RetentionLook& look)
      : connection_(connection),
        messages_(prefix, location),
        table_(prefix, location),
        look_(look) {
    facts_.location = location;
  }

  Result<RetentionFacts> Run() {
    LANEMQ_RETURN_IF_ERROR(ReadEnds());
    LANEMQ_ASSIGN_OR_RETURN(facts_.segments, ReadSegments(connection_, table_));
    LANEMQ_RETURN_IF_ERROR(ReadTimes());
    LANEMQ_RETURN_IF_ERROR(FindYoung());
    LANEMQ_RETURN_IF_ERROR(FindGrace());
    if (look_.policy.unread == core::UnreadPolicy::kBlock) {
      LANEMQ_RETURN_IF_ERROR(ReadLowestCommit());
    }
    LANEMQ_RETURN_IF_ERROR(MeasureRows());
    return std::move(facts_);
  }

  [[nodiscard]] const RetentionTable& table() const { return table_; }

 private:
  Status ReadEnds() {
    const core::PartitionKey& key = facts_.location.key;
    bool is_known = false;
    LANEMQ_RETURN_IF_ERROR(connection_.Query(statements::kReadRetentionState,
                                             {key.topic.value, std::int64_t{key.partition}},
                                             [&](const Row& row) {
                                               facts_.log_start = Offset{row.Int64(0)};
                                               facts_.now = WallTime{row.Int64(1)};
                                               is_known = true;
                                               return false;
                                             }));
    if (!is_known) {
      return Error{ErrorCode::kUnknownTopicOrPartition, messages_.name() + " has no state"};
    }
    LANEMQ_ASSIGN_OR_RETURN(const auto oldest, ReadNumber(connection_, "read_oldest",
                                                          table_.SelectOldest(look_.low_water)));
    LANEMQ_ASSIGN_OR_RETURN(const auto newest,
                            ReadNumber(connection_, "read_newest", table_.SelectNewest()));
    facts_.end = std::max(facts_.log_start, Offset{newest.value_or(0) + 1});
    facts_.low_water = Offset{oldest.value_or(facts_.end.value)};
    return {};
  }

  Status ReadTimes() {
    std::vector<Offset> wanted = {facts_.log_start, Offset{facts_.end.value - 1}};
    for (const LogSegment& segment : facts_.segments) {
      if (!segment.bound || *segment.bound > facts_.end) continue;
      wanted.push_back(Offset{segment.bound->value - 1});
      wanted.push_back(*segment.bound);
    }
    connection_.Text() = table_.SelectTimes(wanted);
    LANEMQ_RETURN_IF_ERROR(connection_.QueryText("read_times", [&](const Row& row) {
      times_[Offset{row.Int64(0)}] = WallTime{row.Int64(1)};
      return true;
    }));
    facts_.oldest_at = TimeOf(facts_.log_start);
    for (LogSegment& segment : facts_.segments) {
      if (segment.bound) segment.last_row_at = TimeOf(Offset{segment.bound->value - 1});
    }
    return {};
  }

  [[nodiscard]] std::optional<WallTime> TimeOf(Offset offset) const {
    const auto found = times_.find(offset);
    return found == times_.end() ? std::nullopt : std::optional(found->second);
  }

  /// The first row of [low, high) that is later than `time`, or `high`. Times never go back.
  Result<Offset> FirstAfter(WallTime time, Offset low, Offset high) {
    while (low < high) {
      const Offset middle{low.value + (high.value - low.value) / 2};
      std::optional<std::pair<Offset, WallTime>> row;
      messages_.SelectIdentities(middle, 1, connection_.Text());
      LANEMQ_RETURN_IF_ERROR(connection_.QueryText("read_first", [&](const Row& found) {
        row = {Offset{found.Int64(0)}, WallTime{found.Int64(1)}};
        return false;
      }));
      if (row && row->second <= time) {
        low = Offset{row->first.value + 1};
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// Within the segment that is partly expired, and only when what has expired of it is overdue.
  Status FindYoung() {
    const auto& keep_for = look_.policy.keep_for;
    if (!keep_for) return {};
    const auto age = std::max<std::chrono::microseconds>(*keep_for, look_.grace);
    const WallTime cutoff{facts_.now.micros - age.count()};
    Offset low = facts_.log_start;
    Offset high = facts_.end;
    for (const LogSegment& segment : facts_.segments) {
      if (!segment.bound || *segment.bound <= low) continue;
      // With the newest row in it, which stays, it does not go as a whole either.
      const bool has_newest = *segment.bound >= facts_.end;
      if (has_newest || !segment.last_row_at || *segment.last_row_at > cutoff) {
        high = std::min(high, *segment.bound);
        break;
      }
      low = *segment.bound;
    }
    const std::chrono::microseconds slack = core::OverdueSlack(*keep_for);
    const auto first_at = TimeOf(low);
    if (!first_at || first_at->micros > cutoff.micros - slack.count()) return {};
    LANEMQ_ASSIGN_OR_RETURN(facts_.first_young, FirstAfter(cutoff, low, high));
    return {};
  }

  Status FindGrace() {
    const Offset newest{facts_.end.value - 1};
    const bool may_remove = look_.policy.keep_bytes || HasRemainder();
    const WallTime cutoff{facts_.now.micros - look_.grace.count()};
    const auto newest_at = TimeOf(newest);
    if (!may_remove || !newest_at || *newest_at <= cutoff) return {};
    LANEMQ_ASSIGN_OR_RETURN(facts_.first_in_grace, FirstAfter(cutoff, facts_.low_water, newest));
    return {};
  }

  Status ReadLowestCommit() {
    const core::PartitionKey& key = facts_.location.key;
    return connection_.Query(
        statements::kReadLowestCommit,
        {key.topic.value, std::int64_t{key.partition}, look_.group_idle_max.count()},
        [&](const Row& row) {
          if (!row.IsNull(0)) facts_.lowest_commit = Offset{row.Int64(0)};
          return false;
        });
  }

  Status MeasureRows() {
    if (!look_.policy.keep_bytes && !HasRemainder() && core::TailRows(facts_) == 0) return {};
    const Offset high{std::max(facts_.low_water.value, facts_.end.value - kRowsMeasured)};
    LANEMQ_ASSIGN_OR_RETURN(
        const auto bytes, ReadNumber(connection_, "measure_rows",
                                     table_.SelectRowBytes(facts_.low_water, high, kRowsMeasured)));
    facts_.row_bytes = bytes.value_or(0);
    return {};
  }

  [[nodiscard]] bool HasRemainder() const {
    return facts_.low_water < std::min(facts_.log_start, Offset{facts_.end.value - 1});
  }

  Connection& connection_;
  const MessageTable messages_;
  const RetentionTable table_;
  const RetentionLook& look_;
  RetentionFacts facts_;
  Times times_;
};

}  // namespace

Result<std::shared_ptr<const MySqlRetentionStore::Sizes>> MySqlRetentionStore::SizesOf(
    Connection& connection, std::string_view prefix) {
  const MonotonicTime now = nodes_.clock().Now();
  {
    MutexLock lock(mutex_);
    if (sizes_ != nullptr && now - sizes_read_at_ < sizes_max_age_) return sizes_;
  }
  auto sizes = std::make_shared<Sizes>();
  connection.Text() = RetentionTable::SelectSizes(prefix, connection.server().kind);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_sizes", [&](const Row& row) {
    sizes->emplace(row.String(0), row.Int64(1));
    return true;
  }));
  MutexLock lock(mutex_);
  sizes_ = sizes;
  sizes_read_at_ = now;
  return std::shared_ptr<const Sizes>(std::move(sizes));
}

Result<RetentionFacts> MySqlRetentionStore::Look(const core::PartitionLocation& location,
                                                 const RetentionLook& look, Deadline deadline) {
  return ReadOn<RetentionFacts>(
      nodes_, node_, deadline,
      [&](Connection& connection, const core::DataNode& node) -> Result<RetentionFacts> {
        Looker looker(connection, node.schema_prefix, location, look);
        LANEMQ_ASSIGN_OR_RETURN(RetentionFacts facts, looker.Run());
        if (!look.policy.keep_bytes) return facts;
        LANEMQ_ASSIGN_OR_RETURN(const auto sizes, SizesOf(connection, node.schema_prefix));
        for (LogSegment& segment : facts.segments) {
          const auto found = sizes->find(looker.table().FileOf(
              segment.bound ? SegmentName(*segment.bound) : std::string("p_tail")));
          if (found != sizes->end()) segment.bytes = found->second;
        }
        return facts;
      });
}

}  // namespace lanemq::sql
