#include "client/canary/command_line.h"

#include <cctype>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "client/src/options/endpoints.h"
#include "client/src/session/process_identity.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

// What CLI11 fills before it is converted. Durations are in milliseconds.
struct Raw {
  std::string admin_listen;
  std::string log_level = "info";
  std::string log_format = "text";
  std::int64_t every = 1'000;
  std::int64_t late_after = 1'000;
  std::int64_t lost_after = 30'000;
  std::int64_t report_every = 5'000;
  std::int64_t nodes_every = 10'000;
  std::int64_t request_timeout = 5'000;
};

std::string EnvironmentOf(const std::string& name) {
  std::string environment = "LANEMQ_CANARY_";
  for (const char c : name) environment += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return environment;
}

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& name, T& value, const std::string& help) {
  return app.add_option("--" + name, value, help)
      ->envname(EnvironmentOf(name))
      ->capture_default_str();
}

// "20ms", "10s", "5m".
void AddDuration(CLI::App& app, const std::string& name, std::int64_t& value,
                 const std::string& shown, const std::string& help) {
  static const std::map<std::string, std::int64_t> kUnits{{"ms", 1}, {"s", 1'000}, {"m", 60'000}};
  app.add_option("--" + name, value, help)
      ->envname(EnvironmentOf(name))
      ->transform(CLI::AsNumberWithUnit(
          kUnits,
          static_cast<CLI::AsNumberWithUnit::Options>(CLI::AsNumberWithUnit::CASE_SENSITIVE |
                                                      CLI::AsNumberWithUnit::UNIT_REQUIRED),
          "ms|s|m"))
      ->type_name("DURATION")
      ->default_str(shown);
}

void AddSecurity(CLI::App& app, CanaryOptions& canary) {
  Add(app, "token-file", canary.token_file,
      "File with the token to present, of a service of kind server; read for each connection");
  app.add_flag("--tls", canary.tls, "The cluster's servers speak TLS")
      ->envname(EnvironmentOf("tls"));
  Add(app, "ca-file", canary.tls_ca_file,
      "Whose certificates to trust; implies --tls; empty: the system's authorities");
}

void AddAll(CLI::App& app, CanaryCommandLine& out, Raw& raw) {
  Add(app, "bootstrap", out.canary.bootstrap_servers,
      "Brokers or metaservers, host:port, several with commas")
      ->delimiter(',');
  AddSecurity(app, out.canary);
  Add(app, "name", out.canary.name,
      "Of this canary, the same after a restart; default: host and process");
  AddDuration(app, "every", raw.every, "1s", "Between two messages to one data node");
  AddDuration(app, "late-after", raw.late_after, "1s", "Back later than this is late");
  AddDuration(app, "lost-after", raw.lost_after, "30s",
              "Acknowledged and not back within this is lost");
  AddDuration(app, "report-every", raw.report_every, "5s", "Between two reports to the cluster");
  AddDuration(app, "nodes-every", raw.nodes_every, "10s", "Between two looks for new data nodes");
  AddDuration(app, "request-timeout", raw.request_timeout, "5s", "Longest one request may take");
  Add(app, "admin-listen", raw.admin_listen,
      "Where /healthz /readyz /metrics /status /version are served, host:port; empty: nowhere");
  Add(app, "ready-file", out.ready_file, "Written with the port once this canary has begun");
  Add(app, "log-level", raw.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  Add(app, "log-format", raw.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

Status Convert(const Raw& raw, CanaryCommandLine& out) {
  CanaryOptions& canary = out.canary;
  if (canary.name.empty()) canary.name = ProcessIdentity().substr(0, 128);
  canary.client_id = "lanemq-canary";
  canary.tls = canary.tls || !canary.tls_ca_file.empty();
  canary.every = milliseconds(raw.every);
  canary.times.late_after = milliseconds(raw.late_after);
  canary.times.lost_after = milliseconds(raw.lost_after);
  canary.report_every = milliseconds(raw.report_every);
  canary.nodes_every = milliseconds(raw.nodes_every);
  canary.request_timeout = milliseconds(raw.request_timeout);
  out.log_level = LogLevelFromString(raw.log_level);
  out.log_format = LogFormatFromString(raw.log_format);
  if (raw.admin_listen.empty()) return {};
  // ":9651" is every address.
  const bool is_any = raw.admin_listen.starts_with(':');
  LANEMQ_ASSIGN_OR_RETURN(const rpc::Endpoint at,
                          ParseEndpoint((is_any ? "0.0.0.0" : "") + raw.admin_listen));
  out.admin_host = at.host;
  out.admin_port = static_cast<std::uint16_t>(at.port);
  out.has_admin = true;
  return {};
}

}  // namespace

ParsedCanaryCommandLine ParseCanaryCommandLine(int argc, const char* const* argv) {
  ParsedCanaryCommandLine parsed;
  Raw raw;
  CLI::App app{
      "Sends a message a second to every data node of a cluster, reads it back, and tells the\n"
      "cluster and Prometheus what became of it. Run one or more; they do not disturb each other.\n"
      "Every setting may also stand in the environment; flags go first."};
  app.set_version_flag("--version", std::string("lanemq-canary ") + kCanaryVersion);
  AddAll(app, parsed.options, raw);
  try {
    app.parse(argc, argv);
    if (app.get_option("--bootstrap")->count() == 0) throw CLI::RequiredError("--bootstrap");
  } catch (const CLI::ParseError& e) {
    parsed.exit_code = app.exit(e) == 0 ? 0 : 2;
    return parsed;
  }
  const Status converted = Convert(raw, parsed.options);
  if (!converted.ok()) {
    std::cerr << "lanemq-canary: " << converted.error().message
              << "\nRun with --help for more information.\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace lanemq::client
