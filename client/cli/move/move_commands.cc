#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/move/move_table.h"
#include "client/cli/move/move_watch.h"
#include "client/cli/move/placement_command.h"
#include "client/cli/terminal/interrupt.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

/// Looks at what an evacuation has left.
constexpr int kLooksMax = 5;
constexpr std::chrono::seconds kLookEvery{1};

struct EvacuateFlags {
  std::string node;
  std::vector<std::string> to;
  double mb_per_second = 20;
  bool is_waiting = false;
};
struct PartitionFlags {
  std::string topic;
  std::vector<std::int32_t> partitions;
  std::string to;
  double mb_per_second = 20;
  bool is_waiting = false;
};
struct ListFlags {
  bool is_all = false;
  std::int32_t max = 100;
};
struct CancelFlags {
  std::vector<std::int64_t> ids;
  std::string node;
};

std::int64_t BytesPerSecond(double mb) { return static_cast<std::int64_t>(mb * 1e6); }

/// Those that move, now or since earlier.
std::set<std::int64_t> IdsOf(const idl::MovePartitionsResponse& reply) {
  std::set<std::int64_t> ids;
  for (const idl::BegunMove& move : reply.moves) {
    if (move.__isset.move_id) ids.insert(move.move_id);
  }
  return ids;
}

/// How many were refused; one that moves already is not.
std::int64_t CountRefused(const idl::MovePartitionsResponse& reply) {
  std::int64_t refused = 0;
  for (const idl::BegunMove& move : reply.moves) {
    if (move.__isset.error && !move.__isset.move_id) ++refused;
  }
  return refused;
}

/// Follows them to their end. `has_fault`: some were taken back.
ExitCode Wait(Session& session, Cluster& cluster, const idl::MovePartitionsResponse& reply,
              bool& has_fault) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  const MonotonicTime begun = SystemClock::Instance().Now();
  const auto watched = WatchMoves(session, cluster, IdsOf(reply));
  if (!watched.ok()) return session.Fail(watched.error(), "lanemq move list shows how far it is");
  const auto took = duration_cast<microseconds>(SystemClock::Instance().Now() - begun);
  if (watched->is_interrupted) {
    session.out().Note(ProgressText(watched->sum) +
                       ". The moves go on; `lanemq move list` shows them.");
    return ExitCode::kInterrupted;
  }
  session.out().Note(EndText(watched->sum, took) + ".");
  has_fault = watched->sum.taken_back > 0;
  const bool is_whole = !has_fault && CountRefused(reply) == 0;
  return is_whole ? ExitCode::kDone : ExitCode::kPartlyFailed;
}

/// What a request has begun, and, with --wait, what becomes of it.
ExitCode Follow(Session& session, Cluster& cluster, const idl::MovePartitionsResponse& reply,
                bool is_waiting, const std::string& if_empty, bool& has_fault) {
  session.Show(BegunTable(reply.moves), if_empty);
  const std::int64_t refused = CountRefused(reply);
  if (session.flags().is_dry_run) {
    session.out().Note("This is what would be done: nothing was begun.");
    return refused == 0 ? ExitCode::kDone : ExitCode::kPartlyFailed;
  }
  if (is_waiting && !IdsOf(reply).empty()) return Wait(session, cluster, reply, has_fault);
  if (!reply.moves.empty()) {
    session.out().Note("`lanemq move list` shows how far they are.");
  }
  return refused == 0 ? ExitCode::kDone : ExitCode::kPartlyFailed;
}

std::string WhatFollows(const std::string& node, bool is_dry_run) {
  if (is_dry_run) return node + " has no partitions.";
  return fmt::format(
      "{0} is empty and closed: `lanemq node alter {0} --state disabled`, then its server may be "
      "switched off.",
      node);
}

