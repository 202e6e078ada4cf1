#include "sql/store/mysql_message_tracer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/message_table.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

using core::Cover;
using core::GroupTrace;
using core::MessageTrace;
using core::Offset;
using core::TracedDeed;

constexpr int kTraceAttempts = 3;
constexpr std::int64_t kDeedsRead = 100;
constexpr std::int64_t kRedrivesRead = 20;
constexpr std::size_t kDeedsShownMax = 10;

std::int32_t Int32(const Row& row, unsigned column) {
  return static_cast<std::int32_t>(row.Int64(column));
}

GroupTrace ToGroup(const Row& row, Offset offset) {
  GroupTrace group;
  group.group = row.String(0);
  group.committed = Offset{row.Int64(1)};
  group.committed_at = WallTime{row.Int64(2)};
  if (row.Int64(3) == offset.value) group.attempts = Int32(row, 4);
  if (!row.IsNull(5)) {
    core::TracedRetry& retry = group.retry.emplace();
    retry.history.attempts = Int32(row, 5);
    retry.due = WallTime{row.Int64(6)};
    retry.is_leased = row.Int64(7) != 0;
    retry.history.first_at = WallTime{row.Int64(8)};
    retry.history.last_at = WallTime{row.Int64(9)};
    retry.history.last = {row.String(10), row.String(11)};
  }
  if (!row.IsNull(12)) {
    core::TracedLetter& letter = group.letter.emplace();
    letter.history.attempts = Int32(row, 12);
    letter.dead_at = WallTime{row.Int64(13)};
    letter.history.first_at = WallTime{row.Int64(14)};
    letter.history.last_at = WallTime{row.Int64(15)};
    letter.history.last = {row.String(16), row.String(17)};
  }
  return group;
}

/// One transaction.
class Tracing {
 public:
  Tracing(Connection& connection, std::string_view prefix, const core::PartitionLocation& location,
          Offset offset, std::int32_t groups_max)
      : connection_(connection),
        table_(prefix, location),
        key_(location.key),
        offset_(offset),
        groups_max_(std::clamp(groups_max, 1, core::kTracedGroupsMax)) {}

  Result<MessageTrace> Run() {
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction,
                            Transaction::Begin(connection_, Isolation::kSnapshot));
    LANEMQ_RETURN_IF_ERROR(ReadStart());
    LANEMQ_RETURN_IF_ERROR(ReadLog());
    LANEMQ_RETURN_IF_ERROR(ReadLoss());
    LANEMQ_RETURN_IF_ERROR(ReadGroups());
    LANEMQ_RETURN_IF_ERROR(ReadRemoval());
    LANEMQ_RETURN_IF_ERROR(transaction.Commit());
    return std::move(trace_);
  }

 private:
  Status ReadStart();
  Status ReadLog();
  Status ReadTail(Offset known);
  Status ReadLoss();
  Status ReadGroups();
  Status ReadRemoval();
  Status ReadUnread(GroupTrace& group);

  Connection& connection_;
  const MessageTable table_;
  const core::PartitionKey key_;
  const Offset offset_;
  const std::int32_t groups_max_;
  MessageTrace trace_;
};

Status Tracing::ReadStart() {
  bool is_here = false;
  LANEMQ_RETURN_IF_ERROR(connection_.Query(statements::kReadRetentionState,
                                           {key_.topic.value, std::int64_t{key_.partition}},
                                           [&](const Row& row) {
                                             trace_.log_start = Offset{row.Int64(0)};
                                             trace_.at = WallTime{row.Int64(1)};
                                             is_here = true;
                                             return false;
                                           }));
  return is_here ? Status{} : Status{MovesAway(key_)};
}

Status Tracing::ReadLog() {
  std::optional<core::RecordIdentity> found;
  table_.SelectIdentities(std::max(offset_, trace_.log_start), 1, connection_.Text());
  LANEMQ_RETURN_IF_ERROR(connection_.QueryText("trace_record", [&](const Row& row) {
    found = {Offset{row.Int64(0)}, WallTime{row.Int64(1)}, core::ProducerId{row.Int64(2)},
             row.Int64(3)};
    return false;
  }));
  if (found && found->offset == offset_) {
    trace_.record = found;
  } else if (found && offset_ >= trace_.log_start) {
    trace_.next = found->offset;
  }
  return ReadTail(found ? found->offset : Offset{0});
}

