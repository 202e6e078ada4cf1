#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "client/cli/apply/faults.h"
#include "client/cli/apply/yaml_tree.h"

namespace lanemq::cli {

/// "; did you mean 'owner'?", or which names there are.
[[nodiscard]] std::string Instead(std::string_view typed, const std::vector<std::string>& names);

/// Reads the fields of one map and remembers which there are; faults are added with their lines.
/// Keeps references to all but `what`.
class Fields {
 public:
  Fields(const YamlNode& map, const std::string& file, std::string what, Faults& faults);

  [[nodiscard]] Place place() const { return {file_, map_.line}; }
  void Fault(int line, std::string_view what) { faults_.Add({file_, line}, what); }
  void Fault(std::string_view what) { Fault(map_.line, what_ + ": " + std::string(what)); }

  /// nullptr: it was not said.
  const YamlNode* Find(const std::string& key);
  // Each leaves `out` as it is when the field is missing, or of another type, which is a fault.
  /// Null is the empty text.
  void Read(const std::string& key, std::optional<std::string>& out);
  void Read(const std::string& key, std::optional<std::vector<std::string>>& out);
  /// A text that must be there and not be empty.
  void ReadNeeded(const std::string& key, std::string& out);
  /// From `least` on. Null is as if it was not said.
  template <typename T>
  void ReadNumber(const std::string& key, T least, std::optional<T>& out) {
    const YamlNode* const value = Find(key);
    if (value == nullptr || value->kind == YamlNode::Kind::kNull) return;
    if (const auto number = NumberOf<T>(*value); number && *number >= least) {
      out = *number;
    } else {
      Fault(value->line, key + " is no whole number from " + std::to_string(least) + " on");
    }
  }
  template <typename T>
  static std::optional<T> NumberOf(const YamlNode& value) {
    T number{};
    const char* const end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, number);
    const bool is_number =
        value.kind == YamlNode::Kind::kScalar && error == std::errc() && at == end;
    return is_number ? std::optional(number) : std::nullopt;
  }

  /// Fields that nothing asked for are faults.
  void Finish();

 private:
  const YamlNode& map_;
  const std::string& file_;
  const std::string what_;
  Faults& faults_;
  std::vector<std::string> known_;
};

}  // namespace lanemq::cli
