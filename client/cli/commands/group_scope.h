#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cli/app/action.h"
#include "client/cli/cluster/cluster.h"
#include "client/cli/text/reset_plan.h"

/// What the commands on groups share.
namespace lanemq::cli {

/// The partitions that words like "orders" and "orders:0,2-3" name, sorted, each once.
Result<std::vector<PartitionName>> PartitionsNamed(Cluster& cluster,
                                                   const std::vector<std::string>& words);

[[nodiscard]] std::vector<idl::TopicPartition> ToIdl(const std::vector<PartitionName>& partitions);

/// Who is at the keyboard, for the rows that people read later: "user@host".
[[nodiscard]] std::string WhoAsks();

void AddGroupLag(CLI::App& group, Action& action);
void AddGroupOffsets(CLI::App& group, Action& action);
void AddGroupReset(CLI::App& group, Action& action);
void AddGroupPauseAndResume(CLI::App& group, Action& action);
void AddGroupPolicy(CLI::App& group, Action& action);
void AddGroupDelete(CLI::App& group, Action& action);

}  // namespace lanemq::cli
