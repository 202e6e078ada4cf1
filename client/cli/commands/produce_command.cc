#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/client_options.h"
#include "client/cli/commands/delivery_log.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/terminal/line_reader.h"
#include "client/cli/text/delivery_time.h"
#include "client/cli/text/message_format.h"
#include "client/cli/text/time_text.h"
#include "lanemq/producer.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

constexpr std::size_t kLineBytesMax = 4u << 20;  // No message can be larger.
constexpr std::size_t kReadBytes = 64u << 10;
constexpr auto kReportInterval = std::chrono::milliseconds(200);

struct ProduceFlags {
  std::string topic;
  std::string key;
  bool has_key = false;
  std::string separator;
  std::vector<std::string> headers;
  std::string file;
  std::int32_t partition = -1;
  std::string delay;
  std::string deliver_at;
};

/// Turns a line into a record. `base` has what all records share.
ProducerRecord RecordOf(const ProducerRecord& base, std::string_view line,
                        const std::string& separator) {
  ProducerRecord record = base;
  const std::size_t cut = separator.empty() ? std::string_view::npos : line.find(separator);
  if (cut != std::string_view::npos) {
    record.key = std::string(line.substr(0, cut));
    line.remove_prefix(cut + separator.size());
  }
  record.body = std::string(line);
  return record;
}

Result<ProducerRecord> BaseRecord(const ProduceFlags& flags) {
  ProducerRecord base;
  base.topic = flags.topic;
  if (flags.has_key) base.key = flags.key;
  if (flags.partition >= 0) base.partition = flags.partition;
  LANEMQ_ASSIGN_OR_RETURN(
      const DeliveryTime time,
      ParseDeliveryTime(flags.delay, flags.deliver_at, SystemClock::Instance().WallNow()));
  base.delay = time.delay;
  base.deliver_at_us = time.deliver_at_us;
  for (const std::string& header : flags.headers) {
    const std::size_t equals = header.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorCode::kInvalidRequest, fmt::format("'{}' is not NAME=VALUE", header)};
    }
    base.headers.push_back({header.substr(0, equals), header.substr(equals + 1)});
  }
  return base;
}

DeliveryLog::Lines LinesFor(OutputFormat format, const ProducerRecord& base) {
  if (format == OutputFormat::kJsonLines) return DeliveryLog::Lines::kJson;
  const bool is_delayed = base.delay || base.deliver_at_us;
  if (format == OutputFormat::kJson || !is_delayed) return DeliveryLog::Lines::kNone;
  return DeliveryLog::Lines::kHandles;
}

/// Reads lines and hands them over until the end, a signal or the first failure.
Status SendLines(Session& session, int fd, LineReader& reader, const InterruptGuard& interrupt,
                 Producer& producer, DeliveryLog& log,
                 const std::function<ProducerRecord(std::string_view)>& record_of) {
  std::string buffer(kReadBytes, '\0');
  while (!interrupt.IsInterrupted() && !log.has_failed()) {
    std::string_view line;
    const LineReader::Next next = reader.Take(line);
    if (next == LineReader::Next::kTooLong) {
      return Error{ErrorCode::kMessageTooLarge,
                   fmt::format("line {} is longer than 4 MiB", FormatCount(log.accepted() + 1))};
    }
    if (next == LineReader::Next::kLine) {
      const Status accepted = producer.Send(record_of(line), log.NewCallback());
      if (!accepted.ok()) {
        return accepted.error().Wrap(fmt::format("line {}", FormatCount(log.accepted())));
      }
      continue;
    }
    if (reader.is_ended()) return {};
    log.ShowProgress(session.out());
    log.WriteTo(session.out());
    session.out().Flush();
    if (!interrupt.WaitReadable(fd, kReportInterval)) continue;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("cannot read: {}", std::strerror(errno))};
    }
    if (got == 0) reader.End();
    if (got > 0) reader.Feed(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
  return {};
}

