#include "client/cli/commands/group_queries.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/commands/group_scope.h"
#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kLogEnd = -1;
constexpr std::size_t kPartitionsPerCall = 500;
constexpr std::int32_t kGroupsNamed = 10'000;  // Among which the one that was meant is looked for.

/// Names every partition: a broker that has not heard of a new topic yet would leave it out of an
/// answer about "all", but looks a named one up.
std::vector<PartitionName> AllPartitions(const idl::MetadataResponse& metadata) {
  std::vector<PartitionName> all;
  for (const idl::TopicMetadata& topic : metadata.topics) {
    if (topic.state != idl::TopicState::ACTIVE) continue;
    for (const auto& partition : topic.partitions)
      all.emplace_back(topic.name, partition.partition);
  }
  return all;
}

bool IsBefore(const idl::FetchOffsetsPartitionResult& a,
              const idl::FetchOffsetsPartitionResult& b) {
  return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
}

/// Partitions that members have and nobody has committed yet belong to the picture as well.
void AddAssigned(GroupDetail& detail) {
  std::set<PartitionName> known;
  for (const auto& row : detail.partitions) known.emplace(row.topic, row.partition);
  for (const idl::GroupMemberInfo& member : detail.described->members) {
    for (const idl::TopicPartition& assigned : member.assignment) {
      if (!known.emplace(assigned.topic, assigned.partition).second) continue;
      idl::FetchOffsetsPartitionResult row;
      row.__set_topic(assigned.topic);
      row.__set_partition(assigned.partition);
      row.__set_offset(-1);
      detail.partitions.push_back(row);
    }
  }
  std::ranges::sort(detail.partitions, IsBefore);
}

/// What went wrong is told once, with how often it did.
void Note(std::optional<Error>& missing, std::int64_t& count, const std::string& topic,
          std::int32_t partition, const idl::LaneMqError& error) {
  if (++count > 1) return;
  missing = Error{ErrorCodeFromNumber(error.code),
                  fmt::format("{}/{}: {}", topic, partition, error.message)};
}

}  // namespace

Result<GroupOffsets> OffsetsOfGroup(Cluster& cluster, const std::string& group) {
  LANEMQ_ASSIGN_OR_RETURN(const idl::MetadataResponse metadata, cluster.Metadata());
  return OffsetsOfGroup(cluster, group, AllPartitions(metadata));
}

Result<GroupOffsets> OffsetsOfGroup(Cluster& cluster, const std::string& group,
                                    const std::vector<PartitionName>& partitions) {
  const std::vector<idl::TopicPartition> all = ToIdl(partitions);
  GroupOffsets found;
  std::int64_t missing = 0;
  for (std::size_t begin = 0; begin < all.size(); begin += kPartitionsPerCall) {
    const std::size_t end = std::min(begin + kPartitionsPerCall, all.size());
    idl::FetchOffsetsRequest request;
    request.__set_group(group);
    request.__set_partitions({all.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.begin() + static_cast<std::ptrdiff_t>(end)});
    LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                            cluster.Data(&rpc::DataPlaneClient::FetchOffsetsSync, request));
    for (const idl::FetchOffsetsPartitionResult& row : reply.partitions) {
      if (row.__isset.error) {
        Note(found.missing, missing, row.topic, row.partition, row.error);
        continue;
      }
      const bool is_claimed = row.__isset.member_id && !row.member_id.empty();
      if (row.offset >= 0 || is_claimed || row.__isset.paused_until_us) found.rows.push_back(row);
    }
  }
  std::ranges::sort(found.rows, IsBefore);
  if (missing > 1) found.missing->message += fmt::format(" (and {} more)", missing - 1);
  return found;
}

