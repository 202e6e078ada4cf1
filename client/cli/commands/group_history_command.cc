#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::int32_t kPointsMax = 2'000;  // What a server hands out.

struct HistoryFlags {
  std::string group;
  std::string topic;
  std::string last = "24h";
  std::string from;
  std::string until;
  std::int32_t points = 300;
};

struct Window {
  WallTime from;
  WallTime until;
};

Result<Window> ReadWindow(const HistoryFlags& flags, WallTime now) {
  Window window{.from = {}, .until = now};
  if (!flags.until.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(window.until, ParseTime(flags.until, now));
  }
  if (!flags.from.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(window.from, ParseTime(flags.from, now));
  } else {
    LANEMQ_ASSIGN_OR_RETURN(const auto span, ParseDuration(flags.last));
    window.from = WallTime{window.until.micros - span.count()};
  }
  if (window.from < window.until) return window;
  return Error{ErrorCode::kInvalidRequest, "the end comes before the beginning"};
}

ExitCode History(Session& session, const HistoryFlags& flags) {
  const auto window = ReadWindow(flags, SystemClock::Instance().WallNow());
  if (!window.ok()) return session.Fail(window.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::LagHistoryRequest request;
  request.__set_group(flags.group);
  request.__set_topic(flags.topic);
  request.__set_from_us(window->from.micros);
  request.__set_until_us(window->until.micros);
  request.__set_max_points(flags.points);
  const auto reply = (*cluster)->Control(&rpc::OnCallClient::LagHistorySync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (session.flags().format != OutputFormat::kTable) {
    session.Show(HistoryTable(*reply));
    return ExitCode::kDone;
  }
  if (reply->points.empty()) {
    session.out().Note(
        fmt::format("Nothing is kept of {} on {} then: it was idle, or has no lag "
                    "that was sampled.",
                    MakeVisible(flags.group), MakeVisible(flags.topic)));
    return ExitCode::kDone;
  }
  const Screen screen = ScreenOf(session);
  session.out().Data(fmt::format("{} on {}, {} to {}, a point every {}\n\n",
                                 MakeVisible(flags.group), MakeVisible(flags.topic),
                                 FormatTime(window->from).substr(0, 16),
                                 FormatTime(window->until).substr(0, 16) + " UTC",
                                 FormatDuration(std::chrono::milliseconds{reply->step_ms})));
  session.out().Data(HistoryText(*reply, window->from.micros, window->until.micros, screen));
  return ExitCode::kDone;
}

}  // namespace

void AddGroupLagHistory(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<HistoryFlags>();
  CLI::App* leaf =
      AddLeaf(group, "history", "Draw a group's lag over time", action, flags, History);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  leaf->add_option("-t,--topic", flags->topic, "Topic")->type_name("TOPIC")->required();
  leaf->add_option("-l,--last", flags->last, "So far back: 1h, 7d; at most 35d (24h)")
      ->type_name("TIME");
  leaf->add_option("--from", flags->from, "From then on, instead: -3h, 2026-11-21T05:00:00Z")
      ->type_name("TIME");
  leaf->add_option("--until", flags->until, "Until then (now)")->type_name("TIME");
  leaf->add_option("-n,--max,--limit", flags->points, "At most so many points (300)")
      ->type_name("N")
      ->check(CLI::Range(1, kPointsMax));
  Explain(
      *leaf,
      {"lanemq group history billing -t orders", "lanemq group history billing -t orders --last 7d",
       "lanemq group history billing -t orders --output csv > lag.csv"},
      "lanemq top, lanemq doctor --group GROUP");
}

}  // namespace lanemq::cli
