#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/context/context_scope.h"
#include "client/cli/context/environment.h"
#include "client/cli/output/json_text.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/check_line.h"
#include "client/cli/text/time_text.h"
#include "common/base/log.h"

namespace lanemq::cli {
namespace {

/// The global flags as typed, before they are understood.
struct RawFlags {
  GlobalFlags flags;
  std::string format;
  std::string timeout;
  bool has_no_headers = false;
  bool has_no_color = false;
  bool wants_reference = false;
};

void AddGlobalFlags(CLI::App& root, RawFlags& raw) {
  ConnectionSettings& connection = raw.flags.connection.flags;
  root.add_option("-b,--bootstrap-server", connection.bootstrap,
                  "Servers of the cluster (default: .run/bootstrap) [$LANEMQ_BOOTSTRAP_SERVERS]")
      ->type_name("HOST:PORT,...")
      ->take_last();
  root.add_option("-C,--context", raw.flags.connection.context_flag,
                  "Servers, TLS and token of `lanemq context add` [$LANEMQ_CONTEXT]")
      ->type_name("NAME");
  AddConnectionFlags(root, connection, kTlsFlags);
  root.add_option("--reason", raw.flags.reason, "Of a change: why, for the audit log")
      ->type_name("TEXT");
  root.add_option("--output", raw.format, "table, json, jsonl, name or csv")->type_name("FORMAT");
  root.add_flag("--no-headers", raw.has_no_headers, "Tables without their first line");
  root.add_flag("-q,--quiet", raw.flags.is_quiet, "Only data and errors");
  root.add_flag("-v,--verbose", raw.flags.is_verbose, "Say more on stderr");
  root.add_flag("--no-color", raw.has_no_color, "No colours, like NO_COLOR=1");
  root.add_option("--timeout", raw.timeout, "Give up after this long (default 30s)")
      ->type_name("TIME");
  root.add_flag("-y,--yes", raw.flags.is_yes, "Do not ask");
  root.add_flag("--dry-run", raw.flags.is_dry_run, "Change nothing, say what would be done");
  root.add_flag("--reference", raw.wants_reference)->group("");
}

/// CLI11 leaves these settings to each command.
void Finish(CLI::App& app, const std::shared_ptr<HelpFormatter>& formatter) {
  app.formatter(formatter);
  app.set_help_flag("-h,--help", "Show this");
  for (CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    child->fallthrough();
    Finish(*child, formatter);
  }
}

Status Understand(RawFlags& raw) {
  GlobalFlags& flags = raw.flags;
  if (!raw.format.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(flags.format, ParseOutputFormat(raw.format));
    flags.has_format = true;
  }
  LANEMQ_RETURN_IF_ERROR(AddEnvironment(flags.connection));
  if (flags.reason.size() > GlobalFlags::kReasonBytesMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("--reason has {} bytes; {} is the most", flags.reason.size(),
                             GlobalFlags::kReasonBytesMax)};
  }
  if (!raw.timeout.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(flags.timeout, ParseDuration(raw.timeout));
  }
  flags.has_headers = !raw.has_no_headers;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  flags.has_color = !raw.has_no_color && !is_dumb && isatty(STDOUT_FILENO) != 0 &&
                    (no_color == nullptr || *no_color == '\0');
  return {};
}

int FailUsage(const RawFlags& raw, const std::string& command, const std::string& message) {
  const std::string hint = command + " --help";
  if (command.starts_with("lanemq check")) {  // 2 would be CRITICAL to those who call it.
    fmt::print("{}", UnknownLine(message + "; see: " + hint));
    return static_cast<int>(CheckState::kUnknown);
  }
  if (raw.format.starts_with("json")) {
    fmt::print(stderr, "{}\n", JsonError("INVALID_REQUEST", message, hint));
  } else {
    fmt::print(stderr, "{}: {}\n  see: {}\n", command, MakeVisible(message), hint);
  }
  return static_cast<int>(ExitCode::kUsage);
}

int Run(int argc, char** argv) {
  IgnoreBrokenPipes();
  RawFlags raw;
  Action action;
  CLI::App root("LaneMQ: a message queue whose log is MySQL tables", "lanemq");
  root.require_subcommand(0, 1);
  AddTopicCommands(root, action);
  AddProduceCommand(root, action);
  AddConsumeCommand(root, action);
  AddMessageCommands(root, action);
  AddGroupCommands(root, action);
  AddDlqCommands(root, action);
  AddDelayedCommands(root, action);
  AddOutboxCommands(root, action);
  AddBrokerCommands(root, action);
  AddServerCommands(root, action);
  AddNodeCommands(root, action);
  AddMoveCommands(root, action);
  AddBenchCommands(root, action);
  AddDoctorCommand(root, action);
  AddSlowCommand(root, action);
  AddTopCommand(root, action);
  AddCheckCommands(root, action);
  AddAlertCommands(root, action);
  AddAccessCommands(root, action);
  AddApplyCommands(root, action);
  AddContextCommands(root, action);
  AddGlobalFlags(root, raw);
  Explain(root,
          {"lanemq topic create orders -p 8", "echo hello | lanemq produce orders -k customer-1",
           "lanemq consume orders -o start -e -f '%p/%o %k: %v\\n'"},
          "docs/OPERATING.md, docs/GUARANTEES.md");
  root.set_version_flag("--version", "lanemq " LANEMQ_VERSION, "Show the version");
  Finish(root, std::make_shared<HelpFormatter>());

  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help and --version.
    return root.exit(success);
  } catch (const CLI::ParseError& error) {
    return FailUsage(raw, CommandPath(root), ExplainParseError(root, error));
  }
  if (raw.wants_reference) {
    fmt::print("{}", ReferencePage(root));
    return 0;
  }
  if (const Status understood = Understand(raw); !understood.ok()) {
    return FailUsage(raw, CommandPath(root), understood.error().message);
  }
  if (!action) {
    const CLI::App* group = root.get_subcommands().empty() ? &root : root.get_subcommands().front();
    if (group->get_name() == "check") return FailUsage(raw, "lanemq check", "say what to check");
    fmt::print(stderr, "{}", group->help());
    return static_cast<int>(ExitCode::kUsage);
  }
  SetUpLogging("lanemq", raw.flags.is_verbose ? LogLevel::INFO : LogLevel::ERROR);
  Session session(raw.flags);
  const ExitCode code = action(session);
  session.out().Flush();
  return static_cast<int>(code);
}

}  // namespace
}  // namespace lanemq::cli

int main(int argc, char** argv) { return lanemq::cli::Run(argc, argv); }
