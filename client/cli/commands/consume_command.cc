#include <chrono>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/client_options.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/reading.h"
#include "client/cli/text/offset_spec.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;

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
  options.heartbeat_interval = std::chrono::milliseconds(500);  // People wait for rebalances.
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
  const Status finished = reading.Finish();
  if (status.ok()) status = finished;
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
                   "Share the topic with this group's members; with -p or -o: alone")
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
