#include "client/cli/outbox/outbox_table.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/outbox/outbox_flags.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"
#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Relays report every few seconds, and publish within one.
constexpr seconds kSilentAfter{60};
constexpr seconds kLateAfter{30};

Cell TextCell(const std::string& text) {
  if (text.empty()) return std::monostate{};
  return IsUtf8(text) ? text : MakeVisible(text);
}

std::string Plural(std::int64_t count, std::string_view noun,
                   std::int64_t count_max = core::OutboxStats::kCountMax) {
  const bool is_stopped = count >= count_max;
  return fmt::format("{}{} {}{}", FormatCount(count), is_stopped ? " or more" : "", noun,
                     count == 1 ? "" : "s");
}

OutboxFacts FactsOf(const idl::OutboxListing& listing) {
  const idl::OutboxReport& report = listing.report;
  return {.ready = report.ready,
          .held = report.held,
          .dead = report.dead,
          .oldest_age = milliseconds{report.oldest_age_ms},
          .relays = report.relays,
          .unowned_buckets = report.unowned_buckets,
          .silent_for = milliseconds{listing.silent_ms}};
}

OutboxFacts FactsOf(const OutboxDetail& detail) {
  const auto alive =
      std::ranges::count_if(detail.peers, [](const auto& peer) { return peer.is_alive; });
  return {.ready = detail.stats.ready,
          .held = detail.stats.held,
          .dead = detail.stats.dead,
          .oldest_age = detail.stats.oldest_age,
          .relays = static_cast<std::int32_t>(alive),
          .unowned_buckets = detail.stats.unowned_buckets};
}

/// What a hold is of: "key c-1", "message 42", "partition 3", "topic".
std::string SubjectOf(const core::OutboxHoldKey& key) {
  if (key.key) return "key " + (IsUtf8(*key.key) ? *key.key : MakeVisible(*key.key));
  if (key.id) return fmt::format("message {}", *key.id);
  if (key.partition) return fmt::format("partition {}", *key.partition);
  return "topic";
}

std::int64_t Millis(microseconds duration) { return duration_cast<milliseconds>(duration).count(); }

Cell TimeCell(microseconds duration, Times times) {
  const microseconds positive = std::max(duration, microseconds{0});
  if (times == Times::kMillis) return Millis(positive);
  if (positive.count() == 0) return std::monostate{};
  return FormatDuration(positive);
}

/// "silent" or "silent_ms".
std::string TimeColumn(const std::string& name, Times times) {
  return times == Times::kMillis ? name + "_ms" : name;
}

MessageView ViewOf(const core::OutboxMessage& message) {
  MessageView view;
  view.topic = message.topic;
  view.timestamp = message.created;
  if (!message.record) return view;
  if (message.record->key) view.key = *message.record->key;
  if (message.record->body) view.body = *message.record->body;
  for (const core::Header& header : message.record->headers) {
    view.headers.emplace_back(header.name, header.value);
  }
  return view;
}

Cell DueCell(const core::OutboxMessage& message) {
  if (!message.due) return std::monostate{};
  return FormatTime(*message.due);
}

Cell BytesCell(const std::optional<std::string_view>& bytes) {
  if (!bytes) return std::monostate{};
  return std::string(*bytes);
}

std::string JsonRows(const Table& table) {
  std::string rows;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    rows += (row > 0 ? "," : "") + JsonRow(table, row);
  }
  return rows;
}

}  // namespace

OutboxVerdict Judge(const OutboxFacts& facts) {
  std::vector<std::string> all;
  int rank = 0;
  const auto say = [&](int how_bad, std::string what) {
    rank = std::max(rank, how_bad);
    all.push_back(std::move(what));
  };
  if (facts.silent_for >= kSilentAfter) {
    say(5, fmt::format("no report for {}: do its relays run?", FormatDuration(facts.silent_for)));
  } else if (facts.relays == 0) {
    say(5, "no relay runs");
  } else if (facts.unowned_buckets > 0) {
    say(4,
        fmt::format("{} of {} buckets have no relay", facts.unowned_buckets, core::kOutboxBuckets));
  }
  if (facts.dead > 0) say(3, Plural(facts.dead, "dead message"));
  if (facts.oldest_age >= kLateAfter) {
    say(2, fmt::format("the oldest waits for {}", FormatDuration(facts.oldest_age)));
  }
  if (facts.held > 0) say(1, Plural(facts.held, "held message"));
  if (all.empty()) return {0, "fine"};
  std::string text = all.front();
  for (std::size_t i = 1; i < all.size(); ++i) text += "; " + all[i];
  return {rank, text};
}

Table OutboxesTable(const std::vector<idl::OutboxListing>& outboxes, Times times) {
  Table table{{"outbox", "verdict", "ready", "held", "dead", TimeColumn("oldest_age", times),
               TimeColumn("silent", times), "relays", "unowned_buckets", "last_error"},
              {}};
  std::vector<std::pair<OutboxVerdict, const idl::OutboxListing*>> judged;
  for (const auto& each : outboxes) judged.emplace_back(Judge(FactsOf(each)), &each);
  std::ranges::sort(judged, [](const auto& a, const auto& b) {
    // What has waited when it was reported has waited since.
    const auto age = [](const idl::OutboxListing& o) {
      return o.report.oldest_age_ms + o.silent_ms;
    };
    return std::make_tuple(b.first.rank, age(*b.second),
                           std::string_view(a.second->report.outbox)) <
           std::make_tuple(a.first.rank, age(*a.second), std::string_view(b.second->report.outbox));
  });
  for (const auto& [verdict, listing] : judged) {
    const idl::OutboxReport& report = listing->report;
    table.rows.push_back({report.outbox, verdict.text, report.ready, report.held, report.dead,
                          TimeCell(milliseconds{report.oldest_age_ms}, times),
                          TimeCell(milliseconds{listing->silent_ms}, times),
                          std::int64_t{report.relays}, std::int64_t{report.unowned_buckets},
                          TextCell(report.last_error)});
  }
  return table;
}

