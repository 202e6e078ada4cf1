#include "sql/store/mysql_lag_source.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/lag_text.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::LagRound;
using core::LagSample;
using core::Offset;
using core::PartitionKey;

bool IsBefore(const LagSample& a, const LagSample& b) {
  return std::tie(a.group, a.key) < std::tie(b.group, b.key);
}

LagSample KeyOf(const Row& row) {
  LagSample sample;
  sample.group = row.String(0);
  sample.key = {core::TopicId{row.Int64(1)}, static_cast<std::int32_t>(row.Int64(2))};
  return sample;
}

LagSample ToSample(const Row& row) {
  LagSample sample = KeyOf(row);
  const auto to_offset = [](std::int64_t stored) { return Offset{stored == 0 ? -1 : stored}; };
  sample.committed = to_offset(row.Int64(3));
  sample.committed_at = WallTime{row.Int64(4)};
  sample.member_id = row.String(5);
  sample.generation = core::Generation{row.Int64(6)};
  sample.reset_epoch = row.Int64(7);
  sample.claims = static_cast<std::int32_t>(row.Int64(8));
  sample.attempt_offset = to_offset(row.Int64(9));
  sample.attempts = static_cast<std::int32_t>(row.Int64(10));
  return sample;
}

/// The sample of the same group and partition among sorted ones; null: there is none.
LagSample* Find(std::vector<LagSample>& samples, const LagSample& key) {
  const auto at = std::lower_bound(samples.begin(), samples.end(), key, IsBefore);
  return at == samples.end() || IsBefore(key, *at) ? nullptr : &*at;
}

/// One partition of the query.
struct Part {
  bool is_here = false;
  Offset start{1};
  Offset end{1};
  std::vector<Offset> unread;                  ///< Positions of groups that lag: sorted, each once.
  std::vector<std::optional<WallTime>> times;  ///< Of the rows there.

  [[nodiscard]] std::size_t PlaceOf(Offset offset) const {
    return static_cast<std::size_t>(std::lower_bound(unread.begin(), unread.end(), offset) -
                                    unread.begin());
  }
};

/// One transaction.
class Sampling {
 public:
  /// `is_last`: the round is not taken again, so what is odd now is told as it is.
  Sampling(Connection& connection, std::string_view prefix, const core::LagQuery& query,
           bool is_last)
      : connection_(connection),
        prefix_(prefix),
        query_(query),
        is_last_(is_last),
        parts_(query.partitions.size()) {}

  Result<LagRound> Run(LagRoundObserver* observer) {
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction,
                            Transaction::Begin(connection_, Isolation::kSnapshot));
    LANEMQ_RETURN_IF_ERROR(ReadStarts());
    LANEMQ_RETURN_IF_ERROR(ReadGroups());
    LANEMQ_RETURN_IF_ERROR(ReadPauses());
    LANEMQ_RETURN_IF_ERROR(ReadLosses());
    if (observer != nullptr) observer->OnGroupsRead();
    LANEMQ_RETURN_IF_ERROR(ReadEnds());
    LANEMQ_RETURN_IF_ERROR(ReadTimes());
    Finish();
    if (observer != nullptr) {
      LANEMQ_RETURN_IF_ERROR(observer->OnSampled(connection_, round_));
    }
    LANEMQ_RETURN_IF_ERROR(transaction.Commit());
    return std::move(round_);
  }

 private:
  Status ReadStarts();
  Status ReadGroups();
  Status ReadPauses();
  Status ReadLosses();
  Status ReadEnds();
  Status AskNewest(std::span<const NewestArm> arms, std::vector<bool>& is_found);
  Status ReadTimes();
  Status AskTimes(std::span<const RowsArm> arms, bool is_next);
  void Finish();

  Part* PartOf(const PartitionKey& key) {
    const auto at = std::lower_bound(
        query_.partitions.begin(), query_.partitions.end(), key,
        [](const core::PartitionLocation& one, const PartitionKey& k) { return one.key < k; });
    if (at == query_.partitions.end() || at->key != key) return nullptr;
    Part& part = parts_[static_cast<std::size_t>(at - query_.partitions.begin())];
    return part.is_here ? &part : nullptr;
  }

  Connection& connection_;
  const std::string_view prefix_;
  const core::LagQuery& query_;
  const bool is_last_;
  std::vector<Part> parts_;
  LagRound round_;
};