/// `known`: a row that is there, so that older segments are not looked at.
Status Tracing::ReadTail(Offset known) {
  trace_.log_end = trace_.log_start;
  table_.SelectTail(connection_.Text(), known);
  return connection_.QueryText("trace_tail", [&](const Row& row) {
    if (!row.IsNull(1)) trace_.log_end = Offset{row.Int64(1) + 1};
    return false;
  });
}

Status Tracing::ReadLoss() {
  return connection_.Query(
      statements::kTraceDataLoss,
      {key_.topic.value, std::int64_t{key_.partition}, offset_.value, offset_.value},
      [&](const Row& row) {
        if (!row.IsNull(0)) trace_.lost_at = WallTime{row.Int64(0)};
        return false;
      });
}

Status Tracing::ReadGroups() {
  const std::int64_t topic = key_.topic.value;
  const std::int64_t partition = key_.partition;
  LANEMQ_RETURN_IF_ERROR(
      connection_.Query(statements::kTraceGroups,
                        {topic, partition, std::int64_t{groups_max_} + 1, topic, partition,
                         offset_.value, topic, partition, offset_.value},
                        [&](const Row& row) {
                          trace_.groups.push_back(ToGroup(row, offset_));
                          return true;
                        }));
  std::ranges::sort(trace_.groups, {}, &GroupTrace::group);
  if (trace_.groups.size() > static_cast<std::size_t>(groups_max_)) {
    trace_.groups.resize(static_cast<std::size_t>(groups_max_));
    trace_.has_more_groups = true;
  }
  return {};
}

Status Tracing::ReadUnread(GroupTrace& group) {
  return connection_.Query(statements::kTraceUnreadLoss,
                           {std::string_view(group.group), key_.topic.value,
                            std::int64_t{key_.partition}, offset_.value},
                           [&](const Row& row) {
                             if (row.Int64(0) > offset_.value) {
                               group.removed_unread = {row.String(1), WallTime{row.Int64(2)}, {}};
                             }
                             return false;
                           });
}

Status Tracing::ReadRemoval() {
  if (offset_ >= trace_.log_start) return {};
  for (GroupTrace& group : trace_.groups) {
    LANEMQ_RETURN_IF_ERROR(ReadUnread(group));
    // All of them went with the same step; a group that was moved back may have lost it again.
    if (group.removed_unread &&
        (!trace_.removal || group.removed_unread->at < trace_.removal->at)) {
      trace_.removal = group.removed_unread;
    }
  }
  return connection_.Query(
      statements::kTraceTrim, {key_.topic.value, std::int64_t{key_.partition}, offset_.value},
      [&](const Row& row) {
        if (row.Int64(0) > offset_.value) return false;  // It was gone by then.
        trace_.removal = {"trim", WallTime{row.Int64(3)}, {row.String(1), row.String(2)}};
        return false;
      });
}

/// A filter as an audit row has it: cut when there are many ids, or when it was too long.
Cover CoverOfText(std::string_view detail, const core::PartitionKey& key, Offset offset) {
  const auto filter = FilterFromJson(detail);
  if (!filter.ok()) return Cover::kMaybe;
  const Cover cover = core::CoverOf(*filter, key, offset);
  if (cover != Cover::kNone || detail.find("\"ids_total\":") == std::string_view::npos) {
    return cover;
  }
  core::DeadLetterFilter whole = *filter;
  whole.ids.clear();
  return core::CoverOf(whole, key, offset);
}

/// Whether an expiry at `at` removed letters as old as one that died at `since` could be.
Cover CoverOfExpiry(std::string_view detail, WallTime at, WallTime since) {
  constexpr std::string_view kBefore = "older than ";
  std::int64_t seconds = 0;
  if (detail.starts_with(kBefore)) {
    detail.remove_prefix(kBefore.size());
    std::from_chars(detail.data(), detail.data() + detail.size(), seconds);
  }
  return at.micros - seconds * 1'000'000 >= since.micros ? Cover::kMaybe : Cover::kNone;
}

