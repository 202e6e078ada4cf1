#include "client/cli/commands/message_search_command.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/stored_message.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {

namespace {

constexpr std::size_t kShownBytes = 80;

struct SearchFlags {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> from_offset;
  std::optional<std::int64_t> to_offset;
  std::string from;
  std::string to;
  std::optional<std::string> key;
  std::optional<std::string> key_contains;
  std::string header;
  std::optional<std::string> contains;
  bool ignore_case = false;
  std::int32_t max = 50;
  std::int32_t max_scanned = 10'000;
  std::string time_limit = "2s";
  std::string cursor;
};

Result<idl::SearchMessagesRequest> RequestOf(const SearchFlags& flags, WallTime now) {
  idl::SearchMessagesRequest request;
  request.__set_topic(flags.topic);
  if (flags.partition) request.__set_partition(*flags.partition);
  if (flags.from_offset) request.__set_from_offset(*flags.from_offset);
  if (flags.to_offset) request.__set_to_offset(*flags.to_offset);
  if (!flags.from.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime from, ParseTime(flags.from, now));
    request.__set_from_us(from.micros);
  }
  if (!flags.to.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime to, ParseTime(flags.to, now));
    request.__set_to_us(to.micros);
  }
  if (flags.key) request.__set_key_equals(*flags.key);
  if (flags.key_contains) request.__set_key_contains(*flags.key_contains);
  if (!flags.header.empty()) {
    const std::size_t equals = flags.header.find('=');
    request.__set_header_name(flags.header.substr(0, equals));
    if (equals != std::string::npos) request.__set_header_value(flags.header.substr(equals + 1));
  }
  if (flags.contains) request.__set_body_contains(*flags.contains);
  if (flags.ignore_case) request.__set_ignore_case(true);
  request.__set_max_results(flags.max);
  request.__set_max_scanned(flags.max_scanned);
  LANEMQ_ASSIGN_OR_RETURN(const auto limit, ParseDuration(flags.time_limit));
  if (limit > std::chrono::seconds(5)) {
    return Error{ErrorCode::kInvalidRequest, "--time-limit is at most 5s"};
  }
  request.__set_time_limit_ms(static_cast<std::int32_t>(limit.count() / 1'000));
  if (!flags.cursor.empty()) request.__set_cursor(flags.cursor);
  return request;
}

std::string Shortened(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

Table TableOf(const idl::SearchMessagesResponse& reply) {
  Table table{{"partition", "offset", "time", "key", "value"}, {}};
  for (const idl::FoundMessage& found : reply.messages) {
    const idl::StoredMessage& message = found.message;
    table.rows.push_back({std::int64_t{found.partition}, Id{message.offset},
                          TimeCell(true, message.timestamp_us),
                          TextCell(message.__isset.key, Shortened(message.key)),
                          TextCell(message.__isset.body, Shortened(message.body))});
  }
  return table;
}

std::string_view WhyEnded(idl::SearchEnd::type ended) {
  switch (ended) {
    case idl::SearchEnd::DONE:
      return "done";
    case idl::SearchEnd::RESULTS:
      return "results";
    case idl::SearchEnd::ROWS:
      return "rows";
    case idl::SearchEnd::TIME:
      return "time";
    case idl::SearchEnd::BYTES:
      return "bytes";
  }
  return "unknown";
}

std::string RangeJson(const idl::SearchedRange& range) {
  std::string text = fmt::format("{{\"partition\":{},\"from_offset\":\"{}\",\"to_offset\":\"{}\"",
                                 range.partition, range.from_offset, range.to_offset);
  if (range.__isset.log_end_offset) {
    text += fmt::format(",\"log_start_offset\":\"{}\",\"log_end_offset\":\"{}\"",
                        range.log_start_offset, range.log_end_offset);
  }
  if (range.__isset.lost) {
    text += ",\"lost\":[";
    for (std::size_t i = 0; i < range.lost.size(); ++i) {
      text += fmt::format("{}{{\"from_offset\":\"{}\",\"to_offset\":\"{}\"}}", i > 0 ? "," : "",
                          range.lost[i].from_offset, range.lost[i].to_offset);
    }
    text += "]";
  }
  if (range.__isset.error) text += ",\"error\":" + JsonCell(MakeVisible(range.error.message));
  return text + "}";
}

std::string JsonOf(const std::string& topic, const idl::SearchMessagesResponse& reply) {
  std::string text = "{\"items\":[";
  for (std::size_t i = 0; i < reply.messages.size(); ++i) {
    const idl::FoundMessage& found = reply.messages[i];
    text += (i > 0 ? ",\n  " : "\n  ") + JsonMessage(ViewOf(topic, found.partition, found.message));
  }
  text += reply.messages.empty() ? "],\"ranges\":[" : "\n],\"ranges\":[";
  for (std::size_t i = 0; i < reply.ranges.size(); ++i) {
    text += (i > 0 ? ",\n  " : "\n  ") + RangeJson(reply.ranges[i]);
  }
  text += fmt::format(
      "\n],\"scanned_rows\":\"{}\",\"scanned_bytes\":\"{}\",\"is_complete\":{},\"ended\":\"{}\"",
      reply.scanned_rows, reply.scanned_bytes, reply.is_complete, WhyEnded(reply.ended));
  if (reply.__isset.next_page) text += ",\"next_page\":" + JsonCell(reply.next_page);
  return text + "}\n";
}

/// What was looked at, for people.
void Tell(Session& session, const idl::SearchMessagesResponse& reply) {
  constexpr std::size_t kRangesMax = 20;
  session.out().Note(fmt::format("Found {}; looked at {} messages ({} bytes).",
                                 FormatCount(static_cast<std::int64_t>(reply.messages.size())),
                                 FormatCount(reply.scanned_rows),
                                 FormatCount(reply.scanned_bytes)));
  for (std::size_t i = 0; i < reply.ranges.size() && i < kRangesMax; ++i) {
    const idl::SearchedRange& range = reply.ranges[i];
    std::string text = fmt::format("partition {}: offsets {} up to {}", range.partition,
                                   range.from_offset, range.to_offset);
    if (range.__isset.log_end_offset) {
      text += fmt::format(" of {} up to {}", range.log_start_offset, range.log_end_offset);
    }
    for (const idl::LostRange& lost : range.lost) {
      text += fmt::format("; lost: {} up to {}", lost.from_offset, lost.to_offset);
    }
    if (range.__isset.error) text += "; then: " + MakeVisible(range.error.message);
    session.out().Note(text);
  }
  if (reply.ranges.size() > kRangesMax) {
    session.out().Note(fmt::format("... and {} more partitions: --output json has them.",
                                   reply.ranges.size() - kRangesMax));
  }
  if (reply.__isset.next_page) {
    session.out().Note(fmt::format("There is more (ended by: {}). Repeat with --cursor {}",
                                   WhyEnded(reply.ended), MakeVisible(reply.next_page)));
  }
}

ExitCode Search(Session& session, const SearchFlags& flags) {
  const auto request = RequestOf(flags, SystemClock::Instance().WallNow());
  if (!request.ok()) return session.Fail(request.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::SearchMessagesSync, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (session.flags().format == OutputFormat::kJson) {
    session.out().Data(JsonOf(flags.topic, *reply));
  } else if (session.flags().format == OutputFormat::kJsonLines) {
    for (const idl::FoundMessage& found : reply->messages) {
      session.out().Data(JsonMessage(ViewOf(flags.topic, found.partition, found.message)) + "\n");
    }
    Tell(session, *reply);
  } else {
    session.Show(TableOf(*reply));
    Tell(session, *reply);
  }
  for (const idl::SearchedRange& range : reply->ranges) {
    if (range.__isset.error) return ExitCode::kPartlyFailed;
  }
  return ExitCode::kDone;
}

}  // namespace

void AddMessageSearch(CLI::App& message, Action& action) {
  CLI::App* leaf = message.add_subcommand(
      "search", "Find messages, oldest first, within limits; says what was looked at");
  const auto flags = std::make_shared<SearchFlags>();
  leaf->add_option("TOPIC", flags->topic, "Topic")->required();
  leaf->add_option("-p,--partition", flags->partition, "Only this one")
      ->check(CLI::NonNegativeNumber);
  leaf->add_option("--from", flags->from, "Stored then or later: -2h, 2026-11-21T05:00:00Z")
      ->type_name("TIME");
  leaf->add_option("--to", flags->to, "Stored before then")->type_name("TIME");
  leaf->add_option("--from-offset", flags->from_offset, "With --partition")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  leaf->add_option("--to-offset", flags->to_offset, "With --partition; this one not")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  leaf->add_option("-k,--key", flags->key, "The whole key")->type_name("TEXT");
  leaf->add_option("--key-contains", flags->key_contains, "In the key")->type_name("TEXT");
  leaf->add_option("--header", flags->header, "Has it; TEXT: in its value")
      ->type_name("NAME[=TEXT]");
  leaf->add_option("-c,--contains", flags->contains, "In the body as it is stored")
      ->type_name("TEXT");
  leaf->add_flag("-i,--ignore-case", flags->ignore_case, "Of ASCII letters");
  leaf->add_option("-n,--max", flags->max, "At most so many (50)")->check(CLI::Range(1, 200));
  leaf->add_option("--max-scanned", flags->max_scanned, "Look at so many (10000)")
      ->check(CLI::Range(1, 100'000));
  leaf->add_option("--time-limit", flags->time_limit, "Look so long (2s)")->type_name("DURATION");
  leaf->add_option("--cursor", flags->cursor, "Go on where a search ended")->type_name("TEXT");
  leaf->callback(
      [&action, flags] { action = [flags](Session& session) { return Search(session, *flags); }; });
  Explain(*leaf,
          {"lanemq message search orders --contains IBAN --from -1h",
           "lanemq message search orders --key customer-7 --output json",
           "lanemq message search orders --header trace=4711 --max-scanned 100000"},
          "lanemq message get, lanemq consume");
}

}  // namespace lanemq::cli
