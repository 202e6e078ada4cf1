#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/src/options/nearest_name.h"
#include "common/base/result.h"

namespace lanemq::client {

/// The options of one kind of client: dotted name, how to read a value, what is in range. The one
/// place where names and ranges stand; the headers repeat them for people.
template <typename Options>
class OptionTable {
 public:
  /// Numbers and durations (in milliseconds); `min` and `max` are inclusive.
  template <typename Owner, typename T>
  OptionTable& Number(std::string_view name, T Owner::*member, std::int64_t min, std::int64_t max) {
    const auto in_range = [min, max](std::int64_t n) { return n >= min && n <= max; };
    const std::string range = "must be " + std::to_string(min) + " to " + std::to_string(max);
    return Add(
        name,
        [=](Options& options, std::string_view text) -> std::string {
          std::int64_t n = 0;
          const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
          if (error != std::errc{} || end != text.data() + text.size()) {
            return "'" + std::string(text) + "' is not a number";
          }
          if (!in_range(n)) return range + ", not " + std::to_string(n);
          options.*member = static_cast<T>(n);
          return {};
        },
        [=](const Options& options) -> std::string {
          const std::int64_t n = ToNumber(options.*member);
          return in_range(n) ? std::string() : range + ", not " + std::to_string(n);
        });
  }

  /// One of a few words, each standing for a value.
  template <typename Owner, typename T>
  OptionTable& Choice(std::string_view name, T Owner::*member,
                      std::vector<std::pair<std::string_view, T>> choices) {
    return Add(
        name,
        [=](Options& options, std::string_view text) -> std::string {
          std::string words;
          for (const auto& [word, value] : choices) {
            if (text == word) {
              options.*member = value;
              return {};
            }
            words += (words.empty() ? "" : ", ") + std::string(word);
          }
          return "'" + std::string(text) + "' is not one of " + words;
        },
        [](const Options&) { return std::string(); });
  }

  template <typename Owner>
  OptionTable& Bool(std::string_view name, bool Owner::*member) {
    return Choice<Owner, bool>(name, member, {{"true", true}, {"false", false}});
  }

  /// A text; `check` says what is wrong with it, or nothing.
  template <typename Owner>
  OptionTable& Text(std::string_view name, std::string Owner::*member,
                    std::function<std::string(const std::string&)> check) {
    return Add(
        name,
        [=](Options& options, std::string_view text) {
          options.*member = std::string(text);
          return check(options.*member);
        },
        [=](const Options& options) { return check(options.*member); });
  }

  using Reader = std::function<std::string(Options&, std::string_view)>;
  using Checker = std::function<std::string(const Options&)>;
  /// Anything else. Both functions say what is wrong, or nothing.
  OptionTable& Add(std::string_view name, Reader read, Checker check) {
    rows_.push_back({name, std::move(read), std::move(check)});
    return *this;
  }

  /// What must hold between options; named after the one to change.
  OptionTable& Rule(std::string_view name, Checker check) {
    rules_.push_back({name, nullptr, std::move(check)});
    return *this;
  }

  Status Set(Options& options, std::string_view name, std::string_view value) const {
    for (const Row& row : rows_) {
      if (row.name != name) continue;
      const std::string fault = row.read(options, value);
      if (fault.empty()) return {};
      return Error{ErrorCode::kInvalidConfig, std::string(name) + " " + fault};
    }
    std::vector<std::string_view> names;
    for (const Row& row : rows_) names.push_back(row.name);
    const std::string_view nearest = NearestName(name, names);
    return Error{ErrorCode::kInvalidConfig,
                 "there is no option '" + std::string(name) + "'" +
                     (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?")};
  }

  Status Validate(const Options& options) const {
    std::string faults;
    for (const auto* rows : {&rows_, &rules_}) {
      for (const Row& row : *rows) {
        const std::string fault = row.check(options);
        if (fault.empty()) continue;
        faults += (faults.empty() ? "" : "; ") + std::string(row.name) + " " + fault;
      }
    }
    if (faults.empty()) return {};
    return Error{ErrorCode::kInvalidConfig, faults};
  }

 private:
  struct Row {
    std::string_view name;
    Reader read;
    Checker check;
  };

  static std::int64_t ToNumber(std::chrono::milliseconds duration) { return duration.count(); }
  template <typename T>
  static std::int64_t ToNumber(T number) {
    return static_cast<std::int64_t>(number);
  }

  std::vector<Row> rows_;
  std::vector<Row> rules_;
};

}  // namespace lanemq::client