class DeedsReader {
 public:
  DeedsReader(Connection& connection, const core::PartitionKey& key, Offset offset, WallTime since)
      : connection_(connection), key_(key), offset_(offset), since_(since) {}

  Result<std::vector<TracedDeed>> Of(std::string_view group) {
    deeds_.clear();
    LANEMQ_RETURN_IF_ERROR(ReadRedrives(group));
    LANEMQ_RETURN_IF_ERROR(ReadOthers(group));
    std::ranges::stable_sort(deeds_, std::ranges::greater{}, &TracedDeed::at);
    if (deeds_.size() > kDeedsShownMax) deeds_.resize(kDeedsShownMax);
    return std::move(deeds_);
  }

 private:
  void Add(Cover cover, TracedDeed deed) {
    if (cover == Cover::kNone || deed.at < since_) return;
    deed.is_exact = cover == Cover::kExact;
    deeds_.push_back(std::move(deed));
  }

  Status ReadRedrives(std::string_view group) {
    return connection_.Query(statements::kListGroupRedrives,
                             {group, std::int64_t{0}, kRedrivesRead}, [&](const Row& row) {
                               const auto job = ToRedriveJob(row);
                               if (!job.ok()) return true;  // Of a newer version.
                               if (job->state != core::RedriveState::kRunning && job->moved == 0)
                                 return true;
                               const bool is_to_topic = job->target == core::RedriveTarget::kTopic;
                               Add(core::CoverOf(job->filter, key_, offset_),
                                   {.at = job->created_at,
                                    .action = is_to_topic ? "redrive_to_topic" : "redrive_to_group",
                                    .note = job->note,
                                    .redrive = job->id,
                                    .state = job->state});
                               return true;
                             });
  }

  Status ReadOthers(std::string_view group) {
    const std::string id = DescribeId({std::string(group), key_, offset_});
    return connection_.Query(statements::kReadDeeds, {group, kDeedsRead}, [&](const Row& row) {
      TracedDeed deed{.at = WallTime{row.Int64(0)},
                      .action = row.String(1),
                      .note = {row.String(4), row.String(5)},
                      .redrive = std::nullopt};
      const std::string detail = row.String(3);
      Cover cover = Cover::kNone;  // Redrives are known with their filters.
      if (deed.action == "edit" && detail == id) cover = Cover::kExact;
      if (deed.action == "drop") cover = CoverOfText(detail, key_, offset_);
      if (deed.action == "expire") cover = CoverOfExpiry(detail, deed.at, since_);
      Add(cover, std::move(deed));
      return true;
    });
  }

  Connection& connection_;
  const core::PartitionKey key_;
  const Offset offset_;
  const WallTime since_;
  std::vector<TracedDeed> deeds_;
};

}  // namespace

Result<MessageTrace> MySqlMessageTracer::Trace(const core::PartitionLocation& location,
                                               Offset offset, std::int32_t groups_max,
                                               Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    Result<MessageTrace> trace = ReadOn<MessageTrace>(
        nodes_, node_, deadline, [&](Connection& connection, const core::DataNode& node) {
          return Tracing(connection, node.schema_prefix, location, offset, groups_max).Run();
        });
    if (trace.ok() || trace.error().code != ErrorCode::kConflict || attempt == kTraceAttempts ||
        deadline.HasPassed(nodes_.clock())) {
      return trace;
    }
  }
}

Result<std::vector<std::vector<TracedDeed>>> MySqlMessageTracer::Deeds(
    const core::PartitionKey& key, Offset offset, std::span<const std::string> groups,
    WallTime since, Deadline deadline) {
  using All = std::vector<std::vector<TracedDeed>>;
  if (groups.size() > core::kTracedDeedGroupsMax) {
    return Error{ErrorCode::kInvalidRequest, "deeds of too many groups"};
  }
  return ReadOn<All>(nodes_, node_, deadline,
                     [&](Connection& connection, const core::DataNode&) -> Result<All> {
                       DeedsReader reader(connection, key, offset, since);
                       All all;
                       for (const std::string& group : groups) {
                         LANEMQ_ASSIGN_OR_RETURN(auto deeds, reader.Of(group));
                         all.push_back(std::move(deeds));
                       }
                       return all;
                     });
}

}  // namespace lanemq::sql
