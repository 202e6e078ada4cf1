#include "tests/checker/checker.h"

#include <fmt/format.h>

#include "tests/checker/facts.h"

namespace lanemq::checker {

std::string_view NameOf(Rule rule) {
  switch (rule) {
#define LANEMQ_X(enumerator, name, meaning) \
  case Rule::enumerator:                    \
    return name;
    LANEMQ_CHECKER_RULES(LANEMQ_X)
#undef LANEMQ_X
  }
  return "?";
}

std::string_view MeaningOf(Rule rule) {
  switch (rule) {
#define LANEMQ_X(enumerator, name, meaning) \
  case Rule::enumerator:                    \
    return meaning;
    LANEMQ_CHECKER_RULES(LANEMQ_X)
#undef LANEMQ_X
  }
  return "?";
}

Report Check(const History& history, const CheckOptions& options) {
  const Facts facts = IndexHistory(history, options);
  Report report;
  for (std::size_t p = 0; p < facts.sends.size(); ++p) {
    for (std::size_t n = 0; n < facts.sends[p].size(); ++n) {
      const Outcome outcome = facts.sends[p][n].outcome;
      ++report.sent;
      if (outcome == Outcome::kAcked) ++report.acked;
      if (outcome == Outcome::kFailed) ++report.failed;
      if (outcome != Outcome::kUnknown) continue;
      ++report.unknown;
      if (!facts.places[p][n].empty()) ++report.unknown_stored;
    }
  }
  for (const ReaderEvents& reader : facts.readers) {
    report.reads += static_cast<std::int64_t>(reader.reads.size());
  }
  for (const auto& [partition, log] : facts.logs) {
    report.log_length += static_cast<std::int64_t>(log.size());
  }
  Violations violations(report, options.shown_max);
  CheckLost(facts, violations);
  CheckReaders(facts, violations);
  CheckHoles(facts, violations);
  CheckContents(facts, violations);
  CheckPlaces(facts, violations);
  CheckKeyOrder(facts, violations);
  CheckRealTime(facts, violations);
  CheckCommits(facts, violations);
  return report;
}

std::string Report::ToString() const {
  std::string text = fmt::format(
      "{}: sent {} (acked {}, failed {}, unknown {} of which stored {}), log {}, reads {}\n",
      ok() ? "sound" : "BROKEN", sent, acked, failed, unknown, unknown_stored, log_length, reads);
  for (const auto& [rule, count] : counts) {
    text += fmt::format("  {} x {}: {}\n", count, NameOf(rule), MeaningOf(rule));
    for (const std::string& line : shown.at(rule)) text += "    " + line + "\n";
    const auto hidden = count - static_cast<std::int64_t>(shown.at(rule).size());
    if (hidden > 0) text += fmt::format("    ... and {} more\n", hidden);
  }
  return text;
}

}  // namespace lanemq::checker
