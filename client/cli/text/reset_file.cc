#include "client/cli/text/reset_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lanemq::cli {
namespace {

using Offsets = std::map<PartitionName, std::int64_t>;

// What is wanted comes before what was.
constexpr std::array<std::string_view, 4> kOffsetNames{"new_offset", "offset", "committed_offset",
                                                       "current_offset"};

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && number >= 0;
}

struct Columns {
  std::size_t topic = 0;
  std::size_t partition = 1;
  std::size_t offset = 2;
};

/// nullopt: the line does not name columns.
std::optional<Columns> ParseHeading(const std::vector<std::string_view>& fields) {
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(fields, name) - fields.begin());
  };
  Columns columns{column("topic"), column("partition"), fields.size()};
  for (const std::string_view name : kOffsetNames) {
    if (columns.offset == fields.size()) columns.offset = column(name);
  }
  if (std::max({columns.topic, columns.partition, columns.offset}) >= fields.size()) {
    return std::nullopt;
  }
  return columns;
}

Status Add(Offsets& offsets, PartitionName name, std::int64_t offset) {
  if (name.first.empty()) return Bad("the topic is empty");
  if (!offsets.emplace(name, offset).second) {
    return Bad(fmt::format("{}/{} is there twice", name.first, name.second));
  }
  return {};
}

Status AddLine(Offsets& offsets, const Columns& columns,
               const std::vector<std::string_view>& fields) {
  if (std::max({columns.topic, columns.partition, columns.offset}) >= fields.size()) {
    return Bad("expected topic,partition,offset");
  }
  if (fields[columns.offset].empty()) return {};
  PartitionName name{fields[columns.topic], 0};
  std::int64_t offset = 0;
  if (!ParseNumber(fields[columns.partition], name.second)) return Bad("not a partition number");
  if (!ParseNumber(fields[columns.offset], offset)) return Bad("not an offset");
  return Add(offsets, std::move(name), offset);
}

Result<Offsets> ParseCsv(std::string_view text) {
  Offsets offsets;
  Columns columns;
  bool is_first = true;
  std::size_t number = 0;
  for (std::string_view line : SplitAt(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = SplitAt(line, ',');
    if (std::exchange(is_first, false)) {
      if (const auto heading = ParseHeading(fields)) {
        columns = *heading;
        continue;
      }
    }
    if (const Status added = AddLine(offsets, columns, fields); !added.ok()) {
      return Bad(fmt::format("line {}: {}", number, added.error().message));
    }
  }
  return offsets;
}

/// A number, also when it is written as a string (as offsets are in our own JSON).
std::optional<std::int64_t> NumberOf(const nlohmann::json& value) {
  std::int64_t number = 0;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    return ParseNumber(*text, number) ? std::optional(number) : std::nullopt;
  }
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto big = value.get<std::uint64_t>();
  if (big > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  return static_cast<std::int64_t>(big);
}

Status AddEntry(Offsets& offsets, const nlohmann::json& entry) {
  const auto find = [&](std::string_view name) {
    const auto found = entry.find(std::string(name));
    return found == entry.end() ? nullptr : &*found;
  };
  if (!entry.is_object() || find("topic") == nullptr || find("partition") == nullptr) {
    return Bad("expected topic, partition and offset");
  }
  const nlohmann::json* offset = nullptr;
  for (const std::string_view name : kOffsetNames) {
    if (offset == nullptr) offset = find(name);
  }
  if (offset == nullptr) return Bad("expected topic, partition and offset");
  if (offset->is_null()) return {};
  const auto* const topic = find("topic")->get_ptr<const std::string*>();
  if (topic == nullptr) return Bad("the topic is not a string");
  const auto partition = NumberOf(*find("partition"));
  if (!partition || *partition > std::numeric_limits<std::int32_t>::max()) {
    return Bad("not a partition number");
  }
  const auto number = NumberOf(*offset);
  if (!number) return Bad("not an offset");
  return Add(offsets, {*topic, static_cast<std::int32_t>(*partition)}, *number);
}

Result<Offsets> ParseJson(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return Bad("begins like JSON but is none");
  const nlohmann::json* list = &document;
  for (const char* const name : {"partitions", "items"}) {
    if (document.is_object() && document.contains(name)) {
      list = &document[name];
      break;
    }
  }
  if (!list->is_array()) return Bad("has no list of \"partitions\"");
  Offsets offsets;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (const Status added = AddEntry(offsets, (*list)[i]); !added.ok()) {
      return Bad(fmt::format("entry {}: {}", i + 1, added.error().message));
    }
  }
  return offsets;
}

}  // namespace

Result<std::map<PartitionName, std::int64_t>> ParseResetFile(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const bool is_json =
      begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
  auto offsets = is_json ? ParseJson(text) : ParseCsv(text);
  if (offsets.ok() && offsets->empty()) return Bad("names no partition with an offset");
  return offsets;
}

}  // namespace lanemq::cli