ExitCode Produce(Session& session, const ProduceFlags& flags) {
  const auto separator = Unescape(flags.separator);
  if (!separator.ok()) return session.Fail(separator.error());
  const auto base = BaseRecord(flags);
  if (!base.ok()) return session.Fail(base.error());
  const int fd = flags.file.empty() ? STDIN_FILENO : open(flags.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return session.Fail({ErrorCode::kInvalidRequest,
                         fmt::format("cannot open {}: {}", flags.file, std::strerror(errno))});
  }
  ProducerOptions options;
  if (const Status set = SetClientOptions(session, options); !set.ok()) {
    return session.Fail(set.error());
  }
  options.delivery_timeout = TimeoutOf(session, 1s, std::chrono::hours(1));
  options.max_block = options.delivery_timeout;
  auto producer = Producer::Create(options);
  if (!producer.ok()) return session.Fail(producer.error());
  if (isatty(fd) != 0) session.out().Note("A line is a message; Ctrl-D ends, Ctrl-C too.");

  DeliveryLog log(flags.topic, LinesFor(session.flags().format, *base));
  Status status;
  bool is_interrupted = false;
  {
    const InterruptGuard interrupt;
    LineReader reader(kLineBytesMax);
    status = SendLines(session, fd, reader, interrupt, **producer, log,
                       [&](std::string_view line) { return RecordOf(*base, line, *separator); });
    if (interrupt.IsInterrupted()) {
      session.out().Note("Interrupted: sending what was read; Ctrl-C again quits at once.");
    }
    const Status closed = (*producer)->Close(options.delivery_timeout);
    if (status.ok()) status = closed;
    is_interrupted = interrupt.IsInterrupted();
  }
  if (!flags.file.empty()) close(fd);
  log.WriteTo(session.out());
  if (session.flags().format == OutputFormat::kJson) session.out().Data(log.JsonSummary());
  session.out().Note(log.Summary());
  // A message's own error says more than the one of closing.
  if (const auto error = log.first_error()) return session.Fail(*error);
  if (!status.ok()) return session.Fail(status.error());
  return is_interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace

void AddProduceCommand(CLI::App& root, Action& action) {
  CLI::App* leaf = root.add_subcommand("produce", "Send lines as messages");
  const auto flags = std::make_shared<ProduceFlags>();
  leaf->add_option("TOPIC", flags->topic, "Topic")->required();
  CLI::Option* key = leaf->add_option_function<std::string>(
                             "-k,--key",
                             [flags](const std::string& text) {
                               flags->key = text;
                               flags->has_key = true;
                             },
                             "Key of every message")
                         ->type_name("KEY");
  leaf->add_option("-K,--key-separator", flags->separator,
                   "What comes before it in a line is the key; \\t is a tab")
      ->type_name("TEXT")
      ->excludes(key);
  leaf->add_option("-H,--header", flags->headers, "A header of every message; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  leaf->add_option("-p,--partition", flags->partition, "Partition (default: by key)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->add_option("-f,--file", flags->file, "Lines to send (default: stdin)")->type_name("FILE");
  CLI::Option* delay = leaf->add_option("--delay", flags->delay,
                                        "Deliver so long after they are sent; prints handles")
                           ->type_name("DURATION");
  leaf->add_option("--deliver-at", flags->deliver_at, "Deliver then, not before; prints handles")
      ->type_name("TIME")
      ->excludes(delay);
  leaf->callback([&action, flags] {
    action = [flags](Session& session) { return Produce(session, *flags); };
  });
  Explain(*leaf,
          {"echo hello | lanemq produce orders -k customer-1",
           "lanemq produce orders --file orders.txt --key-separator '\\t' -H source=import",
           "seq 1000 | lanemq produce orders --output jsonl | head -3",
           "echo 'pay now' | lanemq produce reminders --delay 5m",
           "echo 'merry' | lanemq produce reminders --deliver-at 2026-12-24T18:00:00Z"},
          "lanemq consume, lanemq delayed, lanemq bench produce");
}

}  // namespace lanemq::cli
