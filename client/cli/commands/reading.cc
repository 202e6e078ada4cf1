#include "client/cli/commands/reading.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/cluster/client_options.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/start_position.h"
#include "client/cli/text/offset_spec.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kPollTimeout = 200ms;  // How long Ctrl-C may take to be noticed.
constexpr auto kCommitInterval = 1'000ms;
constexpr auto kLeavePatience = 5s;

std::string NumbersOf(const std::vector<TopicPartition>& partitions) {
  std::vector<std::int32_t> numbers;
  for (const TopicPartition& id : partitions) numbers.push_back(id.partition);
  std::sort(numbers.begin(), numbers.end());
  return fmt::format("{}", fmt::join(numbers, ", "));
}

bool MayBeOneOfMany(ErrorCode code) {
  return code == ErrorCode::kIllegalGeneration || code == ErrorCode::kUnknownMemberId ||
         code == ErrorCode::kRebalanceInProgress || code == ErrorCode::kOffsetReset;
}

}  // namespace

/// Rebalances happen inside Poll() and Unsubscribe(), on our own thread.
class Reading::Listener : public RebalanceListener {
 public:
  explicit Listener(Reading& reading) : reading_(reading) {}
  void OnAssigned(const std::vector<TopicPartition>& partitions) override {
    reading_.untouched_.insert(partitions.begin(), partitions.end());
    reading_.session_.out().Note("Given partitions " + NumbersOf(partitions) + ".");
  }
  void OnRevoked(const std::vector<TopicPartition>& partitions) override {
    reading_.lost_commit_ = reading_.Commit();
    reading_.Forget(partitions);
    reading_.session_.out().Note("Gave up partitions " + NumbersOf(partitions) + ".");
  }
  void OnLost(const std::vector<TopicPartition>& partitions) override {
    reading_.Forget(partitions);
    reading_.session_.out().Note("Lost partitions " + NumbersOf(partitions) +
                                 "; what was printed of them since the last commit comes again.");
  }

 private:
  Reading& reading_;
};

Status Reading::Start() {
  next_commit_ = SystemClock::Instance().Now() + kCommitInterval;
  const auto timeout = TimeoutOf(session_, 100ms, std::chrono::hours(1));
  LANEMQ_ASSIGN_OR_RETURN(const auto all, consumer_.PartitionsOf(flags_.topic, timeout));
  return IsMember() ? StartAsMember(all) : StartAlone(all);
}

Status Reading::StartAlone(const std::vector<TopicPartition>& all) {
  std::vector<TopicPartition> chosen = all;
  if (!flags_.partitions.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(
        const auto numbers,
        ParsePartitions(flags_.partitions, static_cast<std::int32_t>(all.size())));
    chosen.clear();
    for (const std::int32_t number : numbers) chosen.push_back({flags_.topic, number});
  }
  LANEMQ_RETURN_IF_ERROR(consumer_.Assign(chosen));
  if (!flags_.offset.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const OffsetSpec spec,
                            ParseOffsetSpec(flags_.offset, SystemClock::Instance().WallNow()));
    LANEMQ_RETURN_IF_ERROR(SeekTo(consumer_, chosen, spec));
  }
  for (const TopicPartition& partition : chosen) {
    LANEMQ_ASSIGN_OR_RETURN(next_[partition], consumer_.Position(partition));
  }
  if (flags_.should_exit_at_end) {
    LANEMQ_ASSIGN_OR_RETURN(ends_, consumer_.EndOffsets(chosen));
  }
  if (!flags_.group.empty()) {
    session_.out().Note(fmt::format(
        "Reading {} of {} partitions as group {}, without sharing them with its members; what is "
        "printed is committed.",
        chosen.size(), all.size(), flags_.group));
  }
  return {};
}

Status Reading::StartAsMember(const std::vector<TopicPartition>& all) {
  if (flags_.should_exit_at_end) {
    LANEMQ_ASSIGN_OR_RETURN(ends_, consumer_.EndOffsets(all));
    LANEMQ_ASSIGN_OR_RETURN(const Offsets starts, consumer_.BeginningOffsets(all));
    std::erase_if(ends_, [&](const auto& end) { return end.second <= starts.at(end.first); });
  }
  session_.out().Note(fmt::format(
      "Joining group {}: its members share the {} partitions of {}; what is printed is committed.",
      flags_.group, all.size(), flags_.topic));
  return consumer_.Subscribe({flags_.topic}, std::make_shared<Listener>(*this));
}

