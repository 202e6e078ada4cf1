// lanemq-outbox-relay: options in, signals out; the relay itself is lanemq/outbox_relay.h.
#include <iostream>

#include <fmt/format.h>

#include "client/outbox_relay/command_line.h"
#include "common/base/log.h"
#include "common/base/ready_file.h"
#include "common/base/stop_signals.h"

namespace lanemq {
namespace {

int Run(const client::RelayCommandLine& options) {
  SetUpLogging("lanemq-outbox-relay", options.log_level, options.log_format);
  StopSignals signals;

  auto relay = OutboxRelay::Create(options.relay);
  const Status started = relay.ok() ? (*relay)->Start() : Status(relay.error());
  if (!started.ok()) {
    std::cerr << "lanemq-outbox-relay: " << started.error().message << "\n";
    return started.error().code == ErrorCode::kInvalidConfig ? 2 : 1;
  }
  // Begun, which is not yet at work: see /readyz.
  const std::string line = fmt::format("lanemq-outbox-relay ready admin_port={} wake={}",
                                       (*relay)->admin_port(), (*relay)->wake_address());
  std::cout << line << std::endl;
  if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
    std::cerr << "lanemq-outbox-relay: cannot write " << options.ready_file << "\n";
    return 1;
  }

  const int signal = signals.Wait();
  signals.Release();
  LANEMQ_LOG(INFO, "outbox_relay.draining", {"signal", signal});
  (*relay)->Stop(options.drain_timeout);
  LANEMQ_LOG(INFO, "outbox_relay.stopped", {"published", (*relay)->Stats().published});
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  const auto parsed = lanemq::client::ParseRelayCommandLine(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return lanemq::Run(parsed.options);
}
