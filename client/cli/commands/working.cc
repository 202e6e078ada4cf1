#include "client/cli/commands/working.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "client/cli/cluster/client_options.h"
#include "common/base/clock.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kPollTimeout = 200ms;  // How long Ctrl-C may take to be noticed.
constexpr auto kCommitInterval = 1'000ms;
constexpr auto kLeavePatience = 5s;

/// What another member, or an operator, has taken over: it decides about these records.
bool IsTakenOver(ErrorCode code) {
  return code == ErrorCode::kIllegalGeneration || code == ErrorCode::kUnknownMemberId ||
         code == ErrorCode::kRebalanceInProgress || code == ErrorCode::kOffsetReset ||
         code == ErrorCode::kFailedPrecondition;
}

}  // namespace

/// Rebalances happen inside Poll() and Close(), on our own thread.
class Working::Listener : public RebalanceListener {
 public:
  explicit Listener(Working& working) : working_(working) {}
  void OnAssigned(const std::vector<TopicPartition>& partitions) override {
    working_.session_.out().Note(fmt::format("Given {} more partitions.", partitions.size()));
  }
  void OnRevoked(const std::vector<TopicPartition>& partitions) override {
    if (const Status status = working_.Commit(); !status.ok()) {
      working_.session_.out().Note("What is given up was not committed: " +
                                   status.error().ToString());
    }
    working_.Forget(partitions);
    working_.session_.out().Note(fmt::format("Gave up {} partitions.", partitions.size()));
  }
  void OnLost(const std::vector<TopicPartition>& partitions) override {
    working_.Forget(partitions);
    working_.session_.out().Note(
        fmt::format("Lost {} partitions; what was done of them since the last commit comes again.",
                    partitions.size()));
  }

 private:
  Working& working_;
};

Status Working::Run(const InterruptGuard& interrupt) {
  // A group waits for its cluster for ever; people want to know.
  const auto patience = TimeoutOf(session_, 100ms, std::chrono::hours(1));
  LANEMQ_RETURN_IF_ERROR(consumer_.PartitionsOf(topic_, patience));
  LANEMQ_RETURN_IF_ERROR(consumer_.Subscribe({topic_}, std::make_shared<Listener>(*this)));
  next_commit_ = SystemClock::Instance().Now() + kCommitInterval;
  while (!interrupt.IsInterrupted() && !is_stopped_) {
    const auto records = consumer_.Poll(kPollTimeout);
    if (!records.ok()) return records.error();
    for (const ConsumedRecord& record : *records) {
      // What is left over was delivered and not committed: it comes again.
      if (interrupt.IsInterrupted()) break;
      LANEMQ_ASSIGN_OR_RETURN(const bool goes_on, Work(record));
      if (!goes_on) break;
    }
    if (SystemClock::Instance().Now() >= next_commit_) LANEMQ_RETURN_IF_ERROR(Commit());
  }
  return {};
}

Result<bool> Working::Work(const ConsumedRecord& record) {
  const ExecVerdict verdict = handler_.Handle(record);
  if (verdict.kind == ExecVerdict::Kind::kStop) {
    is_stopped_ = true;
    session_.out().Complain(fmt::format("lanemq: the command cannot be run: {} ({})",
                                        MakeVisible(verdict.error), verdict.reason));
    return false;
  }
  const bool is_done = verdict.kind == ExecVerdict::Kind::kDone;
  Status told;
  if (!is_done) {
    told = NoteFailure(record, verdict);
  } else if (record.is_retry()) {
    told = consumer_.Done(record);
  }
  if (!told.ok() && !IsTakenOver(told.error().code)) return told.error();
  if (!told.ok()) {
    session_.out().Note(fmt::format("{}/{}: its next delivery decides: {}", record.partition(),
                                    record.offset, told.error().ToString()));
    return true;
  }
  if (!record.is_retry()) next_.insert_or_assign(*record.source, record.offset + 1);
  has_news_ = true;
  // The wait for the next attempt begins with the commit.
  if (!is_done) LANEMQ_RETURN_IF_ERROR(Commit());
  return true;
}

Status Working::NoteFailure(const ConsumedRecord& record, const ExecVerdict& verdict) {
  Failure failure;
  failure.is_fatal = verdict.kind == ExecVerdict::Kind::kDead;
  failure.reason = verdict.reason;
  failure.error = verdict.error;
  return consumer_.Fail(record, std::move(failure));
}

Status Working::Commit() {
  next_commit_ = SystemClock::Instance().Now() + kCommitInterval;
  if (!has_news_) return {};
  const Status status = consumer_.CommitSync(next_);
  if (!status.ok() && IsTakenOver(status.error().code)) return CommitOneByOne();
  if (!status.ok() && status.error().code == ErrorCode::kNotFound) {
    // It failed, and retention has removed it meanwhile. The next commit goes on without it.
    session_.out().Note("What failed cannot be kept: " + status.error().ToString());
    return {};
  }
  LANEMQ_RETURN_IF_ERROR(status);
  has_news_ = false;
  return {};
}

// Another member has some of it, or an operator moved some of it: the rest is committed, and what
// is not comes again, here or there.
Status Working::CommitOneByOne() {
  const Offsets all = next_;
  for (const auto& next : all) {
    const Status status = consumer_.CommitSync(Offsets{next});
    if (status.ok()) continue;
    if (!IsTakenOver(status.error().code)) return status;
    session_.out().Note(fmt::format("Partition {} was not committed: {}", next.first.partition,
                                    status.error().ToString()));
    Forget({next.first});
  }
  has_news_ = false;
  return {};
}

void Working::Forget(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& partition : partitions) next_.erase(partition);
}

Status Working::Finish() {
  const Status committed = Commit();
  const Status left = consumer_.Close(kLeavePatience);
  return committed.ok() ? left : committed;
}

}  // namespace lanemq::cli
