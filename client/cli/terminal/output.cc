#include "client/cli/terminal/output.h"

#include <cerrno>
#include <chrono>
#include <unistd.h>

namespace lanemq::cli {
namespace {

constexpr std::size_t kBufferBytesMax = 64u << 10;
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

/// False when the other end has gone or the device is full.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Output::~Output() {
  EraseProgress();
  Flush();
}

void Output::Data(std::string_view text) {
  if (is_closed_) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytesMax) Flush();
}

bool Output::Flush() {
  // Both may be one terminal.
  if (!buffer_.empty()) EraseProgress();
  if (!is_closed_ && !buffer_.empty()) is_closed_ = !WriteAll(options_.data_fd, buffer_);
  buffer_.clear();
  return !is_closed_;
}

void Output::Note(std::string_view line) {
  if (!options_.is_quiet) Complain(line);
}

void Output::Detail(std::string_view line) {
  if (options_.is_verbose) Complain(line);
}

void Output::Complain(std::string_view line) {
  EraseProgress();
  WriteNote(std::string(line) + "\n");
}

bool Output::WantsProgress() const {
  return options_.has_progress && !options_.is_quiet &&
         SystemClock::Instance().Now() >= next_progress_;
}

void Output::Progress(std::string_view line) {
  if (!WantsProgress()) return;
  next_progress_ = SystemClock::Instance().Now() + kProgressInterval;
  has_progress_line_ = true;
  WriteNote("\r\x1b[K" + std::string(line));
}

void Output::EraseProgress() {
  if (has_progress_line_) WriteNote("\r\x1b[K");
  has_progress_line_ = false;
}

void Output::WriteNote(std::string_view text) {
  // Nobody is left to be told when stderr fails.
  [[maybe_unused]] const bool is_written = WriteAll(options_.note_fd, text);
}

}  // namespace lanemq::cli
