#include "client/cli/commands/group_scope.h"

#include <array>
#include <pwd.h>
#include <set>
#include <unistd.h>

#include "client/cli/cluster/connect.h"

namespace lanemq::cli {

Result<std::vector<PartitionName>> PartitionsNamed(Cluster& cluster,
                                                   const std::vector<std::string>& words) {
  std::set<PartitionName> named;
  for (const std::string& word : words) {
    const std::size_t colon = word.find(':');
    LANEMQ_ASSIGN_OR_RETURN(const idl::TopicMetadata topic, cluster.Topic(word.substr(0, colon)));
    if (colon == std::string::npos) {
      for (const auto& partition : topic.partitions) named.emplace(topic.name, partition.partition);
      continue;
    }
    LANEMQ_ASSIGN_OR_RETURN(const auto numbers,
                            ParsePartitions(word.substr(colon + 1),
                                            static_cast<std::int32_t>(topic.partitions.size())));
    for (const std::int32_t number : numbers) named.emplace(topic.name, number);
  }
  return std::vector<PartitionName>(named.begin(), named.end());
}

std::vector<idl::TopicPartition> ToIdl(const std::vector<PartitionName>& partitions) {
  std::vector<idl::TopicPartition> list;
  for (const auto& [topic, partition] : partitions) {
    list.emplace_back();
    list.back().__set_topic(topic);
    list.back().__set_partition(partition);
  }
  return list;
}

std::string WhoAsks() {
  const passwd* const user = getpwuid(getuid());  // The program has one thread here.
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string name = user != nullptr ? user->pw_name : std::to_string(getuid());
  return name + "@" + host.data();
}

}  // namespace lanemq::cli
