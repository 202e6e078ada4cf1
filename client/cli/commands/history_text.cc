// What `lanemq group history` draws; see lag_table.h.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "client/cli/commands/lag_table.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr int kLabelColumns = 10;
constexpr int kChartColumnsMax = 72;

/// What a column of the chart stands for; several points, or none.
struct Bucket {
  int points = 0;
  std::int64_t at_us = 0;
  std::int64_t lag = 0;  ///< The newest.
  std::int64_t lag_max = 0;
  std::int64_t age_max_ms = 0;
  std::int64_t produced = 0;
  std::int64_t consumed = 0;
  std::int32_t members = 0;
  std::string status;  ///< The worst.
};

std::vector<Bucket> BucketsOf(const idl::LagHistoryResponse& history, std::int64_t from_us,
                              std::int64_t until_us, std::size_t count) {
  std::vector<Bucket> buckets(count);
  const double span = static_cast<double>(std::max<std::int64_t>(until_us - from_us, 1));
  for (const idl::LagPoint& point : history.points) {
    const double at = static_cast<double>(point.at_us - from_us) / span;
    const auto index =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(at * static_cast<double>(count)), 0,
                                 static_cast<std::int64_t>(count) - 1);
    Bucket& bucket = buckets[static_cast<std::size_t>(index)];
    if (bucket.points++ == 0 || point.at_us >= bucket.at_us) {
      bucket.at_us = point.at_us;
      bucket.lag = point.lag_messages;
      bucket.members = point.members;
    }
    bucket.lag_max = std::max(bucket.lag_max, point.lag_messages_max);
    bucket.age_max_ms = std::max(bucket.age_max_ms, point.lag_ms_max);
    bucket.produced += point.produced;
    bucket.consumed += point.consumed;
    if (bucket.status.empty() || RankOf(point.worst_status) > RankOf(bucket.status)) {
      bucket.status = point.worst_status;
    }
  }
  return buckets;
}

template <typename Value>
std::string Blocks(const std::vector<Bucket>& buckets, const Value& value_of) {
  double most = 0;
  for (const Bucket& bucket : buckets) most = std::max(most, value_of(bucket));
  std::string text;
  for (const Bucket& bucket : buckets) {
    const double value = value_of(bucket);
    if (bucket.points == 0) {
      text += ' ';
    } else if (most <= 0) {
      text += kBlocks[0];
    } else {
      // The lowest block is for what is next to nothing.
      text +=
          kBlocks[static_cast<std::size_t>(std::lround(std::clamp(value / most, 0.0, 1.0) * 7))];
    }
  }
  return text;
}

/// A letter per column: small for harmless, capital for trouble.
std::string StatusLetters(const std::vector<Bucket>& buckets) {
  const std::map<std::string_view, char> letters = {
      {"OK", '.'},   {"NEW", 'n'},   {"PAUSED", 'p'}, {"UNKNOWN", '?'}, {"WARN", 'W'},
      {"SLOW", 'S'}, {"STALL", 'T'}, {"STOP", 'X'},   {"LOST", 'L'},    {"REWIND", 'R'}};
  std::string text;
  for (const Bucket& bucket : buckets) {
    const auto found = letters.find(bucket.status);
    text += bucket.points == 0 ? ' ' : found == letters.end() ? '?' : found->second;
  }
  return text;
}

/// "11-22 03:10".
std::string ShortTime(std::int64_t at_us) {
  std::string text = FormatTime(WallTime{at_us}).substr(5, 11);
  text[5] = ' ';
  return text;
}

double PerSecond(std::int64_t messages, double seconds) {
  return seconds <= 0 ? 0 : static_cast<double>(messages) / seconds;
}

}  // namespace

Table HistoryTable(const idl::LagHistoryResponse& history) {
  Table table{{"at", "lag", "lag_max", "lag_ms_max", "produced", "consumed", "members", "status"},
              {}};
  for (const idl::LagPoint& point : history.points) {
    table.rows.push_back({FormatTime(WallTime{point.at_us}), point.lag_messages,
                          point.lag_messages_max, point.lag_ms_max, point.produced, point.consumed,
                          std::int64_t{point.members}, point.worst_status});
  }
  return table;
}

std::string HistoryText(const idl::LagHistoryResponse& history, std::int64_t from_us,
                        std::int64_t until_us, const Screen& screen) {
  const int room = std::clamp(screen.columns - kLabelColumns, 10, kChartColumnsMax);
  const auto chart = BucketsOf(history, from_us, until_us, static_cast<std::size_t>(room));
  const double column_seconds = static_cast<double>(until_us - from_us) / 1e6 / room;
  const auto most_of = [&chart](const auto& value_of) {
    return std::ranges::max(chart, {}, value_of);
  };
  const Bucket lag = most_of(&Bucket::lag_max);
  const Bucket age = most_of(&Bucket::age_max_ms);
  const Bucket in = most_of(&Bucket::produced);
  const Bucket out = most_of(&Bucket::consumed);
  std::string text;
  const auto draw = [&](std::string_view label, const std::string& blocks,
                        const std::string& most) {
    text += fmt::format("{:<{}}{}\n{:<{}}{}\n", label, kLabelColumns, TrimRight(blocks), "",
                        kLabelColumns, most);
  };
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  draw("LAG", Blocks(chart, [&](const Bucket& b) { return number(b.lag_max); }),
       fmt::format("at most {} messages, {}", FormatCount(lag.lag_max), ShortTime(lag.at_us)));
  draw("BEHIND", Blocks(chart, [&](const Bucket& b) { return number(b.age_max_ms); }),
       fmt::format("at most {}, {}", FormatDuration(milliseconds{age.age_max_ms}),
                   ShortTime(age.at_us)));
  draw("PRODUCED", Blocks(chart, [&](const Bucket& b) { return number(b.produced); }),
       fmt::format("at most {}/s, {}", ShortRate(PerSecond(in.produced, column_seconds)),
                   ShortTime(in.at_us)));
  draw("CONSUMED", Blocks(chart, [&](const Bucket& b) { return number(b.consumed); }),
       fmt::format("at most {}/s, {}", ShortRate(PerSecond(out.consumed, column_seconds)),
                   ShortTime(out.at_us)));
  draw("STATUS", StatusLetters(chart),
       "n new, p pause, W warn, R rewind, S slow, T stall, X stop, L lost");
  const auto rows = static_cast<std::size_t>(std::clamp(screen.rows - 16, 6, 24));
  const double row_seconds =
      static_cast<double>(until_us - from_us) / 1e6 / static_cast<double>(rows);
  Table table{{"until", "status", "lag", "lag_max", "behind", "in/s", "out/s", "members"}, {}};
  for (const Bucket& row : BucketsOf(history, from_us, until_us, rows)) {
    if (row.points == 0) continue;
    table.rows.push_back({ShortTime(row.at_us), row.status, row.lag, row.lag_max,
                          FormatDuration(milliseconds{row.age_max_ms}),
                          ShortRate(PerSecond(row.produced, row_seconds)),
                          ShortRate(PerSecond(row.consumed, row_seconds)),
                          std::int64_t{row.members}});
  }
  return text + "\n" + Render(table, {});
}

}  // namespace lanemq::cli
