#include "client/cli/text/check_line.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "client/cli/output/table.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t kFindingsShown = 5;  // One line has to be read by a person.

int Severity(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return 0;
    case CheckState::kUnknown:
      return 1;
    case CheckState::kWarning:
      return 2;
    case CheckState::kCritical:
      return 3;
  }
  return 1;
}

std::string_view NameOf(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "OK";
    case CheckState::kWarning:
      return "WARNING";
    case CheckState::kCritical:
      return "CRITICAL";
    case CheckState::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

/// What follows the bar are figures.
std::string WithoutBars(std::string_view text) {
  std::string out = MakeVisible(text);
  std::ranges::replace(out, '|', '/');
  return out;
}

Result<CheckLimit> ReadLimit(std::string_view flag, std::string_view text) {
  CheckLimit limit;
  if (text.empty()) return limit;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size() && count >= 0) {
    limit.count = count;
    return limit;
  }
  const auto age = ParseDuration(text);
  if (!age.ok()) {
    return Error{
        ErrorCode::kInvalidRequest,
        fmt::format("{}: '{}' is neither a count (1000) nor a duration (30s)", flag, text)};
  }
  limit.age = duration_cast<milliseconds>(*age);
  return limit;
}

bool IsOver(const CheckLimit& limit, std::int64_t count, milliseconds age) {
  return (limit.count && count > *limit.count) || (limit.age && age > *limit.age);
}

std::string Number(double value) {
  return value == static_cast<double>(static_cast<std::int64_t>(value))
             ? fmt::format("{}", static_cast<std::int64_t>(value))
             : fmt::format("{:.3f}", value);
}

}  // namespace

CheckState CheckLimits::Judge(std::int64_t count, milliseconds age) const {
  if (IsOver(critical, count, age)) return CheckState::kCritical;
  return IsOver(warning, count, age) ? CheckState::kWarning : CheckState::kOk;
}

Result<CheckLimits> ReadCheckLimits(std::string_view warning, std::string_view critical) {
  CheckLimits limits;
  LANEMQ_ASSIGN_OR_RETURN(limits.warning, ReadLimit("-w", warning));
  LANEMQ_ASSIGN_OR_RETURN(limits.critical, ReadLimit("-c", critical));
  const CheckLimit& w = limits.warning;
  const CheckLimit& c = limits.critical;
  if ((w.count && c.count && *w.count > *c.count) || (w.age && c.age && *w.age > *c.age)) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("-w {} is above -c {}: it would never warn", warning, critical)};
  }
  return limits;
}

void CheckLine::Add(CheckState state, std::string text) {
  if (Severity(state) > Severity(state_)) state_ = state;
  findings_.emplace_back(state, std::move(text));
}

void CheckLine::Measure(std::string label, double value, std::string_view unit,
                        std::optional<double> warning, std::optional<double> critical) {
  // A quote is doubled within quotes; "=" would end the label.
  std::string name;
  for (const char c : WithoutBars(label))
    name += c == '\'' ? "''" : std::string(1, c == '=' ? '_' : c);
  measures_ += fmt::format("{}'{}'={}{}", measures_.empty() ? "" : " ", name, Number(value), unit);
  if (!warning && !critical) return;
  measures_ += ";" + (warning ? Number(*warning) : std::string());
  if (critical) measures_ += ";" + Number(*critical);
}

std::string CheckLine::Text(std::string_view if_fine) const {
  std::vector<std::pair<CheckState, std::string>> findings = findings_;
  std::ranges::stable_sort(
      findings, [](const auto& a, const auto& b) { return Severity(a.first) > Severity(b.first); });
  std::string text;
  for (std::size_t i = 0; i < std::min(findings.size(), kFindingsShown); ++i) {
    text += (i > 0 ? "; " : "") + WithoutBars(findings[i].second);
  }
  if (findings.size() > kFindingsShown) {
    text += fmt::format("; and {} more", findings.size() - kFindingsShown);
  }
  if (text.empty()) text = WithoutBars(if_fine);
  return fmt::format("{} - {}{}{}\n", NameOf(state_), text, measures_.empty() ? "" : " | ",
                     measures_);
}

std::string UnknownLine(std::string_view why) {
  return fmt::format("UNKNOWN - {}\n", WithoutBars(why));
}

}  // namespace lanemq::cli
