#include "client/cli/apply/yaml_fields.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kComparedBytesMax = 64;

}  // namespace

void Faults::Add(const Place& place, std::string_view what) {
  Add(fmt::format("{}:{}: {}", place.file, place.line, what));
}

void Faults::Add(std::string line) {
  if (++count_ <= kMax) lines_.push_back(std::move(line));
}

std::string Instead(std::string_view typed, const std::vector<std::string>& names) {
  if (const auto near = Suggest(typed.substr(0, kComparedBytesMax), names)) {
    return fmt::format("; did you mean '{}'?", *near);
  }
  return fmt::format("; there are {}", fmt::join(names, ", "));
}

Fields::Fields(const YamlNode& map, const std::string& file, std::string what, Faults& faults)
    : map_(map), file_(file), what_(std::move(what)), faults_(faults) {
  if (map_.kind != Kind::kMap) Fault("not a map");
}

const YamlNode* Fields::Find(const std::string& key) {
  known_.push_back(key);
  const auto found =
      std::ranges::find_if(map_.entries, [&](const YamlEntry& entry) { return entry.key == key; });
  return found == map_.entries.end() ? nullptr : &found->value;
}

void Fields::Read(const std::string& key, std::optional<std::string>& out) {
  const YamlNode* const value = Find(key);
  if (value == nullptr) return;
  if (value->kind != Kind::kScalar && value->kind != Kind::kNull) {
    return Fault(value->line, key + " is not a text");
  }
  out = value->text;
}

void Fields::ReadNeeded(const std::string& key, std::string& out) {
  std::optional<std::string> text;
  const std::size_t before = faults_.count();
  Read(key, text);
  if (faults_.count() != before) return;
  if (!text || text->empty()) return Fault(key + " is missing");
  out = *text;
}

void Fields::Read(const std::string& key, std::optional<std::vector<std::string>>& out) {
  const YamlNode* const value = Find(key);
  if (value == nullptr) return;
  if (value->kind != Kind::kList && value->kind != Kind::kNull) {
    return Fault(value->line, key + " is not a list, as in [a, b]");
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : value->items) {
    if (item.kind != Kind::kScalar || item.text.empty()) {
      return Fault(item.line, key + " has something that is no text");
    }
    texts.push_back(item.text);
  }
  out = std::move(texts);
}

void Fields::Finish() {
  for (const YamlEntry& entry : map_.entries) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    Fault(entry.line,
          fmt::format("{} has no field '{}'{}", what_, entry.key, Instead(entry.key, known_)));
  }
}

}  // namespace lanemq::cli
