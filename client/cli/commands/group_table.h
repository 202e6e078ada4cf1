#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "client/cli/text/reset_plan.h"
#include "common/base/error.h"

/// How groups look: pure, from what was asked.
namespace lanemq::cli {

/// Everything `group describe` shows.
struct GroupDetail {
  std::string name;
  /// Absent when the coordinator could not be asked, or no member ever joined.
  std::optional<idl::DescribeGroupResponse> described;
  /// Why the coordinator could not be asked. Absent with `described`: readers chose their
  /// partitions themselves, so the group has no state.
  std::optional<Error> described_missing;
  std::optional<Error> offsets_missing;  ///< Why offsets of some partitions are not known.
  /// Committed, claimed, paused or assigned; sorted. Offset -1: nothing committed.
  std::vector<idl::FetchOffsetsPartitionResult> partitions;
  std::map<PartitionName, std::int64_t> log_ends;  ///< Of those that a broker could be asked for.
  std::vector<idl::OffsetReset> resets;            ///< Newest first.
};

[[nodiscard]] Table GroupsTable(const std::vector<idl::GroupListing>& groups);
/// Kafka's columns: a line per partition, then one per member that has none.
[[nodiscard]] Table GroupPartitionsTable(const GroupDetail& detail);
[[nodiscard]] Table GroupMembersTable(const GroupDetail& detail);
/// Lag by topic.
[[nodiscard]] Table GroupLagTable(const std::vector<GroupDetail>& details);
[[nodiscard]] Table RebalancesTable(const GroupDetail& detail);
[[nodiscard]] Table ResetsTable(const GroupDetail& detail);

/// The lines above the table: state, coordinator, members, total lag, pauses.
[[nodiscard]] std::string GroupSummary(const GroupDetail& detail);
/// What is below it: the newest rebalances and resets, or nothing.
[[nodiscard]] std::string GroupHistory(const GroupDetail& detail);
[[nodiscard]] std::string GroupJson(const GroupDetail& detail);

/// "clicks:1 orders:0-3,7".
[[nodiscard]] std::string PartitionsText(const std::vector<idl::TopicPartition>& partitions);

}  // namespace lanemq::cli
