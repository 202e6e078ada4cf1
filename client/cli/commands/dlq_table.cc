#include "client/cli/commands/dlq_table.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/dead_letter_flags.h"
#include "client/cli/text/stored_message.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

Cell TimeCell(bool is_set, std::int64_t micros) {
  if (!is_set) return std::monostate{};
  return FormatTime(WallTime{micros});
}

Cell TextCell(bool is_set, const std::string& text) {
  if (!is_set || text.empty()) return std::monostate{};
  return text;
}

Cell BytesCell(bool is_set, const std::string& bytes) {
  if (!is_set) return std::monostate{};
  return bytes;
}

MessageView LetterView(const idl::DeadLetter& letter) {
  MessageView view = ViewOf(letter.id.topic, letter.id.partition, letter.message);
  view.offset = letter.id.offset;
  return view;
}

void AppendField(std::string& json, std::string_view name, const Cell& cell) {
  json += fmt::format(",\"{}\":{}", name, JsonCell(cell));
}

std::string_view TargetName(idl::RedriveTarget::type target) {
  return target == idl::RedriveTarget::TOPIC ? "topic" : "group";
}

}  // namespace

Table DeadLettersTable(const std::vector<idl::DeadLetter>& letters, bool has_bodies) {
  Table table{{"id", "dead_at", "attempts", "reason", "key", "last_error"}, {}};
  if (has_bodies) table.columns.emplace_back("value");
  for (const idl::DeadLetter& letter : letters) {
    auto& row = table.rows.emplace_back(std::vector<Cell>{
        DeadLetterIdText(letter.id), TimeCell(letter.__isset.dead_at_us, letter.dead_at_us),
        std::int64_t{letter.attempts}, TextCell(letter.__isset.reason, letter.reason),
        BytesCell(letter.message.__isset.key, letter.message.key),
        TextCell(letter.__isset.last_error, letter.last_error)});
    if (has_bodies) {
      row.push_back(BytesCell(letter.message.__isset.body, letter.message.body));
    }
  }
  return table;
}

std::string DeadLetterText(const idl::DeadLetter& letter) {
  const MessageView view = LetterView(letter);
  std::string text;
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("{:<14}{}\n", name, value.empty() ? "-" : MakeVisible(value));
  };
  const auto time = [](bool is_set, std::int64_t micros) {
    return is_set ? FormatTime(WallTime{micros}) : std::string();
  };
  line("GROUP", letter.id.group);
  line("TOPIC", letter.id.topic);
  line("PARTITION", std::to_string(letter.id.partition));
  line("OFFSET", std::to_string(letter.id.offset));
  line("TIME", FormatTime(view.timestamp));
  line("DEAD-AT", time(letter.__isset.dead_at_us, letter.dead_at_us));
  line("ATTEMPTS", std::to_string(letter.attempts));
  line("REASON", letter.reason);
  line("FIRST-FAILED", time(letter.__isset.first_failed_at_us, letter.first_failed_at_us));
  line("FIRST-ERROR", letter.first_error);
  line("LAST-FAILED", time(letter.__isset.last_failed_at_us, letter.last_failed_at_us));
  line("LAST-ERROR", letter.last_error);
  line("KEY", view.key.value_or(""));
  for (const auto& [name, value] : view.headers) line("HEADER", fmt::format("{}={}", name, value));
  line("VALUE", view.body.value_or(""));
  return text;
}

std::string DeadLetterJson(const idl::DeadLetter& letter, bool has_body) {
  std::string json = fmt::format("{{\"id\":{},\"group\":{},", JsonCell(DeadLetterIdText(letter.id)),
                                 JsonCell(letter.id.group));
  const MessageView view = LetterView(letter);
  json += (has_body ? JsonMessage(view) : JsonMessageHead(view)).substr(1);
  json.pop_back();
  if (letter.message.__isset.codec) {
    AppendField(json, "codec", std::int64_t{letter.message.codec});
  }
  AppendField(json, "attempts", std::int64_t{letter.attempts});
  AppendField(json, "reason", TextCell(letter.__isset.reason, letter.reason));
  AppendField(json, "first_failed_at",
              TimeCell(letter.__isset.first_failed_at_us, letter.first_failed_at_us));
  AppendField(json, "first_error", TextCell(letter.__isset.first_error, letter.first_error));
  AppendField(json, "last_failed_at",
              TimeCell(letter.__isset.last_failed_at_us, letter.last_failed_at_us));
  AppendField(json, "last_error", TextCell(letter.__isset.last_error, letter.last_error));
  AppendField(json, "dead_at", TimeCell(letter.__isset.dead_at_us, letter.dead_at_us));
  return json + "}";
}

