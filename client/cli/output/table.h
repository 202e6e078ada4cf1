#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace lanemq::cli {

enum class OutputFormat { kTable, kJson, kJsonLines, kName, kCsv };

/// One value. Ids and offsets are strings in JSON, since JavaScript rounds large numbers.
struct Id {
  std::int64_t value = 0;
};
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, bool, Id>;

/// Rows to show. The first column is what `--output name` prints.
struct Table {
  /// snake_case, as in JSON; shown as UPPER-CASE headings.
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

struct TableStyle {
  OutputFormat format = OutputFormat::kTable;
  bool has_headers = true;
};

/// `table` as text, with a line end at its end unless it is empty.
///
/// table: aligned columns, numbers to the right, "-" for absent, control characters made visible.
/// json: one document {"items": [...]}. jsonl: an object a line. csv: RFC 4180. name: first column.
[[nodiscard]] std::string Render(const Table& table, const TableStyle& style);

/// "table", "json", "jsonl", "name" or "csv".
[[nodiscard]] Result<OutputFormat> ParseOutputFormat(std::string_view text);

/// Control characters as \n, \t, \xHH, so that no message can drive the terminal.
[[nodiscard]] std::string MakeVisible(std::string_view text);

}  // namespace lanemq::cli
