#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "common/base/result.h"

namespace lanemq::testing {

/// A child process with its output in files, leader of a process group of its own. It is killed
/// with the test that started it, whatever way the test ends.
///
/// Not thread-safe; one owner. Start it from a thread that lives as long as it shall: the kernel
/// kills it when that thread ends.
class Process {
 public:
  struct Options {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  ///< Added to the test's own.
    std::filesystem::path output_dir;                ///< Holds stdout and stderr.
    std::string name = "process";                    ///< Names the files: NAME.out, NAME.err.
    std::filesystem::path stdin_file = "/dev/null";
    std::filesystem::path working_dir;  ///< Empty: the test's own.
  };

  /// Starts the program. One that cannot be executed ends with exit code 127 (126 when a file of
  /// `options` cannot be opened).
  static Result<Process> Start(Options options);

  Process() = default;
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool IsRunning();
  /// Sends a signal; nothing happens when the process has ended.
  void Signal(int signal);
  /// SIGKILL to the process and its group, and wait for the process.
  void Kill();
  /// Waits for the end: the exit code, or 128 + the signal. nullopt when `timeout` passes first.
  std::optional<int> Wait(std::chrono::milliseconds timeout);
  /// SIGTERM, then SIGKILL when `timeout` passes. The exit code as in Wait().
  int Terminate(std::chrono::milliseconds timeout);

  /// Waits until stdout has a line with a match of the regular expression; its first capture (or
  /// the whole match). An error when the process ends or `timeout` passes first.
  Result<std::string> WaitForOutput(const std::string& regex, std::chrono::milliseconds timeout);

  [[nodiscard]] std::string Stdout() const;
  [[nodiscard]] std::string Stderr() const;

 private:
  explicit Process(Options options) : options_(std::move(options)) {}
  bool Reap(bool is_blocking);

  Options options_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace lanemq::testing
