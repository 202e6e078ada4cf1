#include "portal/api/routes/yaml.h"

#include <algorithm>
#include <cctype>

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

// Names that YAML could not take for anything else.
bool IsPlainName(const std::string& name) {
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
         name != "null" && name != "true" && name != "false" && std::ranges::all_of(name, is_plain);
}

bool IsBlock(const Json& value) { return value.is_structured() && !value.empty(); }

void Write(const Json& value, std::size_t indent, std::string& out) {
  const std::string room(indent, ' ');
  if (value.is_array()) {
    for (const Json& item : value) {
      std::string inner;
      Write(item, indent + 2, inner);
      out += room + "- " + (IsBlock(item) ? inner.substr(indent + 2) : inner);
    }
    return;
  }
  if (!value.is_object() || value.empty()) {
    out += value.dump() + "\n";
    return;
  }
  for (const auto& [name, member] : value.items()) {
    out += room + (IsPlainName(name) ? name : Json(name).dump()) + ":";
    out += IsBlock(member) ? "\n" : " ";
    if (member.is_array() && member.empty()) {
      out += "[]\n";
    } else {
      Write(member, indent + 2, out);
    }
  }
}

}  // namespace

std::string ToYaml(const Json& document) {
  std::string out;
  Write(document, 0, out);
  return out;
}

}  // namespace lanemq::portal
