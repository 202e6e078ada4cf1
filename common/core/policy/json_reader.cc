#include "common/core/policy/json_reader.h"

#include <algorithm>
#include <limits>

#include "common/core/types/edit_distance.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kComparedBytesMax = 64;
constexpr std::size_t kFaultsBytesMax = std::size_t{4} << 10;
constexpr std::string_view kMoreFaults = "; and more";

}  // namespace

std::string_view NearestName(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string_view cut = wanted.substr(0, kComparedBytesMax);
  return *std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return EditDistance(cut, a) < EditDistance(cut, b);
  });
}

bool IsDeeperThan(std::string_view text, std::size_t depth_max) {
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

void JsonReader::Fault(std::string_view what, std::string_view key) {
  if (faults_.size() > kFaultsBytesMax) {
    if (!faults_.ends_with(kMoreFaults)) faults_ += kMoreFaults;
    return;
  }
  std::string place = path_;
  if (!key.empty()) place += (place.empty() ? "" : ".") + std::string(key);
  if (!faults_.empty()) faults_ += "; ";
  faults_ += (place.empty() ? "it" : place) + " " + std::string(what);
}

const JsonReader::Json* JsonReader::Find(const char* key) {
  known_.emplace_back(key);
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void JsonReader::Read(const char* key, bool& out) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return Fault("is neither true nor false", key);
  out = value->get<bool>();
}

void JsonReader::Read(const char* key, std::string& out) {
  std::optional<std::string> text;
  Read(key, text);
  if (text) out = *std::move(text);
}

void JsonReader::Read(const char* key, std::optional<std::string>& out) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return Fault("is not a text", key);
  out = value->get<std::string>();
}

void JsonReader::Read(const char* key, std::int32_t& out) {
  std::optional<std::int64_t> number;
  Read(key, number);
  if (!number) return;
  if (*number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max()) {
    return Fault("is beyond what such a number can be", key);
  }
  out = static_cast<std::int32_t>(*number);
}

void JsonReader::Read(const char* key, std::int64_t& out) {
  std::optional<std::int64_t> number = out;
  Read(key, number);
  out = number.value_or(out);
}

void JsonReader::Read(const char* key, std::optional<std::int64_t>& out) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  const bool is_large = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
  if (!value->is_number_integer() || is_large) return Fault("is not a whole number", key);
  out = value->get<std::int64_t>();
}

void JsonReader::Read(const char* key, std::vector<std::string>& out) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  std::vector<std::string> texts;
  if (!value->is_array()) return Fault("is not a list", key);
  for (const Json& element : *value) {
    if (!element.is_string()) return Fault("has an element that is not a text", key);
    texts.push_back(element.get<std::string>());
  }
  out = std::move(texts);
}

void JsonReader::ReadNeeded(const char* key, std::string& out) {
  const Json* const value = Find(key);
  if (value == nullptr) return Fault("is missing", key);
  if (!value->is_string()) return Fault("is not a text", key);
  out = value->get<std::string>();
  if (out.empty()) Fault("is empty", key);
}

void JsonReader::Finish() {
  if (!object_.is_object()) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    // What is not told need not be compared with every name there is.
    if (faults_.size() > kFaultsBytesMax) return Fault("has no such field", key);
    Fault(
        fmt::format("has no field {}; did you mean '{}'?", Quoted(key), NearestName(key, known_)));
  }
}

}  // namespace lanemq::core
