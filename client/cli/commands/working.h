#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/commands/exec_handler.h"
#include "client/cli/terminal/interrupt.h"
#include "lanemq/consumer.h"

namespace lanemq::cli {

/// One run of `consume --exec`: a member of a group that gives one message after the other to a
/// command, and commits how each ended: done, to be tried again, or dead.
///
/// Outcomes are committed every second, at once after a failure, and before a partition goes.
/// Not thread-safe; one owner.
class Working {
 public:
  /// Everything must outlive it.
  Working(Session& session, std::string topic, Consumer& consumer, ExecHandler& handler)
      : session_(session), topic_(std::move(topic)), consumer_(consumer), handler_(handler) {}

  /// Until a signal, or a command that cannot be run: is_stopped().
  Status Run(const InterruptGuard& interrupt);
  /// Commits what is done and leaves the group.
  Status Finish();
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
  class Listener;

  /// False: no further record of this batch.
  Result<bool> Work(const ConsumedRecord& record);
  Status NoteFailure(const ConsumedRecord& record, const ExecVerdict& verdict);
  Status Commit();
  Status CommitOneByOne();
  void Forget(const std::vector<TopicPartition>& partitions);

  Session& session_;
  const std::string topic_;
  Consumer& consumer_;
  ExecHandler& handler_;
  Offsets next_;  ///< One past what was worked on.
  bool has_news_ = false;
  MonotonicTime next_commit_;
  bool is_stopped_ = false;
};

}  // namespace lanemq::cli