Table DeadLetterCountsTable(const std::vector<idl::DeadLetterCount>& counts) {
  Table table{{"topic", "partition", "reason", "letters", "oldest"}, {}};
  for (const idl::DeadLetterCount& count : counts) {
    table.rows.push_back({count.topic, std::int64_t{count.partition}, TextCell(true, count.reason),
                          count.letters, TimeCell(count.__isset.oldest_us, count.oldest_us)});
  }
  return table;
}

Table DeadLetterGroupsTable(const std::vector<idl::GroupDeadLetters>& groups) {
  Table table{{"group", "topic", "letters", "recent", "newest", "owner"}, {}};
  for (const idl::GroupDeadLetters& of : groups) {
    table.rows.push_back({of.group, of.topic, of.letters, of.recent,
                          TimeCell(of.__isset.newest_us, of.newest_us),
                          TextCell(of.__isset.owner, of.owner)});
  }
  return table;
}

Table RedrivesTable(const std::vector<idl::Redrive>& jobs) {
  Table table{{"job", "group", "node", "state", "to", "moved", "per_second", "created_at",
               "finished_at", "requested_by", "reason"},
              {}};
  for (const idl::Redrive& job : jobs) {
    Cell rate;
    if (job.__isset.per_second && job.per_second > 0) rate = std::int64_t{job.per_second};
    table.rows.push_back({Id{job.id}, job.group, job.data_node, job.state,
                          std::string(TargetName(job.target)), job.moved, rate,
                          TimeCell(true, job.created_at_us),
                          TimeCell(job.__isset.finished_at_us, job.finished_at_us),
                          TextCell(job.__isset.requested_by, job.requested_by),
                          TextCell(job.__isset.reason, job.reason)});
  }
  return table;
}

Table DeedsTable(const std::vector<idl::DeadLetterDeed>& deeds) {
  Table table{{"at", "action", "letters", "detail", "requested_by", "reason"}, {}};
  for (const idl::DeadLetterDeed& deed : deeds) {
    table.rows.push_back({TimeCell(true, deed.at_us), deed.action, deed.letters,
                          TextCell(true, deed.detail), TextCell(true, deed.requested_by),
                          TextCell(true, deed.reason)});
  }
  return table;
}

Table DelayedTable(const std::vector<idl::DelayedListing>& messages) {
  Table table{{"handle", "partition", "due", "key", "value"}, {}};
  for (const idl::DelayedListing& each : messages) {
    table.rows.push_back({each.handle, std::int64_t{each.partition}, TimeCell(true, each.due_us),
                          BytesCell(each.message.__isset.key, each.message.key),
                          BytesCell(each.message.__isset.body, each.message.body)});
  }
  return table;
}

std::string DelayedJson(const std::string& topic, const idl::DelayedListing& each) {
  MessageView view{.topic = topic,
                   .partition = each.partition,
                   .offset = 0,
                   .timestamp = {},
                   .key = std::nullopt,
                   .body = std::nullopt,
                   .headers = {}};
  if (each.message.__isset.key) view.key = each.message.key;
  if (each.message.__isset.body) view.body = each.message.body;
  for (const idl::Header& header : each.message.headers) {
    view.headers.emplace_back(header.name, header.value);
  }
  return fmt::format("{{\"handle\":{},\"topic\":{},\"partition\":{},\"due\":\"{}\",{}}}",
                     JsonCell(each.handle), JsonCell(topic), each.partition,
                     FormatTime(WallTime{each.due_us}), JsonContent(view, true));
}

}  // namespace lanemq::cli
