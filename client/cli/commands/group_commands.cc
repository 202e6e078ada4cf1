#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kLogEnd = -1;
constexpr std::size_t kPartitionsPerCall = 500;

/// Log ends of the topics a group reads; a topic that cannot be asked is left out.
std::map<std::pair<std::string, std::int32_t>, std::int64_t> EndsOf(
    Cluster& cluster, const idl::FetchOffsetsResponse& offsets) {
  std::map<std::string, std::int32_t> partitions;
  for (const auto& row : offsets.partitions) {
    partitions[row.topic] = std::max(partitions[row.topic], row.partition + 1);
  }
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> ends;
  for (const auto& [topic, count] : partitions) {
    const auto found = cluster.Offsets(topic, count, kLogEnd);
    if (!found.ok()) continue;
    for (std::int32_t i = 0; i < count; ++i)
      ends[{topic, i}] = (*found)[static_cast<std::size_t>(i)];
  }
  return ends;
}

/// What the group has committed on any topic. Names every partition: a broker that has not heard of
/// a new topic yet would leave it out of an answer about "all", but looks a named one up.
Result<idl::FetchOffsetsResponse> FetchAll(Cluster& cluster, const std::string& group) {
  LANEMQ_ASSIGN_OR_RETURN(const idl::MetadataResponse metadata, cluster.Metadata());
  std::vector<idl::TopicPartition> all;
  for (const idl::TopicMetadata& topic : metadata.topics) {
    if (topic.state != idl::TopicState::ACTIVE) continue;
    for (const idl::PartitionMetadata& partition : topic.partitions) {
      all.emplace_back();
      all.back().__set_topic(topic.name);
      all.back().__set_partition(partition.partition);
    }
  }
  idl::FetchOffsetsResponse found;
  for (std::size_t begin = 0; begin < all.size(); begin += kPartitionsPerCall) {
    const std::size_t end = std::min(begin + kPartitionsPerCall, all.size());
    idl::FetchOffsetsRequest request;
    request.__set_group(group);
    request.__set_partitions({all.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.begin() + static_cast<std::ptrdiff_t>(end)});
    LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                            cluster.Data(&rpc::DataPlaneClient::FetchOffsetsSync, request));
    for (const idl::FetchOffsetsPartitionResult& row : reply.partitions) {
      if (row.__isset.error || row.offset >= 0) found.partitions.push_back(row);
    }
  }
  return found;
}

ExitCode Offsets(Session& session, const std::string& group) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto reply = FetchAll(**cluster, group);
  if (!reply.ok()) return session.Fail(reply.error());
  if (reply->partitions.empty()) {
    return session.Fail(
        {ErrorCode::kNotFound, fmt::format("group '{}' has committed nothing", group)},
        fmt::format("lanemq consume TOPIC -g {}", group));
  }
  std::sort(reply->partitions.begin(), reply->partitions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  const auto ends = EndsOf(**cluster, *reply);
  Table table{{"topic", "partition", "committed_offset", "log_end_offset", "lag", "committed_at",
               "generation", "metadata"},
              {}};
  for (const idl::FetchOffsetsPartitionResult& row : reply->partitions) {
    if (row.__isset.error) {
      return session.Fail({ErrorCodeFromNumber(row.error.code),
                           fmt::format("{}/{}: {}", row.topic, row.partition, row.error.message)});
    }
    Cell end;
    Cell lag;
    if (const auto found = ends.find({row.topic, row.partition}); found != ends.end()) {
      end = Id{found->second};
      lag = std::max<std::int64_t>(found->second - row.offset, 0);
    }
    Cell at;
    if (row.__isset.committed_at_us) at = FormatTime(WallTime{row.committed_at_us});
    table.rows.push_back({row.topic, std::int64_t{row.partition}, Id{row.offset}, end, lag, at,
                          Id{row.generation}, row.metadata});
  }
  session.Show(table);
  return ExitCode::kDone;
}

}  // namespace

void AddGroupCommands(CLI::App& root, Action& action) {
  CLI::App* group = root.add_subcommand("group", "Show what consumer groups have read");
  group->require_subcommand(0, 1);
  const std::vector<std::string> examples = {"lanemq group offsets billing",
                                             "lanemq group offsets billing --output json",
                                             "lanemq group offsets billing --output csv > lag.csv"};
  Explain(*group, examples);
  CLI::App* leaf = group->add_subcommand("offsets", "Show a group's committed offsets and its lag");
  const auto name = std::make_shared<std::string>();
  leaf->add_option("GROUP", *name, "Group")->required();
  leaf->callback(
      [&action, name] { action = [name](Session& session) { return Offsets(session, *name); }; });
  Explain(*leaf, examples, "lanemq consume --group");
}

}  // namespace lanemq::cli
