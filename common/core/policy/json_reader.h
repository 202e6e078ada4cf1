#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_text.h"

namespace lanemq::core {

/// The nearest of `names`, which are not empty, to what somebody typed.
[[nodiscard]] std::string_view NearestName(std::string_view wanted,
                                           const std::vector<std::string>& names);

/// Whether arrays and objects are within each other for more than `depth_max` times. Of any text.
[[nodiscard]] bool IsDeeperThan(std::string_view text, std::size_t depth_max);

/// Reads the fields of one object and remembers which there are; faults of all readers go into one
/// text, which ends after some kilobytes. Keeps references to both.
class JsonReader {
 public:
  using Json = nlohmann::json;

  JsonReader(const Json& object, std::string path, std::string& faults)
      : object_(object), path_(std::move(path)), faults_(faults) {
    if (!object_.is_object()) Fault("is not an object");
  }

  void Fault(std::string_view what, std::string_view key = {});

  /// nullptr: missing. What is null is missing, too.
  const Json* Find(const char* key);

  // Each leaves `out` as it is when the field is missing, or of another type, which is a fault.
  void Read(const char* key, bool& out);
  void Read(const char* key, std::string& out);
  void Read(const char* key, std::optional<std::string>& out);
  void Read(const char* key, std::int32_t& out);
  void Read(const char* key, std::int64_t& out);
  void Read(const char* key, std::optional<std::int64_t>& out);
  void Read(const char* key, std::vector<std::string>& out);
  /// A text that must be there and not be empty.
  void ReadNeeded(const char* key, std::string& out);

  /// A text that stands for a value: `parse` gives nullopt for others, which is a fault.
  template <typename T, typename Parse>
  void ReadValue(const char* key, T& out, Parse parse) {
    std::optional<std::string> text;
    Read(key, text);
    if (!text) return;
    if (auto parsed = parse(*text)) {
      out = *std::move(parsed);
    } else {
      Fault(fmt::format("is {}, which means nothing here", Quoted(*text)), key);
    }
  }
  /// A list of such texts.
  template <typename T, typename Parse>
  void ReadValues(const char* key, std::vector<T>& out, Parse parse) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    std::vector<std::string> texts;
    Read(key, texts);
    if (!value->is_array()) return;
    out.clear();
    for (const std::string& text : texts) {
      if (auto parsed = parse(text)) {
        out.push_back(*std::move(parsed));
      } else {
        Fault(fmt::format("has {}, which means nothing here", Quoted(text)), key);
      }
    }
  }

  JsonReader Inner(const Json& value, std::string_view key) {
    return {value, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key), faults_};
  }

  /// Fields that nothing asked for.
  void Finish();

 private:
  const Json& object_;
  const std::string path_;
  std::string& faults_;
  std::vector<std::string> known_;
};

}  // namespace lanemq::core
