// lanemq-canary: options in, signals out; the canary itself is canary.h.
#include <csignal>
#include <iostream>
#include <pthread.h>

#include <fmt/format.h>

#include "client/canary/admin_pages.h"
#include "client/canary/command_line.h"
#include "common/base/ready_file.h"

namespace lanemq {
namespace {

int Fail(const Error& error) {
  std::cerr << "lanemq-canary: " << error.message << "\n";
  return error.code == ErrorCode::kInvalidConfig ? 2 : 1;
}

int Run(const client::CanaryCommandLine& options) {
  SetUpLogging("lanemq-canary", options.log_level, options.log_format);
  // Blocked in every thread that starts from here on; the main thread waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const Clock& clock = SystemClock::Instance();
  auto canary = client::Canary::Create(options.canary, clock);
  if (!canary.ok()) return Fail(canary.error());
  rpc::AdminServer admin({.host = options.admin_host, .port = options.admin_port});
  client::AddCanaryPages(admin, **canary, client::kCanaryVersion, clock);
  if (options.has_admin) {
    if (const Status started = admin.Start(); !started.ok()) return Fail(started.error());
  }
  (*canary)->Start();
  const std::string line =
      fmt::format("lanemq-canary ready admin_port={}", options.has_admin ? admin.port() : 0);
  std::cout << line << std::endl;
  if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
    std::cerr << "lanemq-canary: cannot write " << options.ready_file << "\n";
    return 1;
  }

  int signal = 0;
  sigwait(&signals, &signal);
  // A second signal ends the process at once.
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  LANEMQ_LOG(INFO, "canary.stopping", {"signal", signal});
  admin.Stop();
  (*canary)->Stop();
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  const auto parsed = lanemq::client::ParseCanaryCommandLine(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return lanemq::Run(parsed.options);
}
