#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lanemq::cli {

/// Where something is written.
struct Place {
  std::string file;
  int line = 0;
};

/// What is wrong, each with its place: the first kMax, and how many there are.
class Faults {
 public:
  static constexpr std::size_t kMax = 20;

  void Add(const Place& place, std::string_view what);
  void Add(std::string line);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// "topics.yaml:12: ...".
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  std::size_t count_ = 0;
};

}  // namespace lanemq::cli