// Alone: everything below the ends was printed. As a member: the group has committed it, whoever
// printed it.
Result<bool> Reading::IsAtEnd() {
  if (!flags_.should_exit_at_end) return false;
  if (!IsMember()) {
    return std::all_of(ends_.begin(), ends_.end(),
                       [&](const auto& end) { return next_.at(end.first) >= end.second; });
  }
  if (ends_.empty()) return true;
  const bool is_own_part_done = std::all_of(next_.begin(), next_.end(), [&](const auto& next) {
    const auto end = ends_.find(next.first);
    return end == ends_.end() || next.second >= end->second;
  });
  if (!is_own_part_done || SystemClock::Instance().Now() < next_commit_ - kCommitInterval / 2) {
    return false;
  }
  LANEMQ_RETURN_IF_ERROR(Commit());
  next_commit_ = SystemClock::Instance().Now() + kCommitInterval;
  std::vector<TopicPartition> left;
  for (const auto& [partition, end] : ends_) left.push_back(partition);
  LANEMQ_ASSIGN_OR_RETURN(const Offsets committed, consumer_.Committed(left));
  std::erase_if(ends_, [&](const auto& end) {
    const auto found = committed.find(end.first);
    return found != committed.end() && found->second >= end.second;
  });
  return ends_.empty();
}

Status Reading::Take(const std::vector<ConsumedRecord>& records) {
  Offsets next = next_;
  for (const ConsumedRecord& record : records) untouched_.erase(*record.source);
  for (const ConsumedRecord& record : records) {
    if (printed_ >= flags_.count) break;
    // The end of --exit is where it was at the start: a busy topic has no other.
    const auto end = ends_.find(*record.source);
    if (end != ends_.end() && record.offset >= end->second) continue;
    printer_.Print(record);
    ++printed_;
    next[*record.source] = record.offset + 1;
  }
  // What the reader of our stdout did not get is not committed.
  if (session_.out().Flush()) next_ = std::move(next);
  return {};
}

Status Reading::Run(const InterruptGuard& interrupt) {
  const Clock& clock = SystemClock::Instance();
  Deadline patience = Deadline::After(clock, session_.flags().timeout);
  while (printed_ < flags_.count && !interrupt.IsInterrupted() && !session_.out().is_closed()) {
    LANEMQ_ASSIGN_OR_RETURN(const bool is_at_end, IsAtEnd());
    if (is_at_end) break;
    const auto records = consumer_.Poll(kPollTimeout);
    if (!records.ok()) return records.error();
    LANEMQ_RETURN_IF_ERROR(std::exchange(lost_commit_, {}));
    if (!records->empty()) patience = Deadline::After(clock, session_.flags().timeout);
    if (flags_.should_exit_at_end && !IsMember() && patience.HasPassed(clock)) {
      return Error{ErrorCode::kRequestTimedOut, "no message came before the end was reached"};
    }
    LANEMQ_RETURN_IF_ERROR(Take(*records));
    LANEMQ_RETURN_IF_ERROR(CommitIfDue());
  }
  printer_.Finish();
  session_.out().Flush();
  return {};
}

Status Reading::CommitIfDue() {
  const MonotonicTime now = SystemClock::Instance().Now();
  if (flags_.group.empty() || now < next_commit_) return {};
  next_commit_ = now + kCommitInterval;
  return Commit();
}

// Where it starts is committed too: the lag of a partition without messages is 0, not unknown.
void Reading::LearnStarts() {
  std::erase_if(untouched_, [&](const TopicPartition& partition) {
    const auto position = consumer_.Position(partition);
    if (position.ok()) next_.try_emplace(partition, *position);
    return position.ok();
  });
}

Status Reading::Commit() {
  if (flags_.group.empty()) return {};
  LearnStarts();
  if (next_ == committed_) return {};
  const Status status = consumer_.CommitSync(next_);
  if (!status.ok() && IsMember() && MayBeOneOfMany(status.error().code)) {
    return CommitOneByOne();
  }
  LANEMQ_RETURN_IF_ERROR(status);
  committed_ = next_;
  return {};
}

// Another member has some of it, or an operator moved some of it: the rest is committed, and what
// is not comes again, here or there.
Status Reading::CommitOneByOne() {
  const Offsets all = next_;
  for (const auto& next : all) {
    const Status status = consumer_.CommitSync(Offsets{next});
    if (status.ok()) {
      committed_.insert_or_assign(next.first, next.second);
      continue;
    }
    if (!MayBeOneOfMany(status.error().code)) return status;
    session_.out().Note(fmt::format("Partition {} was not committed: {}", next.first.partition,
                                    status.error().ToString()));
    Forget({next.first});
  }
  return {};
}

void Reading::Forget(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& partition : partitions) {
    untouched_.erase(partition);
    next_.erase(partition);
    committed_.erase(partition);
  }
}

Status Reading::Finish() {
  const Status committed = Commit();
  if (!IsMember()) return committed;
  const Status left = consumer_.Close(kLeavePatience);
  return committed.ok() ? left : committed;
}

void Reading::Report(double seconds) {
  session_.out().Note(fmt::format(
      "{} message{} in {:.2f} s ({}/s){}", FormatCount(printed_), printed_ == 1 ? "" : "s", seconds,
      FormatCount(
          static_cast<std::int64_t>(static_cast<double>(printed_) / std::max(seconds, 1e-6))),
      flags_.group.empty() ? "" : ", committed for group " + flags_.group));
}

}  // namespace lanemq::cli
