#include "client/outbox_relay/command_line.h"

#include <cctype>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "client/outbox_relay/options.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

constexpr const char* kVersion = "0.1.0";

// What CLI11 fills before it is checked and converted. Durations are in milliseconds.
struct Raw {
  std::string database;
  std::string password_file;
  std::string on_refusal = "block";
  std::string log_level = "info";
  std::string log_format = "text";
  std::int64_t database_timeout = 5'000;
  std::int64_t request_timeout = 10'000;
  std::int64_t lease_ttl = 10'000;
  std::int64_t keep = 7LL * 24 * 3'600'000;
  std::int64_t poll_min = 20;
  std::int64_t poll_max = 1'000;
  std::int64_t drain_timeout = 5'000;
};

std::string EnvironmentOf(const std::string& name) {
  std::string environment = "LANEMQ_OUTBOX_RELAY_";
  for (const char c : name) environment += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return environment;
}

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& name, T& value, const std::string& help) {
  return app.add_option("--" + name, value, help)
      ->envname(EnvironmentOf(name))
      ->capture_default_str();
}

CLI::Option* AddSwitch(CLI::App& app, const std::string& name, bool& value,
                       const std::string& help) {
  return app.add_flag("--" + name, value, help)->envname(EnvironmentOf(name));
}

// "20ms", "10s", "5m", "12h", "7d".
CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::int64_t& value,
                         const std::string& shown, const std::string& help) {
  static const std::map<std::string, std::int64_t> kUnits{
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  return app.add_option("--" + name, value, help)
      ->envname(EnvironmentOf(name))
      ->transform(CLI::AsNumberWithUnit(
          kUnits,
          static_cast<CLI::AsNumberWithUnit::Options>(CLI::AsNumberWithUnit::CASE_SENSITIVE |
                                                      CLI::AsNumberWithUnit::UNIT_REQUIRED),
          "ms|s|m|h|d"))
      ->type_name("DURATION")
      ->default_str(shown);
}

void AddDatabase(CLI::App& app, RelayCommandLine& out, Raw& raw) {
  Add(app, "database", raw.database,
      "The server and schema with the outbox: HOST:PORT/SCHEMA; with --socket: SCHEMA");
  Add(app, "socket", out.relay.database_socket,
      "UNIX socket of the server, instead of host and port");
  Add(app, "user", out.relay.database_user, "User on it");
  Add(app, "password-file", raw.password_file, "File with its password; empty: no password");
  AddDuration(app, "database-timeout", raw.database_timeout, "5s",
              "Longest one database call may take; less than half of --lease-ttl is used");
  AddSwitch(app, "install", out.relay.should_install,
            "First make the outbox's tables, or bring them up to date");
}

void AddCluster(CLI::App& app, RelayCommandLine& out, Raw& raw) {
  Add(app, "bootstrap", out.relay.bootstrap_servers,
      "Brokers or metaservers, host:port, several with commas")
      ->delimiter(',');
  Add(app, "token-file", out.relay.token_file,
      "File with the token to present, of a service that may produce; read for each connection");
  AddSwitch(app, "tls", out.relay.tls, "The cluster's servers speak TLS");
  Add(app, "ca-file", out.relay.tls_ca_file,
      "Whose certificates to trust; implies --tls; empty: the system's authorities");
  AddDuration(app, "request-timeout", raw.request_timeout, "10s",
              "Longest one attempt of a batch may take");
  Add(app, "name", out.relay.name, "Of this process, for people; default: host and process");
  Add(app, "outbox-name", out.relay.outbox_name,
      "Of the outbox in the cluster, the same for all its relays; default: SCHEMA@HOST:PORT");
}

void AddWork(CLI::App& app, RelayCommandLine& out, Raw& raw) {
  AddDuration(app, "lease-ttl", raw.lease_ttl, "10s",
              "Other relays take over one that is silent for so long");
  Add(app, "on-refusal", raw.on_refusal,
      "A message that is refused for good: block its key, or call it dead after --attempts-max")
      ->check(CLI::IsMember({"block", "dead"}));
  Add(app, "attempts-max", out.relay.attempts_max, "Refusals before a message is dead");
  AddSwitch(app, "archive", out.relay.is_archiving, "Keep published rows for --keep");
  AddDuration(app, "keep", raw.keep, "7d", "How long --archive keeps them");
  AddDuration(app, "poll-min", raw.poll_min, "20ms", "Pause between two looks after activity");
  AddDuration(app, "poll-max", raw.poll_max, "1s", "The same when nothing happens for long");
  Add(app, "batch-rows", out.relay.batch_rows, "Rows read at once");
}

void AddProcess(CLI::App& app, RelayCommandLine& out, Raw& raw) {
  Add(app, "wake-listen", out.relay.wake_listen,
      "Where applications wake the relay after their commit (UDP), host:port; port 0: the system "
      "chooses; empty: nowhere");
  Add(app, "advertise-wake", out.relay.advertise_wake,
      "What they are told instead, host[:port]; default: the address listened on");
  Add(app, "admin-listen", out.relay.admin_listen,
      "Where /healthz /readyz /metrics /status /config /version are served, host:port; empty: "
      "nowhere");
  Add(app, "ready-file", out.ready_file, "Written with the ports once this relay has begun");
  AddDuration(app, "drain-timeout", raw.drain_timeout, "5s",
              "Longest an orderly stop waits for what is on its way");
  Add(app, "log-level", raw.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  Add(app, "log-format", raw.log_format, "text, or json: one object per line")
      ->check(CLI::IsMember({"text", "json"}));
}

Status ReadPassword(const std::string& path, std::string& password) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kInvalidConfig, "cannot read " + path};
  password.assign(std::istreambuf_iterator<char>(file), {});
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
    password.pop_back();
  }
  return {};
}

