#include "client/cli/output/cells.h"

#include <variant>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {

Cell TextCell(bool is_set, const std::string& text) {
  if (!is_set || text.empty()) return std::monostate{};
  return MakeVisible(text);
}

Cell NumberCell(bool is_set, std::int64_t number) {
  if (!is_set) return std::monostate{};
  return number;
}

Cell TimeCell(bool is_set, std::int64_t micros) {
  if (!is_set) return std::monostate{};
  return FormatTime(WallTime{micros});
}

}  // namespace lanemq::cli
