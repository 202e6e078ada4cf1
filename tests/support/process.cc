#include "tests/support/process.h"

#include <fcntl.h>
#include <fstream>
#include <regex>
#include <signal.h>
#include <sstream>
#include <string.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void RedirectOrExit(const char* path, int flags, int target) {
  const int fd = ::open(path, flags, 0644);
  if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(126);
  ::close(fd);
}

// The environment of this process with `added` on top.
std::vector<std::string> Environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Everything the child needs between fork and exec, made before: other threads may hold any lock at
// the fork, the allocator's included, so the child only makes system calls.
struct Launch {
  std::string out;
  std::string err;
  std::string in;
  std::string working_dir;
  std::vector<char*> argv;
  std::vector<char*> environment;
  pid_t parent = ::getpid();
};

[[noreturn]] void RunChild(const Launch& launch) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(125);
  ::setpgid(0, 0);
  RedirectOrExit(launch.in.c_str(), O_RDONLY, 0);
  RedirectOrExit(launch.out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 1);
  RedirectOrExit(launch.err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 2);
  if (!launch.working_dir.empty() && ::chdir(launch.working_dir.c_str()) != 0) ::_exit(126);
  // Sockets of the test that the child inherited would stay open after the test closes them.
  ::close_range(3, ~0U, 0);
  ::execvpe(launch.argv[0], launch.argv.data(), launch.environment.data());
  ::_exit(127);
}

}  // namespace

Result<Process> Process::Start(Options options) {
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> environment = Environment(options.environment);
  const Launch launch{.out = (options.output_dir / (options.name + ".out")).string(),
                      .err = (options.output_dir / (options.name + ".err")).string(),
                      .in = options.stdin_file.string(),
                      .working_dir = options.working_dir.string(),
                      .argv = Pointers(argv),
                      .environment = Pointers(environment)};
  const pid_t pid = ::fork();
  if (pid < 0) {
    return Error{ErrorCode::kUnknownServerError, "fork: " + std::string(strerror(errno))};
  }
  if (pid == 0) RunChild(launch);
  ::setpgid(pid, pid);  // The child does the same; whoever comes first.
  Process process(std::move(options));
  process.pid_ = pid;
  return process;
}

Process::~Process() { Kill(); }

Process::Process(Process&& other) noexcept
    : options_(std::move(other.options_)),
      pid_(std::exchange(other.pid_, -1)),
      exit_code_(std::exchange(other.exit_code_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  Kill();
  options_ = std::move(other.options_);
  pid_ = std::exchange(other.pid_, -1);
  exit_code_ = std::exchange(other.exit_code_, std::nullopt);
  return *this;
}

bool Process::Reap(bool is_blocking) {
  if (pid_ < 0 || exit_code_) return true;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, is_blocking ? 0 : WNOHANG);
  if (got != pid_) return false;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::IsRunning() { return pid_ > 0 && !Reap(false); }

void Process::Signal(int signal) {
  if (IsRunning()) ::kill(pid_, signal);
}

void Process::Kill() {
  if (pid_ <= 0) return;
  // While the leader is not reaped its number, and so the group's, belongs to nobody else.
  if (!exit_code_) ::kill(-pid_, SIGKILL);
  Reap(true);
}

std::optional<int> Process::Wait(std::chrono::milliseconds timeout) {
  if (!WaitFor([this] { return Reap(false); }, timeout, "the end of " + options_.name)) {
    return std::nullopt;
  }
  return exit_code_;
}

int Process::Terminate(std::chrono::milliseconds timeout) {
  Signal(SIGTERM);
  if (const auto code = Wait(timeout)) return *code;
  Kill();
  return exit_code_.value_or(-1);
}

Result<std::string> Process::WaitForOutput(const std::string& regex,
                                           std::chrono::milliseconds timeout) {
  const std::regex pattern(regex);
  std::smatch match;
  std::string text;
  const auto found = WaitFor(
      [&] {
        const bool is_running = IsRunning();
        text = Stdout();
        return std::regex_search(text, match, pattern) || !is_running;
      },
      timeout, options_.name + " to print " + regex);
  if (found && !match.empty()) return match.size() > 1 ? match[1].str() : match[0].str();
  return Error{ErrorCode::kRequestTimedOut,
               options_.name + " did not print " + regex + "; stderr: " + Stderr()};
}

std::string Process::Stdout() const {
  return ReadFile(options_.output_dir / (options_.name + ".out"));
}

std::string Process::Stderr() const {
  return ReadFile(options_.output_dir / (options_.name + ".err"));
}

}  // namespace lanemq::testing
