#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/client_options.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/exec_handler.h"
#include "client/cli/commands/reading.h"
#include "client/cli/commands/working.h"
#include "client/cli/text/offset_spec.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kCommandTimeoutMin = std::chrono::milliseconds(10);
constexpr auto kCommandTimeoutMax = std::chrono::hours(10);
// So many messages may wait behind the one that is worked on.
constexpr std::int32_t kBatch = 10;

Result<ConsumerOptions> OptionsFor(Session& session, const std::string& group) {
  ConsumerOptions options;
  LANEMQ_RETURN_IF_ERROR(SetClientOptions(session, options));
  options.group_id = group;
  options.auto_offset_reset = OffsetReset::kEarliest;
  options.heartbeat_interval = std::chrono::milliseconds(500);  // People wait for rebalances.
  options.request_timeout = TimeoutOf(session, 100ms, std::chrono::minutes(10));
  return options;
}

Result<std::chrono::milliseconds> ReadCommandFlags(const ConsumeFlags& flags) {
  const auto bad = [](const std::string& why) { return Error{ErrorCode::kInvalidRequest, why}; };
  if (flags.group.empty()) return bad("--exec works for a group: -g GROUP");
  if (!flags.partitions.empty()) return bad("--exec shares the topic: give no -p with it");
  if (!flags.offset.empty()) {
    return bad("--exec goes on where the group is: give no -o with it (`lanemq group reset`)");
  }
  if (flags.should_exit_at_end) return bad("--exec runs until Ctrl-C: give no -e with it");
  if (flags.count != std::numeric_limits<std::int64_t>::max()) {
    return bad("--exec runs until Ctrl-C: give no -n with it");
  }
  const auto timeout = ParseDuration(flags.command_timeout);
  if (!timeout.ok()) return bad("--exec-timeout: " + timeout.error().message);
  if (*timeout < kCommandTimeoutMin || *timeout > kCommandTimeoutMax) {
    return bad("--exec-timeout is 10ms to 10h");
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(*timeout);
}

/// Gives messages to a command instead of printing them.
ExitCode Execute(Session& session, const ConsumeFlags& flags) {
  const auto timeout = ReadCommandFlags(flags);
  if (!timeout.ok()) return session.Fail(timeout.error(), "lanemq consume --help");
  auto options = OptionsFor(session, flags.group);
  if (!options.ok()) return session.Fail(options.error());
  options->max_poll_records = kBatch;
  // A batch of commands that all take as long as they may is no reason to be put out of the group,
  // or to have a retry delivered twice.
  const auto batch =
      std::min<std::chrono::milliseconds>(*timeout * (kBatch + 1), kCommandTimeoutMax);
  options->max_poll_interval = std::max(options->max_poll_interval, batch);
  options->retry_lease = std::max(options->retry_lease, batch);
  ExecHandler handler(session, flags.command, *timeout);
  options->on_event = [&handler](const std::string& what) { handler.Detail(what); };
  auto consumer = Consumer::Create(*options);
  if (!consumer.ok()) return session.Fail(consumer.error());

  const MonotonicTime began = SystemClock::Instance().Now();
  const InterruptGuard interrupt;
  Working working(session, flags.topic, **consumer, handler);
  Status status = working.Run(interrupt);
  const Status finished = working.Finish();
  if (status.ok()) status = finished;
  const auto took = SystemClock::Instance().Now() - began;
  session.out().Note(handler.Summary(std::chrono::duration<double>(took).count()));
  if (!status.ok()) return session.Fail(status.error());
  if (working.is_stopped()) return ExitCode::kFailed;
  return interrupt.IsInterrupted() ? ExitCode::kInterrupted : ExitCode::kDone;
}

ExitCode Consume(Session& session, const ConsumeFlags& flags) {
  if (!flags.command.empty()) return Execute(session, flags);
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
  auto options = OptionsFor(session, flags.group);
  if (!options.ok()) return session.Fail(options.error());
  options->max_poll_records = 5'000;
  options->on_event = [&session](const std::string& what) { session.out().Detail(what); };
  auto consumer = Consumer::Create(*options);
  if (!consumer.ok()) return session.Fail(consumer.error());

  const MonotonicTime began = SystemClock::Instance().Now();
  const InterruptGuard interrupt;
  Reading reading(session, flags, **consumer,
                  RecordPrinter(session.out(), output, *std::move(format)));
  Status status = reading.Start();
  if (status.ok()) status = reading.Run(interrupt);
  const Status finished = reading.Finish();
  if (status.ok()) status = finished;
  if (!status.ok()) return session.Fail(status.error());
  const auto took = SystemClock::Instance().Now() - began;
  if (!session.out().is_closed()) reading.Report(std::chrono::duration<double>(took).count());
  return interrupt.IsInterrupted() ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace

void AddConsumeCommand(CLI::App& root, Action& action) {
  CLI::App* leaf = root.add_subcommand("consume", "Print messages, or run a command for each");
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
                   "Share the topic with this group's members; with -p or -o: alone")
      ->type_name("GROUP");
  leaf->add_option(
          "-x,--exec", flags->command,
          "Run a command per message, body on stdin; exit code 0 done, 65 dead, else retry")
      ->type_name("COMMAND");
  leaf->add_option("--exec-timeout", flags->command_timeout, "Then it is killed: try again (5m)")
      ->type_name("TIME");
  leaf->callback([&action, flags] {
    action = [flags](Session& session) { return Consume(session, *flags); };
  });
  Explain(*leaf,
          {"lanemq consume orders -o start -e -f '%p/%o %T %k: %v\\n'",
           "lanemq consume orders -o @-30m --output jsonl | jq -r .key",
           "lanemq consume orders -g billing -n 100",
           "lanemq consume orders -g billing --exec './charge.sh \"$LANEMQ_KEY\"'"},
          "lanemq message get, lanemq group offsets. Default offset: start, or the group's");
}

}  // namespace lanemq::cli
