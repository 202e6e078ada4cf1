#include "client/cli/app/session.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "client/cli/context/context_file.h"
#include "client/cli/context/session_file.h"
#include "client/cli/output/json_text.h"
#include "common/base/clock.h"

namespace lanemq::cli {

Session::Session(GlobalFlags flags)
    : flags_(std::move(flags)),
      out_({.is_quiet = flags_.is_quiet,
            .is_verbose = flags_.is_verbose,
            .has_progress = isatty(STDERR_FILENO) != 0}) {}

Result<Session::Place> Session::WithoutSession() const {
  LANEMQ_ASSIGN_OR_RETURN(const Contexts contexts, LoadContexts(ContextPath()));
  LANEMQ_ASSIGN_OR_RETURN(auto connection, ResolveConnection(flags_.connection, contexts));
  connection.bootstrap = FindBootstrap(connection.bootstrap);
  std::string key = SessionKey(ContextInForce(flags_.connection, contexts), connection.bootstrap);
  return Place{std::move(connection), std::move(key)};
}

Result<ConnectionSettings> Session::Connection() const {
  LANEMQ_ASSIGN_OR_RETURN(Place place, WithoutSession());
  ConnectionSettings& connection = place.connection;
  const bool says_who = !connection.token.empty() || !connection.token_file.empty() ||
                        !connection.certificate_file.empty();
  if (!says_who) {
    LANEMQ_ASSIGN_OR_RETURN(const KeptSessions kept, LoadSessions(SessionsPath()));
    const auto session = kept.find(place.session_key);
    const WallTime now = SystemClock::Instance().WallNow();
    if (session != kept.end() && now < session->second.expires_at) {
      connection.token = session->second.token;
    }
  }
  return std::move(connection);
}

void Session::Show(const Table& table, std::string_view if_empty) {
  if (table.rows.empty() && !if_empty.empty() && !IsJson()) out_.Note(if_empty);
  out_.Data(Render(table, {flags_.format, flags_.has_headers}));
}

ExitCode Session::Fail(const Error& error, std::string_view hint) {
  out_.Flush();
  const std::string advice = hint.empty() ? HintFor(error.code) : std::string(hint);
  if (IsJson()) {
    out_.Complain(JsonError(NameOf(error.code), error.message, advice));
  } else {
    out_.Complain(fmt::format("lanemq: {} ({})", MakeVisible(error.message), NameOf(error.code)));
    if (!advice.empty()) out_.Complain("  hint: " + advice);
  }
  return ExitCodeOf(error.code);
}

bool Session::Confirm(std::string_view question, ExitCode& refused) {
  if (flags_.is_yes) return true;
  if (isatty(STDIN_FILENO) == 0) {
    refused = Fail({ErrorCode::kInvalidRequest, fmt::format("no terminal to ask on: {}", question)},
                   "--yes answers beforehand");
    return false;
  }
  out_.Flush();
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return true;
  out_.Complain("Nothing was changed.");
  refused = ExitCode::kFailed;
  return false;
}

std::string FindBootstrap(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  std::filesystem::path folder = std::filesystem::current_path(error);
  while (!error && !folder.empty()) {
    std::ifstream file(folder / ".run" / "bootstrap");
    std::string text;
    if (file && std::getline(file, text) && !text.empty()) return text;
    if (folder == folder.root_path()) break;
    folder = folder.parent_path();
  }
  return "127.0.0.1:9650";
}

}  // namespace lanemq::cli
