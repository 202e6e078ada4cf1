#include "client/cli/app/help.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kFlagColumn = 28;
constexpr std::size_t kCommandColumn = 16;
constexpr std::size_t kLineColumns = 100;
// Separates examples from the "see also" line in CLI11's one free text field.
constexpr char kFooterSeparator = '\x1f';

/// Named with the others of its group on a line.
bool IsOnALine(const std::string& group) {
  return group == kTlsFlags || group == kAccessCommands || group == kAsCodeCommands ||
         group == kMoveCommands;
}

std::vector<const CLI::App*> ChildrenOf(const CLI::App* app) {
  return app->get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); });
}

/// "-p, --partitions N".
std::string FlagText(const CLI::Option* option) {
  std::string text;
  const auto add = [&text](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  for (const std::string& name : option->get_snames()) add("-" + name);
  for (const std::string& name : option->get_lnames()) add("--" + name);
  if (option->get_snames().empty()) text = "    " + text;
  if (option->get_type_size() > 0 && !option->get_type_name().empty()) {
    text += " " + option->get_type_name();
    // CLI11 appends what values are allowed.
    for (const std::string_view check : {":NONNEGATIVE", ":POSITIVE", ":INT in "}) {
      text.resize(std::min(text.find(check), text.size()));
    }
  }
  return text;
}

void AppendAligned(std::string& out, std::size_t column, const std::string& left,
                   const std::string& right) {
  if (left.size() + 1 > column) {
    out += fmt::format("  {}\n  {:{}}{}\n", left, "", column, right);
  } else {
    out += fmt::format("  {:<{}}{}\n", left, column, right);
  }
}

/// "  TITLE: a, b, c (HOW)", wrapped.
void AppendLine(std::string& out, const std::string& title, const std::vector<std::string>& names,
                std::string_view how) {
  if (names.empty()) return;
  std::string line = "  " + title + ":";
  const auto append = [&](const std::string& word) {
    if (line.size() + 1 + word.size() > kLineColumns) {
      out += line + "\n";
      line = "   ";
    }
    line += " " + word;
  };
  for (const std::string& name : names) append(name + (&name == &names.back() ? "" : ","));
  append(fmt::format("({})", how));
  out += line + "\n";
}

void AppendFlags(std::string& out, const CLI::App* app) {
  const auto flags = app->get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
  if (flags.empty()) return;
  out += "\nFlags:\n";
  std::vector<std::string> on_a_line;
  for (const CLI::Option* flag : flags) {
    if (IsOnALine(flag->get_group())) {
      on_a_line.push_back("--" + flag->get_lnames().front());
      continue;
    }
    std::string text = flag->get_description();
    if (!flag->get_envname().empty()) text += " [$" + flag->get_envname() + "]";
    AppendAligned(out, kFlagColumn, FlagText(flag), text);
  }
  AppendLine(out, kTlsFlags, on_a_line, "lanemq context add --help");
}

void AppendCommands(std::string& out, const CLI::App* app) {
  const auto children = ChildrenOf(app);
  if (children.empty()) return;
  out += "\nCommands:\n";
  std::map<std::string, std::vector<std::string>> on_a_line;
  for (const CLI::App* child : children) {
    if (IsOnALine(child->get_group())) {
      on_a_line[child->get_group()].push_back(child->get_name());
    } else {
      AppendAligned(out, kCommandColumn, child->get_name(), child->get_description());
    }
  }
  for (const char* const group : {kMoveCommands, kAccessCommands, kAsCodeCommands}) {
    AppendLine(out, group, on_a_line[group], "lanemq COMMAND --help");
  }
}

std::string UsageOf(const CLI::App* app, const std::string& name) {
  std::string text = "Usage: " + name;
  for (const CLI::Option* positional :
       app->get_options([](const CLI::Option* option) { return option->get_positional(); })) {
    const std::string dots = positional->get_expected_max() > 1 ? "..." : "";
    const std::string word = positional->get_name() + dots;
    text += positional->get_required() ? " " + word : " [" + word + "]";
  }
  if (!ChildrenOf(app).empty()) text += " COMMAND";
  return text + " [flags]\n";
}

const CLI::App* DeepestParsed(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

std::string PathOf(const CLI::App* app) {
  std::string path = app->get_name();
  for (app = app->get_parent(); app != nullptr; app = app->get_parent()) {
    path = app->get_name() + " " + path;
  }
  return path;
}

std::vector<std::string> FlagsOf(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

void AppendReference(std::string& out, const CLI::App* app) {
  const std::string path = PathOf(app);
  // CLI11 appends the command's own name.
  const std::string parent = app->get_parent() == nullptr ? "" : PathOf(app->get_parent());
  const auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), ' '));
  out +=
      fmt::format("\n{} {}\n\n```\n{}```\n", std::string(std::min<std::size_t>(depth, 1) + 2, '#'),
                  path, app->help(parent));
  for (const CLI::App* child : ChildrenOf(app)) AppendReference(out, child);
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode /*mode*/) const {
  if (name.empty() || name.find(' ') == std::string::npos) name = PathOf(app);
  const std::string footer = app->get_footer();
  const std::size_t cut = std::min(footer.find(kFooterSeparator), footer.size());

  std::string out = app->get_description() + "\n\n" + UsageOf(app, name);
  if (cut > 0) out += "\nExamples:\n" + footer.substr(0, cut);
  AppendCommands(out, app);
  AppendFlags(out, app);
  if (app->get_parent() != nullptr) out += "\nFlags of every command: lanemq --help\n";
  if (cut + 1 < footer.size()) out += "See also: " + footer.substr(cut + 1) + "\n";
  return out;
}

void Explain(CLI::App& app, const std::vector<std::string>& examples, std::string_view see_also) {
  std::string text;
  for (const std::string& example : examples) text += "  " + example + "\n";
  text += kFooterSeparator;
  text += see_also;
  app.footer(text);
}

std::string CommandPath(const CLI::App& root) { return PathOf(DeepestParsed(root)); }

std::string ExplainParseError(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App* app = DeepestParsed(root);
  std::vector<std::string> left = app->remaining();
  if (left.empty()) left = root.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || left.empty()) return error.what();

  const std::string& word = left.front();
  const bool is_flag = word.starts_with('-');
  std::vector<std::string> known = is_flag ? FlagsOf(app) : std::vector<std::string>{};
  for (const CLI::App* child : ChildrenOf(app)) {
    if (!is_flag) known.push_back(child->get_name());
  }
  if (!is_flag && known.empty()) return fmt::format("'{}' is one argument too many", word);
  const auto near = Suggest(word.substr(0, word.find('=')), known);
  return fmt::format("unknown {} '{}'{}", is_flag ? "flag" : "command", word,
                     near ? fmt::format(" (did you mean '{}'?)", *near) : "");
}

std::string ReferencePage(const CLI::App& root) {
  std::string out =
      "# Command line\n\nGenerated from `lanemq --help`; `scripts/generate_reference.py` writes it "
      "anew.\n";
  AppendReference(out, &root);
  return out;
}

}  // namespace lanemq::cli