/// What was being made when the evacuation began was not ready to move then, and what was on its
/// way to the node has arrived since.
ExitCode LookAgain(Session& session, Cluster& cluster, const idl::MovePartitionsRequest& request,
                   const std::string& is_empty) {
  ExitCode code = ExitCode::kPartlyFailed;
  for (int look = 0; look < kLooksMax; ++look) {
    cluster.RestartTimeout();
    const auto left = cluster.Control(&GovernanceClient::MovePartitionsSync, request);
    if (!left.ok()) return session.Fail(left.error());
    if (left->moves.empty()) {
      session.out().Note(is_empty);
      return ExitCode::kDone;
    }
    bool has_fault = false;
    if (!IdsOf(*left).empty()) code = Wait(session, cluster, *left, has_fault);
    const bool has_ended = code == ExitCode::kDone || code == ExitCode::kPartlyFailed;
    if (has_fault || !has_ended) return code;
    if (look + 1 == kLooksMax) session.Show(BegunTable(left->moves));
    const InterruptGuard guard;
    if (!guard.Pause(kLookEvery)) return ExitCode::kInterrupted;
  }
  return ExitCode::kPartlyFailed;
}

ExitCode Evacuate(Session& session, const EvacuateFlags& flags) {
  idl::MovePartitionsRequest request;
  request.__set_evacuate_node(flags.node);
  if (!flags.to.empty()) request.__set_targets(flags.to);
  request.__set_bytes_per_second(BytesPerSecond(flags.mb_per_second));
  request.__set_dry_run(session.flags().is_dry_run);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&GovernanceClient::MovePartitionsSync, request);
  if (!reply.ok()) return session.Fail(reply.error(), "lanemq node list shows the names");
  const bool is_dry_run = session.flags().is_dry_run;
  const std::string is_empty = WhatFollows(flags.node, is_dry_run);
  bool has_fault = false;
  const ExitCode code = Follow(session, **cluster, *reply, flags.is_waiting, is_empty, has_fault);
  const bool has_ended = code == ExitCode::kDone || code == ExitCode::kPartlyFailed;
  if (!flags.is_waiting || is_dry_run || has_fault || !has_ended || reply->moves.empty()) {
    return code;
  }
  return LookAgain(session, **cluster, request, is_empty);
}

ExitCode MovePartition(Session& session, const PartitionFlags& flags) {
  idl::MovePartitionsRequest request;
  std::vector<idl::MoveWish> wishes;
  for (const std::int32_t partition : flags.partitions) {
    idl::MoveWish wish;
    wish.topic = flags.topic;
    wish.partition = partition;
    wish.__set_to(flags.to);
    wishes.push_back(std::move(wish));
  }
  request.__set_wishes(wishes);
  request.__set_bytes_per_second(BytesPerSecond(flags.mb_per_second));
  request.__set_dry_run(session.flags().is_dry_run);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&GovernanceClient::MovePartitionsSync, request);
  if (!reply.ok()) return session.Fail(reply.error(), "lanemq node list shows the names");
  bool has_fault = false;
  return Follow(session, **cluster, *reply, flags.is_waiting, "", has_fault);
}

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListMovesRequest request;
  request.__set_include_finished(flags.is_all);
  request.__set_max(flags.max);
  const auto reply = (*cluster)->Control(&GovernanceClient::ListMovesSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(MovesTable(reply->moves), flags.is_all ? "No partition has moved within 30 days."
                                                      : "No partition moves; --all shows more.");
  for (const idl::NodeMoves& node : reply->nodes) {
    session.out().Note(fmt::format("{}: {} partitions are there, {} moves away are left.",
                                   node.node, node.partitions_left, node.moves_left));
  }
  return ExitCode::kDone;
}

ExitCode Cancel(Session& session, const CancelFlags& flags) {
  if (flags.ids.empty() == flags.node.empty()) {
    return session.Fail({ErrorCode::kInvalidRequest, "give move ids, or --node NAME"},
                        "lanemq move list shows them");
  }
  if (IsRehearsal(session, flags.node.empty() ? fmt::format("take {} moves back", flags.ids.size())
                                              : "take back what moves away from " + flags.node)) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::CancelMovesRequest request;
  if (flags.node.empty()) {
    request.__set_ids(flags.ids);
  } else {
    request.__set_node(flags.node);
  }
  const auto reply = (*cluster)->Control(&GovernanceClient::CancelMovesSync, request);
  if (!reply.ok()) return session.Fail(reply.error(), "lanemq move list --all");
  session.Show(CancelledTable(reply->moves), "Nothing moves away from it.");
  bool has_refused = false;
  for (const idl::CancelledMove& move : reply->moves) has_refused |= move.__isset.error;
  return has_refused ? ExitCode::kPartlyFailed : ExitCode::kDone;
}

