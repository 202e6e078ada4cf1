#include "sql/store/partition_guard.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

using core::PartitionKey;
/// Of partitions that have a row: whether they move.
using Presences = std::map<PartitionKey, bool>;

/// About as long as opening the other place takes, and for a broker to hear of it.
constexpr std::int32_t kRetryAfterMs = 100;
/// Keys in one statement.
constexpr std::size_t kKeysPerStatement = 200;

/// Like share_partition, of several; their number varies. Ranges of the primary key are locked in
/// its order.
void ShareText(std::span<const PartitionKey> sorted, std::string& out) {
  out = "SELECT topic_id,partition_index,state='moving' FROM partition_state WHERE ";
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool is_same_topic = i > 0 && sorted[i].topic == sorted[i - 1].topic;
    if (is_same_topic) {
      fmt::format_to(std::back_inserter(out), ",{}", sorted[i].partition);
      continue;
    }
    fmt::format_to(std::back_inserter(out), "{}(topic_id={} AND partition_index IN ({}",
                   i > 0 ? ")) OR " : "", sorted[i].topic.value, sorted[i].partition);
  }
  out += ")) LOCK IN SHARE MODE";
}

Status ShareSome(Connection& connection, std::span<const PartitionKey> sorted, Presences& found) {
  if (sorted.size() == 1) {
    const PartitionKey& key = sorted.front();
    return connection.Query(statements::kSharePartition,
                            {key.topic.value, std::int64_t{key.partition}}, [&](const Row& row) {
                              found[key] = row.Int64(0) != 0;
                              return false;
                            });
  }
  ShareText(sorted, connection.Text());
  return connection.QueryText("share_partitions", [&](const Row& row) {
    const PartitionKey key{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))};
    found[key] = row.Int64(2) != 0;
    return true;
  });
}

Result<Presences> Share(Connection& connection, std::span<const PartitionKey> keys) {
  std::vector<PartitionKey> sorted(keys.begin(), keys.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  Presences found;
  for (std::size_t i = 0; i < sorted.size(); i += kKeysPerStatement) {
    const std::size_t count = std::min(kKeysPerStatement, sorted.size() - i);
    LANEMQ_RETURN_IF_ERROR(ShareSome(connection, std::span(sorted).subspan(i, count), found));
  }
  return found;
}

}  // namespace

Error MovesAway(const PartitionKey& key) {
  return {ErrorCode::kDataNodeUnavailable,
          fmt::format("topic {} partition {} moves to another data node", key.topic.value,
                      key.partition),
          kRetryAfterMs};
}

Result<std::vector<Status>> SharePartitions(Connection& connection,
                                            std::span<const PartitionKey> keys) {
  LANEMQ_ASSIGN_OR_RETURN(const Presences found, Share(connection, keys));
  std::vector<Status> answers;
  answers.reserve(keys.size());
  for (const PartitionKey& key : keys) {
    const auto at = found.find(key);
    const bool is_here = at != found.end() && !at->second;
    answers.push_back(is_here ? Status() : Status(MovesAway(key)));
  }
  return answers;
}

Status RequirePartitions(Connection& connection, std::span<const PartitionKey> keys) {
  LANEMQ_ASSIGN_OR_RETURN(const auto answers, SharePartitions(connection, keys));
  for (const Status& here : answers) LANEMQ_RETURN_IF_ERROR(here);
  return {};
}

Result<std::vector<PartitionKey>> ShareThoseHere(Connection& connection,
                                                 std::span<const PartitionKey> keys) {
  LANEMQ_ASSIGN_OR_RETURN(const Presences found, Share(connection, keys));
  std::vector<PartitionKey> here;
  for (const auto& [key, is_moving] : found) {
    if (is_moving) return MovesAway(key);
    here.push_back(key);
  }
  return here;
}

}  // namespace lanemq::sql
