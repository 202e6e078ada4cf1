#include "client/cli/apply/diff_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

/// Then it is said how many more there are.
constexpr std::size_t kViolationsShown = 50;

struct Look {
  std::string_view sign;
  std::string_view color;
  std::string_view word;
};

Look LookOf(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::kMade:
      return {"+", "\x1b[32m", "made"};
    case Difference::Kind::kChanged:
      return {"~", "\x1b[33m", "changed"};
    case Difference::Kind::kRemoved:
      return {"-", "\x1b[31m", "removed"};
  }
  return {};
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : MakeVisible(text); }

std::string Signed(std::int64_t number) {
  return fmt::format("{}{}", number < 0 ? "" : "+", FormatCount(number));
}

}  // namespace

std::string DiffText(const std::vector<Difference>& differences, bool has_color) {
  std::string out;
  for (const Difference& difference : differences) {
    const Look look = LookOf(difference.kind);
    const std::string title =
        fmt::format("{} {} {}", look.sign, difference.object_kind, MakeVisible(difference.name));
    out += has_color ? fmt::format("{}{}\x1b[0m\n", look.color, title) : title + "\n";
    std::size_t width = 0;
    for (const FieldDifference& field : difference.fields) {
      width = std::max(width, field.field.size());
    }
    for (const FieldDifference& field : difference.fields) {
      const bool is_new = difference.kind == Difference::Kind::kMade;
      out += fmt::format("    {:<{}}  {}{}\n", MakeVisible(field.field), width,
                         is_new ? "" : OrDash(field.before) + " -> ", OrDash(field.after));
    }
  }
  if (!out.empty()) out += CountText(differences) + "\n";
  return out;
}

Table DiffTable(const std::vector<Difference>& differences) {
  Table table{{"object", "name", "change", "field", "before", "after"}, {}};
  const auto text = [](const std::string& value) {
    return value.empty() ? Cell(std::monostate{}) : Cell(value);
  };
  for (const Difference& difference : differences) {
    const std::string word(LookOf(difference.kind).word);
    for (const FieldDifference& field : difference.fields) {
      table.rows.push_back({difference.object_kind, difference.name, word, field.field,
                            text(field.before), text(field.after)});
    }
    if (difference.fields.empty()) {
      table.rows.push_back({difference.object_kind, difference.name, word, std::monostate{},
                            std::monostate{}, std::monostate{}});
    }
  }
  return table;
}

std::string CountText(const std::vector<Difference>& differences) {
  std::vector<std::string> parts;
  for (const auto& [kind, what] : {std::pair{Difference::Kind::kMade, "to make"},
                                   std::pair{Difference::Kind::kChanged, "to change"},
                                   std::pair{Difference::Kind::kRemoved, "to remove"}}) {
    const auto count = std::ranges::count_if(
        differences, [&](const Difference& difference) { return difference.kind == kind; });
    if (count > 0) parts.push_back(fmt::format("{} {}", FormatCount(count), what));
  }
  return parts.empty() ? "nothing to do" : fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> DecisionLines(const idl::Decision& decision) {
  std::vector<std::string> lines;
  const std::string who = MakeVisible(fmt::format("{}", fmt::join(decision.approvers, "; ")));
  if (decision.kind == "refuse") {
    lines.push_back(
        fmt::format("Refused: {} violations of the policy.",
                    FormatCount(static_cast<std::int64_t>(decision.violations.size()))));
  } else if (decision.kind == "needs_approval") {
    lines.push_back(fmt::format("Needs the yes of {}.", who));
  } else if (decision.__isset.is_break_glass && decision.is_break_glass) {
    lines.push_back(fmt::format("Break glass: applied at once; {} are told.", who));
  } else {
    lines.emplace_back("Allowed: applied at once.");
  }
  std::size_t shown = 0;
  for (const idl::Violation& violation : decision.violations) {
    if (shown++ == kViolationsShown) {
      lines.push_back(fmt::format("  ... and {} more", decision.violations.size() - shown + 1));
      break;
    }
    std::string line =
        fmt::format("  {}: {}: {}; allowed: {}", violation.subject, violation.field,
                    violation.got.empty() ? "nothing" : violation.got, violation.limit);
    if (!violation.why.empty()) line += fmt::format(" ({})", violation.why);
    if (violation.__isset.fix) line += fmt::format("; try: {}", violation.fix);
    lines.push_back(MakeVisible(line));
  }
  const idl::Cost& cost = decision.cost;
  if (cost.partitions != 0 || cost.messages_per_day != 0 || cost.stored_bytes != 0) {
    lines.push_back(fmt::format("Cost: {} partitions, {} messages a day, {} bytes stored.",
                                Signed(cost.partitions), Signed(cost.messages_per_day),
                                Signed(cost.stored_bytes)));
  }
  return lines;
}

}  // namespace lanemq::cli