Result<std::map<PartitionName, std::int64_t>> LogOffsets(
    Cluster& cluster, const std::vector<PartitionName>& partitions, std::int64_t timestamp_us,
    bool is_strict) {
  std::map<PartitionName, std::int64_t> offsets;
  for (std::size_t begin = 0; begin < partitions.size(); begin += kPartitionsPerCall) {
    std::vector<idl::ListOffsetsPartition> wanted;
    for (std::size_t i = begin; i < std::min(begin + kPartitionsPerCall, partitions.size()); ++i) {
      idl::ListOffsetsPartition& one = wanted.emplace_back();
      one.__set_topic(partitions[i].first);
      one.__set_partition(partitions[i].second);
      one.__set_timestamp_us(timestamp_us);
    }
    const auto results = cluster.OffsetsOf(wanted);
    if (!results.ok() && is_strict) return results.error();
    if (!results.ok()) continue;
    for (const idl::ListOffsetsPartitionResult& result : *results) {
      if (!result.__isset.error) {
        offsets[{result.topic, result.partition}] = result.offset;
      } else if (is_strict) {
        return Error{
            ErrorCodeFromNumber(result.error.code),
            fmt::format("{}/{}: {}", result.topic, result.partition, result.error.message)};
      }
    }
    const auto is_there = [&](const auto& one) {
      return offsets.contains({one.topic, one.partition});
    };
    if (is_strict && !std::ranges::all_of(wanted, is_there)) {
      return Error{ErrorCode::kUnknownServerError, "the broker left partitions out of its answer"};
    }
  }
  return offsets;
}

std::vector<PartitionName> NamesOf(const std::vector<idl::FetchOffsetsPartitionResult>& rows) {
  std::vector<PartitionName> names;
  for (const auto& row : rows) names.emplace_back(row.topic, row.partition);
  return names;
}

Result<GroupDetail> DetailOfGroup(Cluster& cluster, Cluster& control, const std::string& group) {
  GroupDetail detail;
  detail.name = group;
  LANEMQ_ASSIGN_OR_RETURN(GroupOffsets offsets, OffsetsOfGroup(cluster, group));
  detail.partitions = std::move(offsets.rows);
  detail.offsets_missing = offsets.missing;
  idl::ListOffsetResetsRequest list;
  list.__set_group(group);
  auto resets = cluster.Data(&rpc::DataPlaneClient::ListOffsetResetsSync, list);
  if (resets.ok()) {
    detail.resets = std::move(resets->resets);
    std::ranges::stable_sort(detail.resets, std::greater<>(), &idl::OffsetReset::at_us);
  } else if (!detail.offsets_missing) {
    detail.offsets_missing = resets.error();
  }

  idl::DescribeGroupRequest request;
  request.__set_group(group);
  auto described = control.Control(&rpc::ControlPlaneClient::DescribeGroupSync, request);
  if (described.ok()) {
    detail.described = *std::move(described);
    AddAssigned(detail);
  } else if (described.error().code != ErrorCode::kNotFound) {
    detail.described_missing = described.error();
  }
  if (!detail.described && detail.partitions.empty() && detail.resets.empty()) {
    if (detail.offsets_missing) return *detail.offsets_missing;
    if (detail.described_missing) return *detail.described_missing;
    return Error{ErrorCode::kNotFound,
                 fmt::format("group '{}' has no members and has committed nothing", group)};
  }
  LANEMQ_ASSIGN_OR_RETURN(detail.log_ends,
                          LogOffsets(cluster, NamesOf(detail.partitions), kLogEnd, false));
  return detail;
}

Result<std::vector<idl::GroupListing>> ListingsOf(Cluster& cluster) {
  LANEMQ_ASSIGN_OR_RETURN(auto reply,
                          cluster.Control(&rpc::ControlPlaneClient::ListGroupsSync, {}));
  return std::move(reply.groups);
}

ExitCode FailUnknownGroup(Session& session, Cluster& cluster, const Error& error,
                          const std::string& group, std::string_view otherwise) {
  if (error.code != ErrorCode::kNotFound) return session.Fail(error);
  std::vector<std::string> names;
  if (const auto groups = ListingsOf(cluster); groups.ok()) {
    for (const idl::GroupListing& listing : *groups) {
      if (listing.group != group) names.push_back(listing.group);
    }
  }
  // Readers without a coordinator are known by their offsets alone.
  idl::GroupLagRequest request;
  request.__set_max(kGroupsNamed);
  if (const auto sampled = cluster.GroupLag(request); sampled.ok()) {
    for (const idl::TopicLag& lag : sampled->topics) {
      if (lag.group != group) names.push_back(lag.group);
    }
  }
  if (const auto near = Suggest(group, names)) {
    return session.Fail(
        error, fmt::format("did you mean '{}'? `lanemq group list` shows all", MakeVisible(*near)));
  }
  return session.Fail(
      error, otherwise.empty() ? "`lanemq group list` shows the groups there are" : otherwise);
}

}  // namespace lanemq::cli
