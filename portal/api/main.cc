// lanemq-portal: options in, signals out; the gateway itself is portal.h.
#include <csignal>
#include <iostream>
#include <pthread.h>

#include <fmt/format.h>

#include "common/base/ready_file.h"
#include "portal/api/portal.h"

namespace lanemq::portal {
namespace {

int Run(const PortalOptions& options) {
  SetUpLogging("lanemq-portal", options.log_level, options.log_format);
  // Blocked in every thread that starts from here on; the main thread waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto portal = Portal::Start(options);
  if (!portal.ok()) {
    std::cerr << "lanemq-portal: " << portal.error().message << "\n";
    return portal.error().code == ErrorCode::kInvalidConfig ? 2 : 1;
  }
  const std::string line = fmt::format("lanemq-portal ready port={} admin_port={}",
                                       (*portal)->port(), (*portal)->admin_port());
  std::cout << line << std::endl;
  if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
    std::cerr << "lanemq-portal: cannot write " << options.ready_file << "\n";
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  // A second signal ends the process at once.
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  LANEMQ_LOG(INFO, "portal.stopping", {"signal", signal});
  (*portal)->Stop();
  return 0;
}

}  // namespace
}  // namespace lanemq::portal

int main(int argc, char** argv) {
  const auto parsed = lanemq::portal::ParsePortalOptions(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return lanemq::portal::Run(parsed.options);
}
