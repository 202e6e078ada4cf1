#include "client/cli/commands/trace_text.h"

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "client/cli/output/cells.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"
#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

/// Text as it is, for JSON has its own escapes; made visible where JSON cannot hold its bytes.
Cell JsonCell(bool is_set, const std::string& text) {
  if (!is_set || !IsUtf8(text)) return TextCell(is_set, text);
  return text.empty() ? Cell(std::monostate{}) : Cell(text);
}

std::string At(std::int64_t micros) { return FormatTime(WallTime{micros}); }

std::string Quantity(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

std::string CauseOf(const idl::TracedRemoval& removal) {
  if (removal.cause != "trim") {
    return fmt::format("by retention ({}) at {}", MakeVisible(removal.cause), At(removal.at_us));
  }
  std::string text = "by a trim";
  if (!removal.requested_by.empty()) text += " of " + MakeVisible(removal.requested_by);
  text += " at " + At(removal.at_us);
  if (!removal.reason.empty()) text += ": " + MakeVisible(removal.reason);
  return text;
}

std::string PlaceText(const idl::TraceMessageRequest& request,
                      const idl::TraceMessageResponse& trace) {
  if (trace.place == "stored") return "in the log";
  if (trace.place == "removed") {
    return trace.__isset.removal ? "no longer in the log: removed " + CauseOf(trace.removal)
                                 : "no longer in the log: removed by retention or a trim";
  }
  if (trace.place == "lost") {
    return fmt::format("lost: acknowledged once, noticed to be missing at {}",
                       At(trace.lost_at_us));
  }
  if (trace.place == "missing") {
    return trace.__isset.next_offset
               ? fmt::format("not in the log: a hole, {} is next", trace.next_offset)
               : "not in the log: a hole";
  }
  if (trace.place == "not_yet") {
    return fmt::format("not there yet: {} before it",
                       Quantity(request.offset - trace.log_end, "message"));
  }
  return MakeVisible(trace.place);
}

/// What went wrong last.
template <typename Failure>
std::string Why(const Failure& failure) {
  std::string text = failure.reason.empty() ? "" : ", " + MakeVisible(failure.reason);
  if (!failure.last_error.empty()) text += ": " + MakeVisible(failure.last_error);
  return text;
}

std::string StateText(const idl::GroupTrace& group) {
  if (group.place == "dead_letter") return "DEAD LETTER";
  std::string text = MakeVisible(group.place);
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

/// Since when it is there, and what there is to say of that.
std::pair<std::int64_t, std::string> Detail(const idl::GroupTrace& group) {
  if (group.__isset.dead_letter) {
    const idl::TracedDeadLetter& letter = group.dead_letter;
    return {letter.dead_at_us, Quantity(letter.attempts, "attempt") + Why(letter)};
  }
  if (group.__isset.retrying) {
    const idl::TracedRetry& retry = group.retrying;
    const std::string when =
        retry.is_being_handled ? fmt::format("attempt {} is under way", retry.attempts)
                               : fmt::format("{}, next at {}", Quantity(retry.attempts, "attempt"),
                                             At(retry.due_at_us));
    return {retry.last_failed_at_us, when + Why(retry)};
  }
  if (group.__isset.removed_unread) {
    return {group.removed_unread.at_us, "removed " + CauseOf(group.removed_unread)};
  }
  std::string text = "nothing is committed yet";
  if (group.__isset.committed_offset) {
    text = fmt::format("offset {}", group.committed_offset);
    if (group.__isset.behind) {
      text += group.behind == 0 ? ", the next one"
                                : ", " + Quantity(group.behind, "message") + " before it";
    }
  }
  if (group.__isset.attempts) text += ", call " + FormatCount(group.attempts) + " of its handler";
  return {group.committed_at_us, text};
}

std::string DeedText(const idl::TracedDeed& deed) {
  std::string action = MakeVisible(deed.action);
  if (deed.action == "redrive_to_group") action = "redrive to the group";
  if (deed.action == "redrive_to_topic") action = "redrive to the topic, as a new message";
  if (deed.action == "edit") action = "edit, and redrive to the group";
  std::string text = fmt::format("{} {}", At(deed.at_us), action);
  if (!deed.requested_by.empty()) text += " by " + MakeVisible(deed.requested_by);
  if (deed.__isset.redrive_id) {
    text += fmt::format(" (redrive {}, {})", deed.redrive_id, MakeVisible(deed.redrive_state));
  }
  if (!deed.reason.empty()) text += ": " + MakeVisible(deed.reason);
  return text + (deed.is_exact ? "" : " [its filter covers this message]");
}

std::string GroupsText(const idl::TraceMessageResponse& trace) {
  Table table{{"group", "place", "since", "detail"}, {}};
  std::string deeds;
  for (const idl::GroupTrace& group : trace.groups) {
    auto [since, detail] = Detail(group);
    table.rows.push_back({group.group, StateText(group), At(since), std::move(detail)});
    for (const idl::TracedDeed& deed : group.deeds) {
      deeds += fmt::format("{}: {}\n", MakeVisible(group.group), DeedText(deed));
    }
  }
  std::string text =
      table.rows.empty() ? "No group that you may see reads this partition.\n" : Render(table, {});
  if (!deeds.empty()) text += "\nDone to dead letters:\n" + deeds;
  if (trace.groups_hidden > 0) {
    text += fmt::format("\n{} you may not see.\n", Quantity(trace.groups_hidden, "more group"));
  }
  if (trace.has_more_groups) text += "\nMore groups read this partition: these are the first.\n";
  return text;
}

/// A JSON object that grows.
class JsonObject {
 public:
  JsonObject& Add(std::string_view name, const Cell& cell) { return AddRaw(name, JsonCell(cell)); }
  JsonObject& AddRaw(std::string_view name, const std::string& json) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, json);
    return *this;
  }
  [[nodiscard]] std::string Text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

Cell IdCell(bool is_set, std::int64_t value) {
  if (!is_set) return std::monostate{};
  return Id{value};
}

std::string Json(bool is_set, const idl::TracedRemoval& removal) {
  if (!is_set) return "null";
  return JsonObject()
      .Add("cause", removal.cause)
      .Add("at", At(removal.at_us))
      .Add("requested_by", JsonCell(removal.__isset.requested_by, removal.requested_by))
      .Add("reason", JsonCell(removal.__isset.reason, removal.reason))
      .Text();
}

template <typename Failure>
JsonObject JsonFailure(const Failure& failure) {
  JsonObject out;
  out.Add("attempts", std::int64_t{failure.attempts})
      .Add("first_failed_at", At(failure.first_failed_at_us))
      .Add("last_failed_at", At(failure.last_failed_at_us))
      .Add("reason", JsonCell(failure.__isset.reason, failure.reason))
      .Add("last_error", JsonCell(failure.__isset.last_error, failure.last_error));
  return out;
}

std::string Json(const idl::TracedDeed& deed) {
  return JsonObject()
      .Add("at", At(deed.at_us))
      .Add("action", deed.action)
      .Add("is_exact", deed.is_exact)
      .Add("requested_by", JsonCell(true, deed.requested_by))
      .Add("reason", JsonCell(true, deed.reason))
      .Add("redrive_id", IdCell(deed.__isset.redrive_id, deed.redrive_id))
      .Add("redrive_state", JsonCell(deed.__isset.redrive_state, deed.redrive_state))
      .Text();
}

std::string Json(const idl::GroupTrace& group);

template <typename Items>
std::string JsonList(const Items& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + Json(item);
  return "[" + text + "]";
}

std::string Json(const idl::GroupTrace& group) {
  JsonObject out;
  out.Add("group", group.group)
      .Add("place", group.place)
      .Add("committed_offset", IdCell(group.__isset.committed_offset, group.committed_offset))
      .Add("committed_at", At(group.committed_at_us))
      .Add("behind", group.__isset.behind ? Cell(group.behind) : Cell())
      .Add("attempts", group.__isset.attempts ? Cell(std::int64_t{group.attempts}) : Cell());
  std::string retry = "null";
  if (group.__isset.retrying) {
    retry = JsonFailure(group.retrying)
                .Add("due_at", At(group.retrying.due_at_us))
                .Add("is_being_handled", group.retrying.is_being_handled)
                .Text();
  }
  std::string letter = "null";
  if (group.__isset.dead_letter) {
    letter = JsonFailure(group.dead_letter).Add("dead_at", At(group.dead_letter.dead_at_us)).Text();
  }
  return out.AddRaw("retrying", retry)
      .AddRaw("dead_letter", letter)
      .AddRaw("removed_unread", Json(group.__isset.removed_unread, group.removed_unread))
      .AddRaw("deeds", JsonList(group.deeds))
      .Text();
}

}  // namespace