Status Sampling::ReadStarts() {
  LANEMQ_RETURN_IF_ERROR(connection_.Query(statements::kReadNodeClock, {}, [&](const Row& row) {
    round_.at = WallTime{row.Int64(0)};
    return false;
  }));
  std::size_t place = 0;  // Both are sorted.
  return connection_.Query(statements::kSampleLogStarts, {}, [&](const Row& row) {
    const PartitionKey key{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))};
    while (place < parts_.size() && query_.partitions[place].key < key) ++place;
    if (place == parts_.size()) return false;
    if (query_.partitions[place].key == key) {
      parts_[place].is_here = true;
      parts_[place].start = parts_[place].end = Offset{row.Int64(2)};
    }
    return true;
  });
}

Status Sampling::ReadGroups() {
  const auto max = static_cast<std::int64_t>(query_.rows_max);
  std::int64_t rows = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection_.Query(statements::kSampleLagGroups, {max}, [&](const Row& row) {
        LagSample sample = ToSample(row);
        ++rows;
        if (PartOf(sample.key) != nullptr) round_.groups.push_back(std::move(sample));
        return true;
      }));
  if (rows < max) return {};
  return connection_.Query(statements::kCountLagGroups, {}, [&](const Row& row) {
    round_.rows_dropped = row.Int64(0) - max;
    return false;
  });
}

Status Sampling::ReadPauses() {
  std::vector<LagSample> alone;  // Of partitions that the group has no offset of.
  const auto max = static_cast<std::int64_t>(query_.rows_max);
  LANEMQ_RETURN_IF_ERROR(
      connection_.Query(statements::kSampleLagPauses, {max}, [&](const Row& row) {
        LagSample key = KeyOf(row);
        LagSample* sample = Find(round_.groups, key);
        if (sample == nullptr) {
          // When rows were cut off, it may have one that was not read.
          if (round_.rows_dropped > 0 || PartOf(key.key) == nullptr) return true;
          sample = &alone.emplace_back(std::move(key));
        }
        sample->is_paused = true;
        if (!row.IsNull(3)) sample->paused_until = WallTime{row.Int64(3)};
        sample->pause_reason = row.String(4);
        return true;
      }));
  if (alone.empty()) return {};
  round_.groups.insert(round_.groups.end(), std::make_move_iterator(alone.begin()),
                       std::make_move_iterator(alone.end()));
  std::sort(round_.groups.begin(), round_.groups.end(), IsBefore);
  if (round_.groups.size() > query_.rows_max) {
    round_.rows_dropped += static_cast<std::int64_t>(round_.groups.size() - query_.rows_max);
    round_.groups.resize(query_.rows_max);
  }
  return {};
}

Status Sampling::ReadLosses() {
  // Groups that are gone have rows as well: so more than there are groups' rows.
  const auto max = static_cast<std::int64_t>(query_.rows_max) * 2;
  return connection_.Query(statements::kSampleRetentionLosses, {max}, [&](const Row& row) {
    if (LagSample* const sample = Find(round_.groups, KeyOf(row))) {
      sample->lost_messages = row.Int64(3);
      sample->lost_at = WallTime{row.Int64(4)};
    }
    return true;
  });
}

/// Marks the places whose newest row was found. A table that is missing though the node has the
/// partition is left out, by halves, when the round is the last.
Status Sampling::AskNewest(std::span<const NewestArm> arms, std::vector<bool>& is_found) {
  while (!arms.empty()) {
    const std::size_t taken = NewestText(prefix_, arms, connection_.Text());
    const Status status = connection_.QueryText("sample_newest", [&](const Row& row) {
      if (row.IsNull(1)) return true;
      const auto place = static_cast<std::size_t>(row.Int64(0));
      is_found[place] = true;
      parts_[place].end = std::max(parts_[place].start, Offset{row.Int64(1) + 1});
      return true;
    });
    if (!status.ok()) {
      if (status.error().code != ErrorCode::kUnknownTopicOrPartition || !is_last_) return status;
      if (taken == 1) {
        parts_[arms.front().place].is_here = false;
      } else {
        LANEMQ_RETURN_IF_ERROR(AskNewest(arms.first(taken / 2), is_found));
        LANEMQ_RETURN_IF_ERROR(AskNewest(arms.subspan(taken / 2, taken - taken / 2), is_found));
      }
    }
    arms = arms.subspan(taken);
  }
  return {};
}

