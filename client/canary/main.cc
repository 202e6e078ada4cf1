// lanemq-canary: options in, signals out; the canary itself is canary.h.
#include <iostream>

#include <fmt/format.h>

#include "client/canary/admin_pages.h"
#include "client/canary/command_line.h"
#include "common/base/ready_file.h"
#include "common/base/stop_signals.h"

namespace lanemq {
namespace {

int Fail(const Error& error) {
  std::cerr << "lanemq-canary: " << error.message << "\n";
  return error.code == ErrorCode::kInvalidConfig ? 2 : 1;
}

int Run(const client::CanaryCommandLine& options) {
  SetUpLogging("lanemq-canary", options.log_level, options.log_format);
  StopSignals signals;

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

  const int signal = signals.Wait();
  signals.Release();
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
