#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace lanemq::cli {

/// Where a command writes: data to one descriptor (stdout), everything else to another (stderr).
/// Not thread-safe; one owner. The destructor flushes.
class Output {
 public:
  struct Options {
    int data_fd = 1;
    int note_fd = 2;
    bool is_quiet = false;      ///< No notes and no progress; errors still come.
    bool is_verbose = false;    ///< Details too.
    bool has_progress = false;  ///< A progress line that is written over: for terminals.
  };
  explicit Output(Options options) : options_(options) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Buffers `text` for stdout.
  void Data(std::string_view text);
  /// Writes what is buffered. False once the reader has gone (`| head`), and for ever after.
  bool Flush();
  [[nodiscard]] bool is_closed() const { return is_closed_; }

  /// One line to stderr, unless quiet.
  void Note(std::string_view line);
  /// One line to stderr with --verbose only.
  void Detail(std::string_view line);
  /// One line to stderr, always.
  void Complain(std::string_view line);
  /// Replaces the progress line, at most five times a second. Nothing where there is no terminal.
  void Progress(std::string_view line);
  /// True when a call of Progress() would show something now: saves making up the line.
  [[nodiscard]] bool WantsProgress() const;
  [[nodiscard]] bool is_quiet() const { return options_.is_quiet; }

 private:
  void WriteNote(std::string_view text);
  void EraseProgress();

  const Options options_;
  std::string buffer_;
  bool is_closed_ = false;
  bool has_progress_line_ = false;
  MonotonicTime next_progress_;
};

}  // namespace lanemq::cli
