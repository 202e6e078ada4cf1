#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/cluster/cluster.h"
#include "client/cli/commands/group_table.h"

namespace lanemq::cli {

/// What a group has on the data nodes.
struct GroupOffsets {
  /// Committed, claimed or paused; by topic and partition.
  std::vector<idl::FetchOffsetsPartitionResult> rows;
  /// Why some partitions could not be asked: the first one's error, and how many they are.
  std::optional<Error> missing;
};

/// Of any topic, or of `partitions`. Fails only when no broker answers.
Result<GroupOffsets> OffsetsOfGroup(Cluster& cluster, const std::string& group);
Result<GroupOffsets> OffsetsOfGroup(Cluster& cluster, const std::string& group,
                                    const std::vector<PartitionName>& partitions);

/// Offset of `timestamp_us` (-2: log start, -1: log end) of each of `partitions`. Partitions that
/// cannot be asked are left out, or with `is_strict` the error.
Result<std::map<PartitionName, std::int64_t>> LogOffsets(
    Cluster& cluster, const std::vector<PartitionName>& partitions, std::int64_t timestamp_us,
    bool is_strict);

/// The names of the partitions of rows, in their order.
[[nodiscard]] std::vector<PartitionName> NamesOf(
    const std::vector<idl::FetchOffsetsPartitionResult>& rows);

/// Asks brokers first: offsets are shown also while no metaserver answers. `control` is the same
/// cluster with less patience. Fails when there is nothing to show; kNotFound when nobody knows of
/// the group.
Result<GroupDetail> DetailOfGroup(Cluster& cluster, Cluster& control, const std::string& group);

/// The groups that have, or had, members.
Result<std::vector<idl::GroupListing>> ListingsOf(Cluster& cluster);

/// Complains that there is nothing of `group`, and names the group that was probably meant.
/// `otherwise` is the hint when none is near.
ExitCode FailUnknownGroup(Session& session, Cluster& cluster, const Error& error,
                          const std::string& group, std::string_view otherwise = {});

}  // namespace lanemq::cli
