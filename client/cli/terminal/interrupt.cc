#include "client/cli/terminal/interrupt.h"

#include <atomic>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "common/base/check.h"

namespace lanemq::cli {
namespace {

// Signal handlers reach nothing but globals. The pipe makes a signal visible to poll(2), also when
// it comes just before the call.
std::atomic<int> signal_count{0};
std::atomic<int> wake_fd{-1};
int wake_pipe[2] = {-1, -1};

extern "C" void OnSignal(int) {
  if (signal_count.fetch_add(1) > 0) _exit(130);
  const char byte = 0;
  [[maybe_unused]] const auto written = write(wake_fd.load(), &byte, 1);
}

void SetHandler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  LANEMQ_CHECK(wake_fd.load() == -1);
  LANEMQ_CHECK(pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
  wake_fd = wake_pipe[1];
  signal_count = 0;
  SetHandler(OnSignal);
}

InterruptGuard::~InterruptGuard() {
  SetHandler(SIG_DFL);
  wake_fd = -1;
  close(wake_pipe[0]);
  close(wake_pipe[1]);
}

bool InterruptGuard::IsInterrupted() const { return signal_count.load() > 0; }

bool InterruptGuard::WaitReadable(int fd, std::chrono::milliseconds patience) const {
  pollfd fds[] = {{wake_pipe[0], POLLIN, 0}, {fd, POLLIN, 0}};
  if (poll(fds, 2, static_cast<int>(patience.count())) <= 0) return false;
  return fds[0].revents == 0 && fds[1].revents != 0;
}

bool InterruptGuard::Pause(std::chrono::nanoseconds patience) const {
  if (patience.count() <= 0) return !IsInterrupted();
  pollfd fds[] = {{wake_pipe[0], POLLIN, 0}};
  const timespec time{patience.count() / 1'000'000'000, patience.count() % 1'000'000'000};
  ppoll(fds, 1, &time, nullptr);
  return !IsInterrupted();
}

void IgnoreBrokenPipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace lanemq::cli
