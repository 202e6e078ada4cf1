#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client/cli/context/connection_settings.h"
#include "client/cli/exit_code.h"
#include "client/cli/output/table.h"
#include "client/cli/terminal/output.h"
#include "common/base/result.h"

namespace lanemq::cli {

/// The flags every command has.
struct GlobalFlags {
  ConnectionSources connection;
  std::string reason;  ///< Of changes, for the audit log; at most kReasonBytesMax.
  OutputFormat format = OutputFormat::kTable;
  bool has_format = false;  ///< --output was given.
  bool has_headers = true;
  bool is_quiet = false;
  bool is_verbose = false;
  bool has_color = false;
  bool is_yes = false;
  bool is_dry_run = false;
  std::chrono::microseconds timeout = std::chrono::seconds(30);

  static constexpr std::size_t kReasonBytesMax = 500;
};

/// What a command needs to run: flags, where to write, how to fail.
/// Not thread-safe; one owner.
class Session {
 public:
  explicit Session(GlobalFlags flags);

  [[nodiscard]] const GlobalFlags& flags() const { return flags_; }
  [[nodiscard]] Output& out() { return out_; }
  [[nodiscard]] bool IsJson() const {
    return flags_.format == OutputFormat::kJson || flags_.format == OutputFormat::kJsonLines;
  }

  /// Where the cluster is, how to get at it and as whom: flags, environment, contexts, and where
  /// those say nothing of whom, the session that `lanemq login` has kept. Reads the files of both.
  /// kInvalidRequest: see ResolveConnection(); kInvalidConfig: a file is damaged.
  [[nodiscard]] Result<ConnectionSettings> Connection() const;
  /// The same without a session, and the place that one has in the file.
  struct Place {
    ConnectionSettings connection;
    std::string session_key;
  };
  [[nodiscard]] Result<Place> WithoutSession() const;
  /// Prints `table` in the chosen format. `if_empty` is noted when it has no rows.
  void Show(const Table& table, std::string_view if_empty = {});
  /// Complains about `error` (as JSON with --output json) and returns what to exit with.
  ExitCode Fail(const Error& error, std::string_view hint = {});
  /// Asks on the terminal; the default is no, --yes answers yes. When false, `refused` is what to
  /// exit with: kUsage where there is no terminal to ask on.
  [[nodiscard]] bool Confirm(std::string_view question, ExitCode& refused);

 private:
  const GlobalFlags flags_;
  Output out_;
};

/// Where the cluster is: `given`, else the file .run/bootstrap of this folder or one above it, else
/// 127.0.0.1:9650.
[[nodiscard]] std::string FindBootstrap(const std::string& given);

}  // namespace lanemq::cli
