#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "common/core/types/ids.h"
#include "tests/support/database_server.h"

namespace lanemq::perf {

/// How much there is to sample.
struct LagLoad {
  int topics = 100;
  int partitions = 10;  ///< Of each topic.
  int groups = 10;      ///< Each reads everything.
  int rows = 320;       ///< In each message table; at most 900.
  int segments = 16;    ///< Table partitions of each; the newest is empty.
};

/// A data node on a server of its own, whose partitions are full and whose groups commit what is
/// asked for. Not thread-safe.
class LaggingNode {
 public:
  static Result<LaggingNode> Make(testing::DatabaseServer& server, const LagLoad& load);

  [[nodiscard]] const core::DataNode& node() const { return node_; }
  [[nodiscard]] const std::vector<core::PartitionLocation>& locations() const { return locations_; }
  /// All groups are at the end.
  Status CatchUp();
  /// Every group is somewhere else in the second half of each log.
  Status FallBehind();

 private:
  LaggingNode(testing::DatabaseServer& server, const LagLoad& load);
  Status MakeTables();
  Status Commit(const std::string& offset_of_group);

  testing::DatabaseServer* server_;
  LagLoad load_;
  core::DataNode node_;
  std::vector<core::PartitionLocation> locations_;
};

/// Processor time of a process of this machine so far, in ms.
[[nodiscard]] double CpuMsOf(std::int64_t pid);
/// The same of the calling thread.
[[nodiscard]] double CpuMsOfThread();

}  // namespace lanemq::perf
