#include <csignal>
#include <memory>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

// A picture that is late is an old one; and Ctrl-C waits for it.
constexpr std::chrono::microseconds kPicturePatience = 3s;
constexpr std::int32_t kRowsAsked = 1'000;  // More than any window shows.
constexpr std::int32_t kRowsMax = 10'000;   // What a server hands out.
// Drawn over what is there, line by line, so that it does not flicker.
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kEraseToLineEnd = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";
// A screen of its own: what was there before comes back at the end.
constexpr std::string_view kOpenScreen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kCloseScreen = "\x1b[?25h\x1b[?1049l";

struct TopFlags {
  std::string interval = "2s";
  bool is_once = false;
  std::string owner;
  std::string group;
  std::string topic;
  bool is_troubled_only = false;
  std::int32_t max = 0;  ///< 0: what fits.
};

/// The terminal as it was before, also when the command fails.
class OwnScreen {
 public:
  OwnScreen(Output& out, bool is_used) : out_(out), is_used_(is_used) {
    if (is_used_) out_.Data(kOpenScreen);
  }
  ~OwnScreen() {
    if (!is_used_) return;
    out_.Data(kCloseScreen);
    out_.Flush();
  }
  OwnScreen(const OwnScreen&) = delete;
  OwnScreen& operator=(const OwnScreen&) = delete;

 private:
  Output& out_;
  const bool is_used_;
};

Result<idl::GroupLagResponse> Ask(const Session& session, const TopFlags& flags) {
  LANEMQ_ASSIGN_OR_RETURN(const auto cluster, Connect(session, kPicturePatience));
  idl::GroupLagRequest request;
  if (!flags.group.empty()) request.__set_group(flags.group);
  if (!flags.topic.empty()) request.__set_topic(flags.topic);
  if (flags.is_troubled_only) request.__set_only_troubled(true);
  // Owners are chosen here, so all are wanted for that.
  request.__set_max(flags.owner.empty() ? std::max(flags.max, kRowsAsked) : kRowsMax);
  LANEMQ_ASSIGN_OR_RETURN(idl::GroupLagResponse reply, cluster->GroupLag(request));
  SortWorstFirst(reply.topics);
  if (!flags.owner.empty()) {
    std::erase_if(reply.topics, [&](const auto& lag) { return lag.owner != flags.owner; });
    reply.total = static_cast<std::int64_t>(reply.topics.size());
  }
  if (flags.max > 0 && reply.topics.size() > static_cast<std::size_t>(flags.max)) {
    reply.topics.resize(static_cast<std::size_t>(flags.max));
  }
  return reply;
}

std::string Redrawn(const std::string& picture) {
  std::string text(kHome);
  for (const char c : picture)
    text += c == '\n' ? std::string(kEraseToLineEnd) + "\n" : std::string(1, c);
  return text + std::string(kEraseBelow);
}

void Draw(Session& session, const idl::GroupLagResponse& reply, bool has_screen) {
  if (session.flags().format != OutputFormat::kTable) {
    session.Show(TopTable(reply.topics));
    return;
  }
  Screen screen = ScreenOf(session);
  if (!has_screen) screen.rows = 0;
  const std::string time = FormatTime(SystemClock::Instance().WallNow()).substr(11, 8);
  const std::string picture = TopScreen(reply, time + " UTC", screen);
  session.out().Data(has_screen ? Redrawn(picture) : picture);
}

ExitCode FailNobodyOnCall(Session& session, const Error& error) {
  if (ExitCodeOf(error.code) == ExitCode::kUnavailable ||
      error.code == ErrorCode::kUnsupportedVersion) {
    return session.Fail(error,
                        "`lanemq group lag` computes lag without it; `lanemq check cluster` "
                        "tells what is wrong");
  }
  return session.Fail(error);
}

ExitCode Top(Session& session, const TopFlags& flags) {
  const auto interval = ReadWatchInterval(flags.interval);
  if (!interval.ok()) return session.Fail(interval.error());
  const OutputFormat format = session.flags().format;
  if (format == OutputFormat::kJson && !flags.is_once) {
    return session.Fail({ErrorCode::kInvalidRequest, "top prints many documents, json is one"},
                        "--once, or --output jsonl");
  }
  const InterruptGuard interrupt;
  auto reply = Ask(session, flags);
  if (!reply.ok()) return FailNobodyOnCall(session, reply.error());
  const bool has_screen =
      !flags.is_once && format == OutputFormat::kTable && isatty(STDOUT_FILENO) != 0;
  const OwnScreen own(session.out(), has_screen);
  while (true) {
    if (reply.ok()) {
      Draw(session, *reply, has_screen);
    } else if (has_screen) {
      // The picture stays; its first line says that it is old.
      session.out().Data(fmt::format("{}lanemq: {}{}", kHome, MakeVisible(reply.error().ToString()),
                                     kEraseToLineEnd));
    } else {
      session.out().Complain("lanemq: " + MakeVisible(reply.error().ToString()));
    }
    if (!session.out().Flush() || flags.is_once) return ExitCode::kDone;  // `| head` has gone.
    if (!interrupt.Pause(*interval)) return ExitCode::kDone;              // Ctrl-C is how it ends.
    if (format == OutputFormat::kTable && !has_screen) session.out().Data("\n");
    reply = Ask(session, flags);
    if (interrupt.IsInterrupted()) return ExitCode::kDone;
  }
}

}  // namespace

Screen ScreenOf(const Session& session) {
  Screen screen{.columns = 80, .rows = 0, .has_color = session.flags().has_color};
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0) {
    screen.columns = size.ws_col;
    screen.rows = size.ws_row;
  }
  return screen;
}

void AddTopCommand(CLI::App& root, Action& action) {
  const auto flags = std::make_shared<TopFlags>();
  CLI::App* leaf =
      AddLeaf(root, "top", "Watch groups, the worst first, until Ctrl-C", action, flags, Top);
  leaf->add_option("-i,--interval", flags->interval, "Between two pictures, 100ms to 1h (2s)")
      ->type_name("TIME");
  leaf->add_flag("--once", flags->is_once, "One picture of everything");
  leaf->add_option("--owner", flags->owner, "Only groups of this owner")->type_name("NAME");
  leaf->add_option("-g,--group", flags->group, "Only this group")->type_name("GROUP");
  leaf->add_option("-t,--topic", flags->topic, "Only this topic")->type_name("TOPIC");
  leaf->add_flag("--troubled", flags->is_troubled_only, "Only what is in trouble");
  leaf->add_option("-n,--max,--limit", flags->max, "At most so many (what fits)")
      ->type_name("N")
      ->check(CLI::Range(1, kRowsMax));
  Explain(*leaf,
          {"lanemq top", "lanemq top --once --troubled", "lanemq top --owner payments -i 5s",
           "lanemq top --once --output json | jq '.items[] | select(.lag_ms > 60000)'"},
          "lanemq doctor --group GROUP, lanemq alert list");
}

}  // namespace lanemq::cli
