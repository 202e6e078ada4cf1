#include "client/cli/terminal/line_reader.h"

namespace lanemq::cli {

LineReader::Next LineReader::Take(std::string_view& line) {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  std::size_t end = rest.find('\n');
  std::size_t next = end + 1;
  if (end == std::string_view::npos) {
    if (rest.size() > line_bytes_max_) return Next::kTooLong;
    if (!is_ended_ || rest.empty()) {
      Compact();
      return Next::kNeedsMore;
    }
    end = next = rest.size();
  }
  line = rest.substr(0, end);
  if (line.size() > line_bytes_max_) return Next::kTooLong;
  begin_ += next;
  return Next::kLine;
}

void LineReader::Compact() {
  buffer_.erase(0, begin_);
  begin_ = 0;
}

}  // namespace lanemq::cli
