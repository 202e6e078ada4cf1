#include "client/cli/terminal/password.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

constexpr std::size_t kLineBytesMax = 4'096;

Error Bad(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

/// The terminal of the process without echo. Signals of the keyboard wait meanwhile, so that none
/// leaves it that way.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (fd_ < 0 || tcgetattr(fd_, &before_) != 0) return;
    sigset_t keyboard;
    sigemptyset(&keyboard);
    for (const int signal : {SIGINT, SIGTSTP, SIGQUIT}) sigaddset(&keyboard, signal);
    pthread_sigmask(SIG_BLOCK, &keyboard, &signals_before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_lflag |= ECHONL;
    is_quiet_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
    has_signals_ = true;
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (is_quiet_) tcsetattr(fd_, TCSAFLUSH, &before_);
    if (has_signals_) pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
    if (fd_ >= 0) close(fd_);
  }

  [[nodiscard]] bool is_quiet() const { return is_quiet_; }
  void Say(std::string_view text) const {
    const ssize_t written = write(fd_, text.data(), text.size());
    static_cast<void>(written);  // Who cannot be asked cannot be told either.
  }
  /// Up to the end of the line. Empty: nothing was typed, or Ctrl-C.
  [[nodiscard]] std::string ReadLine() const {
    constexpr char kInterrupt = 3;
    std::string line;
    for (char c = 0; line.size() < kLineBytesMax;) {
      const ssize_t got = read(fd_, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || c == '\n' || c == '\r') break;
      if (c == kInterrupt) return {};
      line += c;
    }
    return line;
  }

 private:
  const int fd_;
  termios before_{};
  sigset_t signals_before_{};
  bool is_quiet_ = false;
  bool has_signals_ = false;
};

}  // namespace

Result<std::string> AskPassword(std::string_view question) {
  const QuietTerminal terminal;
  if (!terminal.is_quiet()) {
    return Bad("there is no terminal to ask on: --password-file names a file, - is standard input");
  }
  terminal.Say(fmt::format("{}: ", question));
  std::string answer = terminal.ReadLine();
  if (answer.empty()) return Bad("nothing was typed");
  return answer;
}

Result<std::string> AskNewPassword(std::string_view question) {
  LANEMQ_ASSIGN_OR_RETURN(std::string first, AskPassword(question));
  LANEMQ_ASSIGN_OR_RETURN(const std::string second, AskPassword("The same again"));
  if (first == second) return first;
  return Bad("the two differ: nothing was changed");
}

Result<std::string> ReadPasswordFile(const std::string& path) {
  std::string line;
  if (path == "-") {
    std::getline(std::cin, line);
  } else {
    std::ifstream file(path);
    if (!file) return Bad(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    std::getline(file, line);
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return Bad(fmt::format("{}: its first line is empty", path));
  if (line.size() > kLineBytesMax) return Bad(fmt::format("{}: its first line is too long", path));
  return line;
}

}  // namespace lanemq::cli
