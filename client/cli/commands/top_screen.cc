// What `lanemq top` draws; see lag_table.h.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/commands/lag_table.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;

constexpr int kColumnsMin = 60;   // Narrower windows show the left part of this.
constexpr int kWideScreen = 100;  // From here on there is room for owners.
constexpr int kOwnerColumns = 14;
constexpr int kNameMin = 8;
constexpr int kEvidenceIndent = 9;
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string_view ColorOf(std::string_view status) {
  const int rank = RankOf(status);
  if (rank >= RankOf("STALL")) return "\x1b[1;31m";
  if (rank >= RankOf("UNKNOWN")) return "\x1b[33m";
  return rank == RankOf("PAUSED") ? "\x1b[36m" : "";
}

std::string Colored(std::string_view color, const std::string& text, const Screen& screen) {
  if (!screen.has_color || color.empty()) return text;
  return std::string(color) + text + std::string(kPlain);
}

/// "6 in trouble: 1 LOST, 2 STOP, 3 SLOW"; "none is in trouble".
std::string TroubleText(const idl::GroupLagResponse& reply) {
  std::map<int, std::pair<std::string, int>, std::greater<>> counts;
  std::int64_t troubled = 0;
  for (const idl::TopicLag& lag : reply.topics) {
    if (!IsTrouble(lag.status)) continue;
    ++troubled;
    auto& [name, count] = counts[RankOf(lag.status)];
    name = lag.status;
    ++count;
  }
  if (troubled == 0) return "none is in trouble";
  // The worst come first: when all that came are in trouble there may be more.
  const bool is_cut = static_cast<std::int64_t>(reply.topics.size()) < reply.total &&
                      troubled == static_cast<std::int64_t>(reply.topics.size());
  std::vector<std::string> each;
  for (const auto& [rank, named] : counts) {
    each.push_back(fmt::format("{} {}", named.second, named.first));
  }
  return fmt::format("{}{} in trouble: {}", is_cut ? "at least " : "", FormatCount(troubled),
                     fmt::join(each, ", "));
}

std::string TotalsText(const idl::GroupLagResponse& reply) {
  std::int64_t lag = 0;
  double in = 0;
  double out = 0;
  for (const idl::TopicLag& each : reply.topics) {
    lag += each.lag_messages;
    in += each.in_rate;
    out += each.out_rate;
  }
  const bool is_part = static_cast<std::int64_t>(reply.topics.size()) < reply.total;
  return fmt::format("{}lag {}, in {}/s, out {}/s",
                     is_part ? fmt::format("of the worst {}: ", reply.topics.size()) : "",
                     ShortCount(lag), ShortRate(in), ShortRate(out));
}

/// Room for two names.
std::pair<int, int> NameColumns(const std::vector<idl::TopicLag>& lags, int room) {
  int group = kNameMin;
  int topic = kNameMin;
  for (const idl::TopicLag& lag : lags) {
    group = std::max(group, static_cast<int>(Characters(MakeVisible(lag.group))));
    topic = std::max(topic, static_cast<int>(Characters(MakeVisible(lag.topic))));
  }
  if (group + topic <= room) return {group, topic};
  const int half = room / 2;
  if (group <= half) return {group, room - group};
  if (topic <= half) return {room - topic, topic};
  return {room - half, half};
}

struct Layout {
  int group = 0;
  int topic = 0;
  int owner = 0;
};

std::string Line(const Layout& layout, const std::array<std::string, 10>& cells,
                 std::string_view color, const Screen& screen) {
  std::string line = Colored(color, Fit(cells[0], 7), screen) + "  " + Fit(cells[1], layout.group) +
                     "  " + Fit(cells[2], layout.topic) + "  " + Fit(cells[3], 6, true);
  constexpr std::array<int, 4> kColumns = {6, 6, 6, 6};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    line += " " + Fit(cells[4 + i], kColumns[i], true);
  }
  line += " " + Fit(cells[8], 3, true);
  if (layout.owner > 0) line += "  " + Fit(cells[9], layout.owner);
  return TrimRight(std::move(line)) + "\n";
}

std::string RowOf(const idl::TopicLag& lag, const Layout& layout, const Screen& screen) {
  std::string drain = "-";
  if (lag.__isset.drain_ms && lag.lag_messages > 0) {
    drain = ShortDuration(milliseconds{lag.drain_ms});
  } else if (lag.lag_messages > 0 && IsTrouble(lag.status)) {
    drain = "never";
  }
  return Line(layout,
              {lag.status, lag.group, lag.topic, ShortCount(lag.lag_messages),
               ShortDuration(milliseconds{lag.lag_ms}), ShortRate(lag.in_rate),
               ShortRate(lag.out_rate), drain, ShortCount(lag.members), lag.owner},
              ColorOf(lag.status), screen);
}

/// "NOT_POLLING (payments): member c-1 polled 42 min ago".
std::string CauseLine(const idl::TopicLag& lag, const Layout& layout, int columns,
                      const Screen& screen) {
  std::string text = lag.cause.empty() ? std::string(MeaningOf(lag.status)) : lag.cause;
  if (layout.owner == 0 && !lag.owner.empty()) text += fmt::format(" ({})", lag.owner);
  if (!lag.evidence.empty()) text += ": " + lag.evidence;
  return Colored(kDim,
                 std::string(kEvidenceIndent, ' ') +
                     TrimRight(Fit(text, std::max(columns - kEvidenceIndent, 1))),
                 screen) +
         "\n";
}

}  // namespace

std::string TopScreen(const idl::GroupLagResponse& reply, const std::string& title,
                      const Screen& screen) {
  const int columns = std::max(screen.columns, kColumnsMin);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text) {
    lines.push_back(TrimRight(Fit(text, columns)) + "\n");
  };
  add(fmt::format("{}  {}", title, SampleNote(reply)));
  add(fmt::format("{} groups by topic, {}; {}", FormatCount(reply.total), TroubleText(reply),
                  TotalsText(reply)));
  add("");
  std::vector<idl::TopicLag> lags = reply.topics;
  SortWorstFirst(lags);
  Layout layout;
  const bool has_owners =
      std::ranges::any_of(lags, [](const idl::TopicLag& lag) { return !lag.owner.empty(); });
  if (columns >= kWideScreen && has_owners) layout.owner = kOwnerColumns;
  const int taken = 7 + 2 + 2 + 2 + 6 + 4 * 7 + 4 + (layout.owner > 0 ? 2 + layout.owner : 0);
  std::tie(layout.group, layout.topic) = NameColumns(lags, columns - taken);
  lines.push_back(
      Line(layout,
           {"STATUS", "GROUP", "TOPIC", "LAG", "BEHIND", "IN/S", "OUT/S", "DRAIN", "MEM", "OWNER"},
           "", screen));
  std::size_t shown = 0;
  for (const idl::TopicLag& lag : lags) {
    const std::size_t needed = IsTrouble(lag.status) ? 2 : 1;
    // One line stays for what is left out, and one for the cursor.
    if (screen.rows > 0 && lines.size() + needed + 2 > static_cast<std::size_t>(screen.rows)) break;
    lines.push_back(RowOf(lag, layout, screen));
    if (needed == 2) lines.push_back(CauseLine(lag, layout, columns, screen));
    ++shown;
  }
  const std::int64_t left = reply.total - static_cast<std::int64_t>(shown);
  if (reply.total == 0) {
    add("No group has committed anything.");
  } else if (left > 0) {
    add(fmt::format("and {} more; --group and --owner choose", FormatCount(left)));
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace lanemq::cli