std::string TraceText(const idl::TraceMessageRequest& request,
                      const idl::TraceMessageResponse& trace) {
  std::string text = fmt::format("{}/{}/{} is {}\n\n", MakeVisible(request.topic),
                                 request.partition, request.offset, PlaceText(request, trace));
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("{:<11}{}\n", name, value);
  };
  if (trace.__isset.timestamp_us) line("TIME", At(trace.timestamp_us));
  line("LOG", trace.log_start == trace.log_end
                  ? fmt::format("empty, {} is next", trace.log_end)
                  : fmt::format("{} to {}", trace.log_start, trace.log_end - 1));
  if (trace.__isset.producer_id) {
    line("PRODUCER", fmt::format("{} sequence {}", trace.producer_id, trace.sequence));
  }
  line("ROW", fmt::format("SELECT * FROM {} WHERE `offset` = {}", MakeVisible(trace.table_name),
                          request.offset));
  line("NODE", MakeVisible(trace.data_node));
  if (trace.place == "stored" && trace.__isset.lost_at_us) {
    line("NOTE",
         "another message had this offset and was lost: noticed at " + At(trace.lost_at_us));
  }
  return text + "\n" + GroupsText(trace);
}

std::string TraceJson(const idl::TraceMessageRequest& request,
                      const idl::TraceMessageResponse& trace) {
  return JsonObject()
      .Add("topic", request.topic)
      .Add("partition", std::int64_t{request.partition})
      .Add("offset", Id{request.offset})
      .Add("place", trace.place)
      .Add("at", At(trace.at_us))
      .Add("log_start", Id{trace.log_start})
      .Add("log_end", Id{trace.log_end})
      .Add("node", trace.data_node)
      .Add("table", trace.table_name)
      .Add("timestamp", TimeCell(trace.__isset.timestamp_us, trace.timestamp_us))
      .Add("producer_id", IdCell(trace.__isset.producer_id, trace.producer_id))
      .Add("sequence", IdCell(trace.__isset.sequence, trace.sequence))
      .Add("next_offset", IdCell(trace.__isset.next_offset, trace.next_offset))
      .AddRaw("removal", Json(trace.__isset.removal, trace.removal))
      .Add("lost_at", TimeCell(trace.__isset.lost_at_us, trace.lost_at_us))
      .AddRaw("groups", JsonList(trace.groups))
      .Add("groups_hidden", std::int64_t{trace.groups_hidden})
      .Add("has_more_groups", trace.has_more_groups)
      .Text();
}

}  // namespace lanemq::cli
