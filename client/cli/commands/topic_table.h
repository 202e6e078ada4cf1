#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/cli/cluster/cluster.h"
#include "client/cli/output/table.h"

namespace lanemq::cli {

/// Everything `topic describe` shows.
struct TopicDetail {
  struct Partition {
    std::int32_t index = 0;
    std::string node;
    std::string table;  ///< "schema.table".
    Cell preferred_broker;
    Cell log_start;  ///< Absent when no broker could be asked.
    Cell log_end;
    Cell messages;
  };
  idl::TopicMetadata topic;
  std::vector<Partition> partitions;
  std::string offsets_missing;  ///< Why there are no offsets; empty: there are.
};

/// Asks metaserver and brokers. Fails when the topic is not there; not when offsets are not.
Result<TopicDetail> DetailOf(Cluster& cluster, const std::string& name);

[[nodiscard]] Table TopicsTable(const std::vector<idl::TopicMetadata>& topics);
/// Those of `topics` that are deleted: with until when each can be brought back, or "purging".
[[nodiscard]] Table DeletedTopicsTable(const std::vector<idl::TopicMetadata>& topics);
[[nodiscard]] Table PartitionsTable(const TopicDetail& detail);
/// The lines above the table.
[[nodiscard]] std::string SummaryOf(const TopicDetail& detail);
[[nodiscard]] std::string JsonOf(const TopicDetail& detail);

}  // namespace lanemq::cli
