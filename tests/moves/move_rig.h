#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/e2e/cluster.h"
#include "tests/failures/tables.h"
#include "tests/moves/rows.h"
#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::moves {

/// A move as the metadata database has it.
struct MoveRow {
  std::int64_t id = 0;
  std::string topic;
  std::int32_t partition = 0;
  std::string from;
  std::string to;
  std::string state;
  bool is_open = false;
  std::int64_t paused_us = 0;
  std::string error;
};

/// A command that has ended, or goes on.
struct Command {
  testing::Process process;
  std::string text;  ///< The words after `lanemq`.
};

/// A cluster whose data nodes are servers of their own, so that each may be killed: "node1" is the
/// cluster's own data server, and the metadata is on another one. What is made before AddNode() is
/// on node1.
///
/// Not thread-safe but for Places(), Parts() and RowsOf(); one owner.
class MoveRig {
 public:
  /// `options.has_own_data_server` is set.
  static Result<std::unique_ptr<MoveRig>> Start(e2e::ClusterOptions options);

  /// Starts a server and adds it as "node2", "node3", ...
  Status AddNode();
  [[nodiscard]] e2e::Cluster& cluster() { return *cluster_; }
  [[nodiscard]] testing::DatabaseServer& server(const std::string& node) const;

  /// Of a topic's partitions, where the catalogue has them.
  struct Place {
    std::string node;
    std::string table;  ///< `schema`.`table`
  };
  [[nodiscard]] Result<std::map<std::int32_t, Place>> Places(std::int64_t topic_id) const;
  [[nodiscard]] std::vector<failures::TopicPart> Parts(std::int64_t topic_id) const;
  /// For e2e::WorkloadOptions.
  [[nodiscard]] Result<std::string> RowsOf(std::int64_t topic_id, std::int32_t partition) const;

  /// Runs `lanemq` with these words to its end; what it printed. An error: it failed, or took
  /// longer.
  Result<std::string> Run(const std::vector<std::string>& words,
                          std::chrono::seconds timeout = std::chrono::seconds(60));
  /// The same without waiting.
  Result<Command> Begin(const std::vector<std::string>& words);
  Result<std::string> End(Command& command, std::chrono::seconds timeout);

  /// All moves, oldest first.
  [[nodiscard]] Result<std::vector<MoveRow>> Moves() const;
  /// One look at the metadata database: whether an unfinished move is in one of these states.
  [[nodiscard]] bool IsAnyMove(const std::vector<std::string>& states) const;
  [[nodiscard]] bool HasMovesUnderWay() const;
  /// Whether the metadata database's server is at a statement that contains `text`.
  [[nodiscard]] bool IsExecuting(const std::string& text) const;
  /// Index of the metaserver that carries moves out; -1: none.
  [[nodiscard]] int Mover() const;

  /// Everything that a partition may leave behind at a data node, by table; empty: nothing.
  [[nodiscard]] std::string LeftOn(const std::string& node) const;
  /// Tables that only moves make, on all data nodes; empty: none.
  [[nodiscard]] std::string TablesOnTheWay() const;
  /// All rows of the topic beside its log and its producers' snapshots, which brokers renew by
  /// themselves, on all data nodes, as text that is equal for equal rows.
  [[nodiscard]] Result<Rows> StateOf(std::int64_t topic_id) const;
  /// All columns of a partition's log below `end`, in order.
  [[nodiscard]] Result<Rows> LogOf(std::int64_t topic_id, std::int32_t partition,
                                   std::int64_t end) const;

 private:
  struct Node {
    std::string name;
    std::string prefix;
    testing::DatabaseServer* server = nullptr;
    std::unique_ptr<testing::DatabaseServer> own;
  };
  explicit MoveRig(testing::Engine engine) : engine_(engine) {}
  [[nodiscard]] const Node& Find(const std::string& name) const;
  [[nodiscard]] Result<std::string> AskMeta(const std::string& sql) const;

  const testing::Engine engine_;
  testing::TempDir dir_{"lanemq-moves"};
  std::vector<Node> nodes_;
  std::unique_ptr<e2e::Cluster> cluster_;
  int commands_ = 0;
};

}  // namespace lanemq::moves
