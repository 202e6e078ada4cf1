#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lanemq::cli {

/// Cuts bytes that arrive in pieces into lines. Not thread-safe; one owner.
class LineReader {
 public:
  enum class Next { kLine, kNeedsMore, kTooLong };

  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  void Feed(std::string_view bytes) { buffer_ += bytes; }
  /// No more bytes will come: what is left without a line end is a line too.
  void End() { is_ended_ = true; }
  /// kLine: `line` is the next one without its "\n", valid until Feed().
  /// kTooLong: no line end within the limit; reading cannot go on.
  [[nodiscard]] Next Take(std::string_view& line);
  [[nodiscard]] bool is_ended() const { return is_ended_; }

 private:
  void Compact();

  const std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool is_ended_ = false;
};

}  // namespace lanemq::cli
