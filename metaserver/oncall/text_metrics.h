#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace lanemq::metaserver {

/// One label: its name, and a value of any bytes.
using Label = std::pair<std::string_view, std::string_view>;

/// `{a="b",c="d"}` with the values escaped, or nothing without labels. Bytes that are not UTF-8
/// become '?': one damaged name must not cost a whole scrape.
[[nodiscard]] std::string LabelText(std::initializer_list<Label> labels);

/// Writes Prometheus' text format into a string. A family's series are written in one piece, after
/// its head. Beyond `series_max` series are counted instead of written. Not thread-safe.
class TextMetrics {
 public:
  enum class Type { kGauge, kCounter };

  explicit TextMetrics(std::size_t series_max) : series_max_(series_max) {}

  /// Begins a family; each name once. `help`: one line.
  void Family(std::string_view name, Type type, std::string_view help);
  /// Of the family begun last. `labels`: of LabelText().
  void Series(std::string_view labels, double value);
  void Series(std::string_view labels, std::int64_t value);
  void Series(std::initializer_list<Label> labels, double value) {
    Series(LabelText(labels), value);
  }
  void Series(std::initializer_list<Label> labels, std::int64_t value) {
    Series(LabelText(labels), value);
  }
  void Reserve(std::size_t bytes) { text_.reserve(bytes); }

  [[nodiscard]] std::size_t series() const { return series_; }
  /// Not written, since there were too many.
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }
  /// What has been written; begins anew.
  [[nodiscard]] std::string Take() { return std::exchange(text_, {}); }

 private:
  bool Begin(std::string_view labels);

  const std::size_t series_max_;
  std::string text_;
  std::string family_;
  std::string head_;  ///< Of the family, until it has a series.
  std::size_t series_ = 0;
  std::int64_t dropped_ = 0;
};

}  // namespace lanemq::metaserver
