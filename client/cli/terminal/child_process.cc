#include "client/cli/terminal/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/base/clock.h"

extern char** environ;

namespace lanemq::cli {
namespace {

constexpr std::size_t kErrorTailBytes = 2'000;

/// A descriptor that is closed at the end.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd() { Close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error Failed(std::string_view what, int number) {
  return {ErrorCode::kUnknownServerError, fmt::format("{}: {}", what, std::strerror(number))};
}

Status MakePipe(Fd& read_end, Fd& write_end) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Failed("pipe", errno);
  read_end.Reset(ends[0]);
  write_end.Reset(ends[1]);
  return {};
}

/// Our environment with what the command adds; later names win in no shell, so ours goes.
std::vector<std::string> EnvironmentOf(const ChildCommand& command) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text = *each;
    const auto is_replaced = [&](const auto& pair) {
      return text.starts_with(pair.first) && text.substr(pair.first.size()).starts_with('=');
    };
    if (std::ranges::none_of(command.environment, is_replaced)) all.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  return all;
}

Result<pid_t> Spawn(const ChildCommand& command, int input, int errors) {
  std::vector<std::string> environment = EnvironmentOf(command);
  std::vector<char*> variables;
  for (std::string& each : environment) variables.push_back(each.data());
  variables.push_back(nullptr);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string text = command.text;
  std::array<char*, 4> words{shell.data(), flag.data(), text.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  // We ignore SIGPIPE; commands expect that it ends them.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int failed =
      posix_spawn(&pid, "/bin/sh", &actions, &attributes, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return Failed("cannot start /bin/sh", failed);
  return pid;
}

/// Takes what is there of `fd`; closes it at its end.
void TakeErrors(Fd& fd, std::string& tail) {
  std::array<char, 4'096> piece{};
  while (fd.get() >= 0) {
    const ssize_t got = read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;  // Nothing more for now.
    if (got == 0) return fd.Close();
    const std::string_view text(piece.data(), static_cast<std::size_t>(got));
    static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));  // A copy for people.
    tail += text;
    if (tail.size() > kErrorTailBytes) tail.erase(0, tail.size() - kErrorTailBytes);
  }
}

void GiveInput(Fd& fd, std::string_view& input) {
  while (fd.get() >= 0) {
    if (input.empty()) return fd.Close();
    const ssize_t put = write(fd.get(), input.data(), input.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) return fd.Close();  // It does not read its input.
    input.remove_prefix(static_cast<std::size_t>(put));
  }
}

/// Until it ended, or the time is over.
bool Attend(int process, Fd& input_end, Fd& error_end, std::string_view input, std::string& tail,
            Deadline deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline.Left(SystemClock::Instance()));
    if (left.count() <= 0) return false;
    std::array<pollfd, 3> polled{
        {{process, POLLIN, 0}, {error_end.get(), POLLIN, 0}, {input_end.get(), POLLOUT, 0}}};
    const auto patience = std::min<std::int64_t>(left.count(), 3'600'000);
    if (poll(polled.data(), polled.size(), static_cast<int>(patience)) < 0) continue;
    if (polled[2].revents != 0) GiveInput(input_end, input);
    if (polled[1].revents != 0) TakeErrors(error_end, tail);
    if (polled[0].revents != 0) return true;
  }
}

}  // namespace

Result<ChildResult> RunChild(const ChildCommand& command) {
  Fd input_read;
  Fd input_write;
  Fd error_read;
  Fd error_write;
  LANEMQ_RETURN_IF_ERROR(MakePipe(input_read, input_write));
  LANEMQ_RETURN_IF_ERROR(MakePipe(error_read, error_write));
  LANEMQ_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, input_read.get(), error_write.get()));
  input_read.Close();
  error_write.Close();
  fcntl(input_write.get(), F_SETFL, O_NONBLOCK);
  fcntl(error_read.get(), F_SETFL, O_NONBLOCK);

  ChildResult result;
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const int no_process = errno;
  const bool has_ended =
      process.get() >= 0 &&
      Attend(process.get(), input_write, error_read, command.input, result.error_tail,
             Deadline::After(SystemClock::Instance(), command.timeout));
  if (!has_ended) kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (process.get() < 0) return Failed("pidfd_open", no_process);
  TakeErrors(error_read, result.error_tail);
  if (!has_ended) {
    result.is_timed_out = true;
  } else if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
  } else {
    result.exit_code = WEXITSTATUS(status);
  }
  return result;
}

}  // namespace lanemq::cli