Table OutboxPeersTable(const std::vector<core::OutboxPeer>& peers) {
  Table table{{"relay", "state", "buckets", "wake_address", "session", "epoch"}, {}};
  for (const core::OutboxPeer& peer : peers) {
    table.rows.push_back({peer.name, std::string(peer.is_alive ? "alive" : "dead"),
                          std::int64_t{peer.buckets}, TextCell(peer.wake_address),
                          Id{peer.session.id}, Id{peer.session.epoch.value}});
  }
  return table;
}

Table OutboxHoldsTable(const std::vector<core::OutboxHold>& holds, Times times) {
  Table table{{"topic", "of", "bucket", "attempts", TimeColumn("next_in", times), "since", "why"},
              {}};
  for (const core::OutboxHold& hold : holds) {
    table.rows.push_back({hold.key.topic, SubjectOf(hold.key), std::int64_t{hold.key.bucket},
                          std::int64_t{hold.attempts}, TimeCell(hold.due_in, times),
                          FormatTime(hold.since), TextCell(hold.last_error)});
  }
  return table;
}

std::string OutboxDetailText(const OutboxDetail& detail) {
  const core::OutboxStats& stats = detail.stats;
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("{:<11}{}\n", name, MakeVisible(value));
  };
  line("OUTBOX", detail.name);
  line("VERDICT", Judge(FactsOf(detail)).text);
  line("READY", Plural(stats.ready, "message"));
  line("HELD", stats.holds == 0
                   ? Plural(stats.held, "message")
                   : Plural(stats.held, "message") + " behind " + Plural(stats.holds, "hold"));
  line("DEAD", Plural(stats.dead, "message"));
  if (stats.published > 0) {
    line("PUBLISHED",
         Plural(stats.published, "message", core::OutboxStats::kPublishedCountMax) + " kept");
  }
  line("OLDEST", stats.oldest_age.count() > 0 ? FormatDuration(stats.oldest_age) : "-");
  line("BUCKETS", fmt::format("{} of {} have a relay", core::kOutboxBuckets - stats.unowned_buckets,
                              core::kOutboxBuckets));
  if (!detail.peers.empty()) {
    text += "\nRELAYS\n" + Render(OutboxPeersTable(detail.peers), {});
  }
  if (!detail.holds.empty()) {
    text += fmt::format("\nHOLDS      what waits and why, longest first{}\n",
                        stats.holds > static_cast<std::int64_t>(detail.holds.size())
                            ? fmt::format("; {} of {}", detail.holds.size(), stats.holds)
                            : "") +
            Render(OutboxHoldsTable(detail.holds, Times::kForPeople), {});
  }
  return text;
}

std::string OutboxDetailJson(const OutboxDetail& detail) {
  const core::OutboxStats& stats = detail.stats;
  const OutboxVerdict verdict = Judge(FactsOf(detail));
  return fmt::format(
      "{{\"outbox\":{},\"verdict\":{},\"is_fine\":{},\"ready\":{},\"held\":{},\"dead\":{},"
      "\"published\":{},\"oldest_age_ms\":{},\"unowned_buckets\":{},\"holds_count\":{},"
      "\"relays\":[{}],\"holds\":[{}]}}\n",
      JsonCell(detail.name), JsonCell(verdict.text), verdict.rank == 0, stats.ready, stats.held,
      stats.dead, stats.published, Millis(stats.oldest_age), stats.unowned_buckets, stats.holds,
      JsonRows(OutboxPeersTable(detail.peers)),
      JsonRows(OutboxHoldsTable(detail.holds, Times::kMillis)));
}

Table OutboxMessagesTable(const std::vector<core::OutboxMessage>& messages, bool has_bodies) {
  Table table{{"id", "state", "topic", "key", "created", "due", "attempts", "last_error"}, {}};
  if (has_bodies) table.columns.emplace_back("value");
  for (const core::OutboxMessage& message : messages) {
    const MessageView view = ViewOf(message);
    auto& row = table.rows.emplace_back(
        std::vector<Cell>{Id{message.id}, std::string(NameOf(message.state)), message.topic,
                          BytesCell(view.key), FormatTime(message.created), DueCell(message),
                          std::int64_t{message.attempts}, TextCell(message.last_error)});
    if (has_bodies) row.push_back(BytesCell(view.body));
  }
  return table;
}

std::string OutboxMessageJson(const core::OutboxMessage& message, bool has_body) {
  return fmt::format(
      "{{\"id\":\"{}\",\"state\":\"{}\",\"topic\":{},\"bucket\":{},\"created\":{},\"due\":{},"
      "\"attempts\":{},\"last_error\":{},\"codec\":{},{}}}",
      message.id, NameOf(message.state), JsonCell(message.topic), message.bucket,
      JsonCell(FormatTime(message.created)), JsonCell(DueCell(message)), message.attempts,
      JsonCell(TextCell(message.last_error)), message.record ? message.record->codec : 0,
      JsonContent(ViewOf(message), has_body));
}

}  // namespace lanemq::cli
