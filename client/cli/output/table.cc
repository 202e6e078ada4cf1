#include "client/cli/output/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/suggest.h"
#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

std::string PlainText(const Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{:.1f}", number); }
    std::string operator()(bool is_true) const { return is_true ? "yes" : "no"; }
    std::string operator()(Id id) const { return std::to_string(id.value); }
  };
  return std::visit(Visitor{}, cell);
}

bool IsNumber(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell) ||
         std::holds_alternative<Id>(cell);
}

/// Columns a terminal needs for `text`: its code points (close enough for names and numbers).
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Heading(std::string name) {
  for (char& c : name) {
    c = c == '_' ? '-' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

void AppendAligned(std::string& out, const std::vector<std::string>& texts,
                   const std::vector<std::size_t>& widths, const std::vector<bool>& is_right) {
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string padding(widths[i] - Width(texts[i]), ' ');
    if (i > 0) line += "  ";
    line += is_right[i] ? padding + texts[i] : texts[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

std::string RenderAligned(const Table& table, bool has_headers) {
  if (table.rows.empty()) return {};
  const std::size_t columns = table.columns.size();
  std::vector<std::string> headings;
  std::vector<std::size_t> widths(columns, 1);
  std::vector<bool> is_right(columns, false);
  for (std::size_t i = 0; i < columns; ++i) {
    headings.push_back(Heading(table.columns[i]));
    if (has_headers) widths[i] = Width(headings[i]);
  }
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : table.rows) {
    std::vector<std::string> line;
    for (std::size_t i = 0; i < columns; ++i) {
      line.push_back(MakeVisible(PlainText(row[i])));
      if (line.back().empty()) line.back() = "-";
      widths[i] = std::max(widths[i], Width(line.back()));
      if (IsNumber(row[i])) is_right[i] = true;
    }
    lines.push_back(std::move(line));
  }
  std::string out;
  if (has_headers) AppendAligned(out, headings, widths, is_right);
  for (const auto& line : lines) AppendAligned(out, line, widths, is_right);
  return out;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string RenderCsv(const Table& table, bool has_headers) {
  std::string out;
  const auto append = [&](const auto& fields, const auto& text_of) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out += ',';
      out += CsvField(text_of(fields[i]));
    }
    out += "\n";
  };
  if (has_headers) append(table.columns, [](const std::string& name) { return name; });
  for (const auto& row : table.rows) append(row, PlainText);
  return out;
}

}  // namespace

std::string MakeVisible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (IsUtf8(out)) return out;
  std::string ascii;
  for (const char c : out) {
    const auto byte = static_cast<unsigned char>(c);
    ascii += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return ascii;
}

std::string Render(const Table& table, const TableStyle& style) {
  std::string out;
  switch (style.format) {
    case OutputFormat::kTable:
      return RenderAligned(table, style.has_headers);
    case OutputFormat::kCsv:
      return RenderCsv(table, style.has_headers);
    case OutputFormat::kJson:
      out = "{\"items\":[";
      for (std::size_t row = 0; row < table.rows.size(); ++row) {
        out += (row > 0 ? ",\n  " : "\n  ") + JsonRow(table, row);
      }
      return out + (table.rows.empty() ? "]}\n" : "\n]}\n");
    case OutputFormat::kJsonLines:
      for (std::size_t row = 0; row < table.rows.size(); ++row) out += JsonRow(table, row) + "\n";
      return out;
    case OutputFormat::kName:
      for (const auto& row : table.rows) out += MakeVisible(PlainText(row[0])) + "\n";
      return out;
  }
  return out;
}

Result<OutputFormat> ParseOutputFormat(std::string_view text) {
  if (text == "table") return OutputFormat::kTable;
  if (text == "json") return OutputFormat::kJson;
  if (text == "jsonl") return OutputFormat::kJsonLines;
  if (text == "name") return OutputFormat::kName;
  if (text == "csv") return OutputFormat::kCsv;
  const auto near = Suggest(text, {"table", "json", "jsonl", "name", "csv"});
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("unknown output '{}'; there are table, json, jsonl, name and csv{}",
                           text, near ? fmt::format(" (did you mean '{}'?)", *near) : "")};
}

}  // namespace lanemq::cli
