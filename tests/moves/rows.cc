#include "tests/moves/rows.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lanemq::moves {
namespace {

constexpr std::size_t kRowBytesShown = 160;

void Tell(const char* what, const Rows& rows, std::size_t shown_max, std::string& text) {
  if (rows.empty()) return;
  text += fmt::format("{} {}:\n", rows.size(), what);
  for (std::size_t i = 0; i < std::min(rows.size(), shown_max); ++i) {
    text += "  " + rows[i].substr(0, kRowBytesShown) + "\n";
  }
}

}  // namespace

std::string DifferencesOf(const Rows& before, const Rows& after, bool is_ordered,
                          std::size_t shown_max) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& row : before) ++counts[row];
  const std::map<std::string, std::int64_t> known = counts;
  for (const std::string& row : after) --counts[row];
  Rows missing;
  Rows unknown;
  Rows repeated;
  for (const auto& [row, left] : counts) {
    if (left > 0) missing.push_back(row);
    if (left < 0) (known.contains(row) ? repeated : unknown).push_back(row);
  }
  std::string text;
  Tell("missing", missing, shown_max, text);
  Tell("not there before", unknown, shown_max, text);
  Tell("more often than before", repeated, shown_max, text);
  if (!text.empty() || !is_ordered) return text;
  const auto [here, there] = std::ranges::mismatch(before, after);
  if (here == before.end()) return text;
  return fmt::format("in another order, first: {}\n", here->substr(0, kRowBytesShown));
}

Rows LinesOf(const std::string& text) {
  Rows rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) rows.push_back(line);
  return rows;
}

}  // namespace lanemq::moves
