#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/commands/record_printer.h"
#include "client/cli/terminal/interrupt.h"
#include "lanemq/consumer.h"

namespace lanemq::cli {

struct ConsumeFlags {
  std::string topic;
  std::string partitions;
  std::string offset;
  std::string format = "%v\\n";
  std::string group;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  bool should_exit_at_end = false;
  std::string command;  ///< Run for each message instead of printing it.
  std::string command_timeout = "5m";
};

/// One run of `consume`: alone, or as a member of a group that shares the partitions.
///
/// With a group, what is printed is committed: every second, before a partition goes to another
/// member, and at the end.
class Reading {
 public:
  /// Everything must outlive it.
  Reading(Session& session, const ConsumeFlags& flags, Consumer& consumer, RecordPrinter printer)
      : session_(session), flags_(flags), consumer_(consumer), printer_(std::move(printer)) {}

  Status Start();
  /// Until the count, the end, a signal, or nobody reads on.
  Status Run(const InterruptGuard& interrupt);
  /// Commits what was printed and, as a member, leaves.
  Status Finish();
  void Report(double seconds);

 private:
  class Listener;

  [[nodiscard]] bool IsMember() const {
    return !flags_.group.empty() && flags_.partitions.empty() && flags_.offset.empty();
  }
  Status StartAlone(const std::vector<TopicPartition>& all);
  Status StartAsMember(const std::vector<TopicPartition>& all);
  Result<bool> IsAtEnd();
  Status Take(const std::vector<ConsumedRecord>& records);
  Status CommitIfDue();
  Status Commit();
  void LearnStarts();
  Status CommitOneByOne();
  void Forget(const std::vector<TopicPartition>& partitions);

  Session& session_;
  const ConsumeFlags& flags_;
  Consumer& consumer_;
  RecordPrinter printer_;
  MonotonicTime next_commit_;
  Offsets next_;  ///< What would be read next, counting what was printed only.
  std::set<TopicPartition> untouched_;  ///< Given to this member; nothing was read of them yet.
  Offsets committed_;                   ///< What the last commit said.
  Offsets ends_;  ///< Where to stop with --exit; as a member, of what the group has not reached.
  Status lost_commit_;  ///< Of the last partitions that went.
  std::int64_t printed_ = 0;
};

}  // namespace lanemq::cli