Status Convert(const Raw& raw, RelayCommandLine& out) {
  OutboxRelayOptions& relay = out.relay;
  LANEMQ_ASSIGN_OR_RETURN(const DatabaseAddress database, ParseDatabase(raw.database));
  if (database.host.empty() && relay.database_socket.empty()) {
    return Error{ErrorCode::kInvalidConfig,
                 "--database '" + raw.database + "' names no host: HOST:PORT/SCHEMA"};
  }
  relay.database_host = database.host;
  relay.database_port = database.port;
  relay.database_schema = database.schema;
  relay.tls = relay.tls || !relay.tls_ca_file.empty();
  relay.database_timeout = milliseconds(raw.database_timeout);
  relay.request_timeout = milliseconds(raw.request_timeout);
  relay.lease_ttl = milliseconds(raw.lease_ttl);
  relay.on_refusal = raw.on_refusal == "dead" ? OnRefusal::kDead : OnRefusal::kBlock;
  relay.keep = std::chrono::duration_cast<std::chrono::seconds>(milliseconds(raw.keep));
  relay.poll_min = milliseconds(raw.poll_min);
  relay.poll_max = milliseconds(raw.poll_max);
  out.drain_timeout = milliseconds(raw.drain_timeout);
  out.log_level = LogLevelFromString(raw.log_level);
  out.log_format = LogFormatFromString(raw.log_format);
  LANEMQ_RETURN_IF_ERROR(ReadPassword(raw.password_file, relay.database_password));
  return relay.Validate();
}

// What neither a flag nor the environment has set.
void AddFromFile(CLI::App& app, const std::string& path) {
  for (const CLI::ConfigItem& item : CLI::ConfigINI().from_file(path)) {
    CLI::Option* option = app.get_option_no_throw("--" + item.name);
    if (option == nullptr || !item.parents.empty()) throw CLI::ConfigError::Extras(item.fullname());
    if (option->count() > 0) continue;
    option->add_result(item.inputs);
    option->run_callback();
  }
}

}  // namespace

ParsedRelayCommandLine ParseRelayCommandLine(int argc, const char* const* argv) {
  ParsedRelayCommandLine parsed;
  RelayCommandLine& out = parsed.options;
  out.relay.client_id = "lanemq-outbox-relay";
  Raw raw;
  CLI::App app{
      "Publishes the committed rows of an outbox to their topics, once each and in order by key.\n"
      "Run two or more for one outbox: they share the work, and one takes over when another dies.\n"
      "Every setting may also stand in the environment or, without the dashes, in a file:\n"
      "flag before environment before file."};
  app.set_version_flag("--version", std::string("lanemq-outbox-relay ") + kVersion);
  std::string config;
  app.add_option("--config", config, "File of settings, name=value");
  AddDatabase(app, out, raw);
  AddCluster(app, out, raw);
  AddWork(app, out, raw);
  AddProcess(app, out, raw);
  try {
    app.parse(argc, argv);
    if (!config.empty()) AddFromFile(app, config);
    for (const char* required : {"--database", "--user", "--bootstrap"}) {
      if (app.get_option(required)->count() == 0) throw CLI::RequiredError(required);
    }
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    parsed.exit_code = code == 0 ? 0 : 2;
    return parsed;
  }
  const Status converted = Convert(raw, out);
  if (!converted.ok()) {
    std::cerr << "lanemq-outbox-relay: " << converted.error().message
              << "\nRun with --help for more information.\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace lanemq::client
