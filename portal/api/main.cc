// lanemq-portal: options in, signals out; the gateway itself is portal.h.
#include <iostream>

#include <fmt/format.h>

#include "common/base/ready_file.h"
#include "common/base/stop_signals.h"
#include "portal/api/portal.h"

namespace lanemq::portal {
namespace {

int Run(const PortalOptions& options) {
  SetUpLogging("lanemq-portal", options.log_level, options.log_format);
  StopSignals signals;

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
  const int signal = signals.Wait();
  signals.Release();
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
