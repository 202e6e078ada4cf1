#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/client_options.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/record_printer.h"
#include "client/cli/commands/start_position.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/time_text.h"
#include "lanemq/consumer.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kPollTimeout = 200ms;  // How long Ctrl-C may take to be noticed.
constexpr auto kCommitInterval = 1s;

struct ConsumeFlags {
  std::string topic;
  std::string partitions;
  std::string offset;
  std::string format = "%v\\n";
  std::string group;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  bool should_exit_at_end = false;
};

/// One run of `consume`.
class Reading {
 public:
  Reading(Session& session, const ConsumeFlags& flags, Consumer& consumer, RecordPrinter printer)
      : session_(session), flags_(flags), consumer_(consumer), printer_(std::move(printer)) {}

  Status Start();
  /// Until the count, the end, a signal, or nobody reads on.
  Status Run(const InterruptGuard& interrupt);
  Status Commit();
  void Report(double seconds);

 private:
  bool IsAtEnd() const;
  Status Take(const std::vector<ConsumedRecord>& records);

  Session& session_;
  const ConsumeFlags& flags_;
  Consumer& consumer_;
  RecordPrinter printer_;
  Offsets next_;       ///< What would be read next, counting what was printed only.
  Offsets committed_;  ///< What the last commit said.
  Offsets ends_;       ///< Where to stop with --exit.
  std::int64_t printed_ = 0;
};

Status Reading::Start() {
  const auto timeout = TimeoutOf(session_, 100ms, std::chrono::hours(1));
  LANEMQ_ASSIGN_OR_RETURN(auto all, consumer_.PartitionsOf(flags_.topic, timeout));
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
        "Reading {} of {} partitions as group {}, without sharing them with other members; what is "
        "printed is committed.",
        chosen.size(), all.size(), flags_.group));
  }
  return {};
}

bool Reading::IsAtEnd() const {
  if (!flags_.should_exit_at_end) return false;
  for (const auto& [partition, end] : ends_) {
    if (next_.at(partition) < end) return false;
  }
  return true;
}

Status Reading::Take(const std::vector<ConsumedRecord>& records) {
  Offsets next = next_;
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
  MonotonicTime next_commit = clock.Now() + kCommitInterval;
  Deadline patience = Deadline::After(clock, session_.flags().timeout);
  while (printed_ < flags_.count && !IsAtEnd() && !interrupt.IsInterrupted() &&
         !session_.out().is_closed()) {
    const auto records = consumer_.Poll(kPollTimeout);
    if (!records.ok()) return records.error();
    if (!records->empty()) patience = Deadline::After(clock, session_.flags().timeout);
    if (flags_.should_exit_at_end && patience.HasPassed(clock)) {
      return Error{ErrorCode::kRequestTimedOut, "no message came before the end was reached"};
    }
    LANEMQ_RETURN_IF_ERROR(Take(*records));
    if (!flags_.group.empty() && clock.Now() >= next_commit) {
      LANEMQ_RETURN_IF_ERROR(Commit());
      next_commit = clock.Now() + kCommitInterval;
    }
  }
  printer_.Finish();
  session_.out().Flush();
  return {};
}

Status Reading::Commit() {
  if (flags_.group.empty() || next_ == committed_) return {};
  LANEMQ_RETURN_IF_ERROR(consumer_.CommitSync(next_));
  committed_ = next_;
  return {};
}

void Reading::Report(double seconds) {
  session_.out().Note(fmt::format(
      "{} message{} in {:.2f} s ({}/s){}", FormatCount(printed_), printed_ == 1 ? "" : "s", seconds,
      FormatCount(
          static_cast<std::int64_t>(static_cast<double>(printed_) / std::max(seconds, 1e-6))),
      flags_.group.empty() ? "" : ", committed for group " + flags_.group));
}

ExitCode Consume(Session& session, const ConsumeFlags& flags) {
  const OutputFormat output = session.flags().format;
  if (output == OutputFormat::kName || output == OutputFormat::kCsv) {
    return session.Fail({ErrorCode::kInvalidRequest, "consume prints table, json or jsonl"},
                        "--format prints any columns, for example '%p,%o,%k\\n'");
  }
  auto format = MessageFormat::Parse(flags.format);
  if (!format.ok()) return session.Fail(format.error());
  if (!flags.offset.empty()) {
    const auto spec = ParseOffsetSpec(flags.offset, SystemClock::Instance().WallNow());
    if (!spec.ok()) return session.Fail(spec.error());
  }
  ConsumerOptions options;
  SetClientOptions(session, options);
  options.group_id = flags.group;
  options.auto_offset_reset = OffsetReset::kEarliest;
  options.max_poll_records = 5'000;
  options.request_timeout = TimeoutOf(session, 100ms, std::chrono::minutes(10));
  options.on_event = [&session](const std::string& what) { session.out().Detail(what); };
  auto consumer = Consumer::Create(options);
  if (!consumer.ok()) return session.Fail(consumer.error());

  const MonotonicTime began = SystemClock::Instance().Now();
  const InterruptGuard interrupt;
  Reading reading(session, flags, **consumer,
                  RecordPrinter(session.out(), output, *std::move(format)));
  Status status = reading.Start();
  if (status.ok()) status = reading.Run(interrupt);
  const Status committed = reading.Commit();
  if (status.ok()) status = committed;
  if (!status.ok()) return session.Fail(status.error());
  const auto took = SystemClock::Instance().Now() - began;
  if (!session.out().is_closed()) reading.Report(std::chrono::duration<double>(took).count());
  return interrupt.IsInterrupted() ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace

void AddConsumeCommand(CLI::App& root, Action& action) {
  CLI::App* leaf = root.add_subcommand("consume", "Print messages");
  const auto flags = std::make_shared<ConsumeFlags>();
  leaf->add_option("TOPIC", flags->topic, "Topic")->required();
  leaf->add_option("-p,--partition", flags->partitions,
                   "Partitions: 0 or 0,2 or 1-3 (default: all)")
      ->type_name("LIST");
  leaf->add_option("-o,--offset", flags->offset,
                   "start, end, 42, -10 (the last ten), +10, @-30m or @2026-11-21T05:00:00Z")
      ->type_name("OFFSET");
  leaf->add_option("-n,--count", flags->count, "Stop after so many messages")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->add_flag("-e,--exit", flags->should_exit_at_end, "Stop at the end as it is now");
  leaf->add_option("-f,--format", flags->format,
                   "%t topic %p partition %o offset %k key %v value %h headers %T time")
      ->type_name("FORMAT");
  leaf->add_option("-g,--group", flags->group,
                   "Start where this group left off, and commit what is printed")
      ->type_name("GROUP");
  leaf->callback([&action, flags] {
    action = [flags](Session& session) { return Consume(session, *flags); };
  });
  Explain(*leaf,
          {"lanemq consume orders -o start -e -f '%p/%o %T %k: %v\\n'",
           "lanemq consume orders -o @-30m --output jsonl | jq -r .key",
           "lanemq consume orders -g billing -n 100"},
          "lanemq message get, lanemq group offsets. Default offset: start, or the group's");
}

}  // namespace lanemq::cli