void AddCopyFlags(CLI::App& leaf, double& mb_per_second, bool& is_waiting) {
  leaf.add_option("--mb-per-second", mb_per_second,
                  "Of each copy, two of a data node at once; 0.066 to 2000 (default 20)")
      ->type_name("N")
      ->check(CLI::Range(0.066, 2'000.0));
  leaf.add_flag("-w,--wait", is_waiting, "Until all have ended; Ctrl-C leaves them going");
}

void AddEvacuate(CLI::App& node, Action& action) {
  const auto flags = std::make_shared<EvacuateFlags>();
  CLI::App* leaf = AddLeaf(
      node, "evacuate", "Close a data node and move all its partitions away, while they are used",
      action, flags, Evacuate);
  leaf->add_option("NAME", flags->node, "Data node")->required();
  leaf->add_option("--to", flags->to, "Only to these (default: all that are writable)")
      ->type_name("NODE,...")
      ->delimiter(',');
  AddCopyFlags(*leaf, flags->mb_per_second, flags->is_waiting);
  Explain(*leaf,
          {"lanemq node evacuate db2 --dry-run",
           "lanemq node evacuate db2 --wait --reason 'new hardware'",
           "lanemq node evacuate db2 --to db3,db4 --mb-per-second 50"},
          "lanemq move list, lanemq move cancel. It may be repeated: what moves already goes on");
}

void AddPartition(CLI::App& root, Action& action) {
  CLI::App* partition = root.add_subcommand("partition", "List and move partitions of data nodes");
  partition->group(kMoveCommands);
  partition->require_subcommand(0, 1);
  Explain(*partition,
          {"lanemq partition move orders 3 --to db3", "lanemq partition move orders 0 1 2 --to db3",
           "lanemq partition list --node db2"},
          "lanemq node evacuate");
  AddPlacementList(*partition, action);
  const auto flags = std::make_shared<PartitionFlags>();
  CLI::App* leaf =
      AddLeaf(*partition, "move", "Move partitions to another data node, while they are used",
              action, flags, MovePartition);
  leaf->add_option("TOPIC", flags->topic, "The topic")->required();
  leaf->add_option("PARTITION", flags->partitions, "Which of its partitions")->required();
  leaf->add_option("--to", flags->to, "Data node, a writable one")->type_name("NODE")->required();
  AddCopyFlags(*leaf, flags->mb_per_second, flags->is_waiting);
  Explain(*leaf,
          {"lanemq partition move orders 3 --to db3",
           "lanemq partition move orders 0 1 2 --to db3 --wait",
           "lanemq partition move orders 3 --to db3 --dry-run"},
          "lanemq topic describe shows where partitions are; lanemq move list");
}

}  // namespace

void AddMoveCommands(CLI::App& root, Action& action) {
  AddEvacuate(*root.get_subcommand("node"), action);
  AddPartition(root, action);
  CLI::App* move = root.add_subcommand("move", "List and cancel moves of partitions");
  move->group(kMoveCommands);
  move->require_subcommand(0, 1);
  Explain(*move, {"lanemq move list", "lanemq move list --all", "lanemq move cancel 17"},
          "lanemq node evacuate, lanemq partition move");
  const auto list = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(*move, "list", "List what moves, newest first", action, list, List);
  leaf->add_flag("-a,--all", list->is_all, "What has ended within 30 days, too");
  leaf->add_option("--max", list->max, "At most so many, 1 to 1000 (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000));
  Explain(*leaf,
          {"lanemq move list", "lanemq move list --all --max 1000",
           "lanemq move list --output json | jq '.items[] | select(.state == \"failed\")'"},
          "lanemq node evacuate");
  const auto cancel = std::make_shared<CancelFlags>();
  leaf = AddLeaf(*move, "cancel", "Take moves back: the partitions stay where they are", action,
                 cancel, Cancel);
  leaf->add_option("MOVE", cancel->ids, "Ids of moves");
  leaf->add_option("--node", cancel->node, "Everything that moves away from this data node")
      ->type_name("NAME");
  Explain(*leaf,
          {"lanemq move cancel 17", "lanemq move cancel 17 18 --reason 'wrong node'",
           "lanemq move cancel --node db2"},
          "A closed data node stays closed: lanemq node alter NAME --state writable");
}

}  // namespace lanemq::cli
