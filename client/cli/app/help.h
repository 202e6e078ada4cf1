#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace lanemq::cli {

/// Groups of flags and commands that help names on a line instead of explaining each.
inline constexpr char kTlsFlags[] = "TLS and tokens";
inline constexpr char kAccessCommands[] = "Who may do what";
inline constexpr char kAsCodeCommands[] = "From and to files";
inline constexpr char kMoveCommands[] = "Between data nodes";

/// Help of at most one screen: what it does, usage, examples, flags, where to read on.
class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

/// Sets what comes before the flags (runnable commands) and after them.
void Explain(CLI::App& app, const std::vector<std::string>& examples,
             std::string_view see_also = {});

/// One sentence for a parse error, with the nearest existing word: "unknown command 'lsit' (did you
/// mean 'list'?)".
[[nodiscard]] std::string ExplainParseError(const CLI::App& root, const CLI::ParseError& error);

/// The command that was being parsed: "lanemq topic create".
[[nodiscard]] std::string CommandPath(const CLI::App& root);

/// Every command's help as one Markdown page: docs/reference/cli.md.
[[nodiscard]] std::string ReferencePage(const CLI::App& root);

}  // namespace lanemq::cli