Status Sampling::ReadEnds() {
  std::vector<bool> is_found(parts_.size());
  std::vector<NewestArm> arms;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].is_here) continue;
    // The newest row of the last round is there still, unless the log was made shorter.
    const Offset newest{query_.known_ends[i].value - 1};
    arms.push_back({i, query_.partitions[i], std::max(newest, parts_[i].start)});
  }
  LANEMQ_RETURN_IF_ERROR(AskNewest(arms, is_found));
  std::erase_if(arms, [&](NewestArm& arm) {
    const Part& part = parts_[arm.place];
    const bool is_done = is_found[arm.place] || !part.is_here || arm.from == part.start;
    arm.from = part.start;
    return is_done;
  });
  return AskNewest(arms, is_found);
}

Status Sampling::AskTimes(std::span<const RowsArm> arms, bool is_next) {
  while (!arms.empty()) {
    const std::size_t taken = is_next ? NextTimesText(prefix_, arms, connection_.Text())
                                      : RowTimesText(prefix_, arms, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(connection_.QueryText("sample_times", [&](const Row& row) {
      Part& part = parts_[static_cast<std::size_t>(row.Int64(0))];
      if (!row.IsNull(2)) part.times[part.PlaceOf(Offset{row.Int64(1)})] = WallTime{row.Int64(2)};
      return true;
    }));
    arms = arms.subspan(taken);
  }
  return {};
}

Status Sampling::ReadTimes() {
  for (const LagSample& sample : round_.groups) {
    Part* const part = PartOf(sample.key);
    if (part == nullptr) continue;
    const Offset position = std::max(sample.committed, part->start);
    if (position < part->end) part->unread.push_back(position);
  }
  std::vector<RowsArm> arms;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    std::vector<Offset>& unread = parts_[i].unread;
    std::sort(unread.begin(), unread.end());
    unread.erase(std::unique(unread.begin(), unread.end()), unread.end());
    parts_[i].times.resize(unread.size());
    for (std::span<const Offset> rest = unread; !rest.empty();) {
      const std::size_t taken = std::min(rest.size(), kLagOffsetsPerArm);
      arms.push_back({i, query_.partitions[i], rest.first(taken)});
      rest = rest.subspan(taken);
    }
  }
  LANEMQ_RETURN_IF_ERROR(AskTimes(arms, false));
  // The log is dense, but DROP PARTITION takes rows out of snapshots, too.
  arms.clear();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    for (std::size_t at = 0; at < part.unread.size(); ++at) {
      if (part.times[at]) continue;
      arms.push_back({i, query_.partitions[i], std::span(part.unread).subspan(at, 1)});
    }
  }
  if (arms.empty()) return {};
  if (!is_last_) return Error{ErrorCode::kConflict, "sample_times: rows went away meanwhile"};
  return AskTimes(arms, true);
}

void Sampling::Finish() {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].is_here) continue;
    round_.partitions.push_back({query_.partitions[i].key, parts_[i].start, parts_[i].end});
  }
  std::erase_if(round_.groups, [&](LagSample& sample) {
    const Part* const part = PartOf(sample.key);
    if (part == nullptr) return true;
    sample.start = part->start;
    sample.end = part->end;
    const std::size_t place = part->PlaceOf(sample.Position());
    if (sample.Position() < part->end) sample.oldest_unread = part->times[place];
    return false;
  });
}

}  // namespace

Result<LagRound> MySqlLagSource::Sample(const core::LagQuery& query, Deadline deadline) {
  const auto& partitions = query.partitions;
  const auto is_after = [](const auto& a, const auto& b) { return a.key >= b.key; };
  if (query.known_ends.size() != partitions.size() ||
      std::adjacent_find(partitions.begin(), partitions.end(), is_after) != partitions.end()) {
    return Error{ErrorCode::kInvalidRequest, "sample: partitions not sorted, or not one end each"};
  }
  for (const bool is_last : {false, true}) {
    Result<LagRound> round = ReadOn<LagRound>(
        nodes_, node_, deadline, [&](Connection& connection, const core::DataNode& node) {
          return Sampling(connection, node.schema_prefix, query, is_last).Run(observer_);
        });
    if (round.ok()) {
      round->node = node_;
      return round;
    }
    Error error = round.error();
    if (error.code == ErrorCode::kUnknownTopicOrPartition) error.code = ErrorCode::kConflict;
    if (error.code != ErrorCode::kConflict || is_last || deadline.HasPassed(nodes_.clock())) {
      return error;
    }
  }
  return Error{ErrorCode::kConflict, "sample"};  // Not reached: the last attempt answers.
}

}  // namespace lanemq::sql
