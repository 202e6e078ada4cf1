#include "metaserver/command_line.h"

#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

namespace lanemq::metaserver {
namespace {

struct Raw {
  std::string listen = "0.0.0.0:9650";
  std::string advertise;
  std::string admin = "127.0.0.1:0";
  std::string meta_password_file;
  std::string node_password_file;
  std::string log_level = "info";
  std::int64_t session_timeout_ms = 6'000;
  std::int64_t heartbeat_interval_ms = 1'000;
  std::int64_t lease_ttl_ms = 10'000;
  std::int64_t startup_timeout_ms = 60'000;
  std::int64_t request_timeout_ms = 30'000;
};

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& name, T& value, const std::string& help) {
  std::string environment = "LANEMQ_META_";
  for (const char c : name) environment += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return app.add_option("--" + name, value, help)->envname(environment)->capture_default_str();
}

void Declare(CLI::App& app, CommandLine& out, Raw& raw) {
  Add(app, "listen", raw.listen, "Where clients and brokers connect, host:port; port 0: any");
  Add(app, "advertise", raw.advertise, "What others are told, host[:port]; default: as listened");
  Add(app, "admin-listen", raw.admin,
      "Where /healthz /readyz /metrics /status /config are served, host:port");
  app.add_option("--admin-port", out.metaserver.admin_port, "Port of --admin-listen alone");
  Add(app, "meta-host", out.meta_host, "Metadata database");
  Add(app, "meta-port", out.meta_port, "Its port")->check(CLI::Range(1, 65'535));
  Add(app, "meta-user", out.meta_user, "User on it");
  Add(app, "meta-password-file", raw.meta_password_file, "File with the password; empty: none");
  Add(app, "schema-prefix", out.schema_prefix, "The catalogue is in the schema <prefix>_meta");
  Add(app, "node-user", out.node_user, "User on every data node");
  Add(app, "node-password-file", raw.node_password_file, "File with its password; empty: none");
  Add(app, "ready-file", out.ready_file, "Written with the ports once this metaserver serves");
  Add(app, "heartbeat-interval-ms", raw.heartbeat_interval_ms, "How often brokers say they live")
      ->check(CLI::Range(50, 60'000));
  Add(app, "session-timeout-ms", raw.session_timeout_ms, "A broker silent for longer is evicted")
      ->check(CLI::Range(200, 600'000));
  Add(app, "lease-ttl-ms", raw.lease_ttl_ms, "How long a dead metaserver blocks background jobs")
      ->check(CLI::Range(500, 600'000));
  Add(app, "request-timeout-ms", raw.request_timeout_ms, "Longest one request may take")
      ->check(CLI::Range(500, 600'000));
  Add(app, "startup-timeout-ms", raw.startup_timeout_ms, "How long to wait for the database")
      ->check(CLI::Range(0, 3'600'000));
  Add(app, "worker-threads", out.metaserver.worker_threads, "Requests that wait for databases")
      ->check(CLI::Range(1, 64));
  Add(app, "log-level", raw.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
}

bool SplitAddress(const std::string& text, std::string& host, std::uint16_t& port) {
  const auto colon = text.rfind(':');
  const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return false;
  host = text.substr(0, colon);
  return true;
}

std::optional<std::string> ReadPassword(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string password(std::istreambuf_iterator<char>(file), {});
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
    password.pop_back();
  }
  return password;
}

/// The fault, or empty.
std::string Convert(const Raw& raw, CommandLine& out) {
  MetaserverOptions& meta = out.metaserver;
  if (!SplitAddress(raw.listen, meta.listen_host, meta.listen_port)) {
    return "--listen: '" + raw.listen + "' is not host:port";
  }
  if (meta.listen_host.empty()) meta.listen_host = "0.0.0.0";
  meta.advertise_host = meta.listen_host == "0.0.0.0" ? "127.0.0.1" : meta.listen_host;
  if (!raw.advertise.empty()) {
    const bool has_port = raw.advertise.find(':') != std::string::npos;
    if (!SplitAddress(has_port ? raw.advertise : raw.advertise + ":0", meta.advertise_host,
                      meta.advertise_port)) {
      return "--advertise: '" + raw.advertise + "' is not host[:port]";
    }
  }
  const std::uint16_t admin_port = meta.admin_port;
  if (!SplitAddress(raw.admin, meta.admin_host, meta.admin_port)) {
    return "--admin-listen: '" + raw.admin + "' is not host:port";
  }
  if (admin_port != 0) meta.admin_port = admin_port;
  const auto meta_password = ReadPassword(raw.meta_password_file);
  const auto node_password = ReadPassword(raw.node_password_file);
  if (!meta_password) return "--meta-password-file: cannot read " + raw.meta_password_file;
  if (!node_password) return "--node-password-file: cannot read " + raw.node_password_file;
  out.meta_password = *meta_password;
  out.node_password = *node_password;
  if (raw.session_timeout_ms < 2 * raw.heartbeat_interval_ms) {
    return "--session-timeout-ms must be at least twice --heartbeat-interval-ms";
  }
  meta.session_timeout = std::chrono::milliseconds(raw.session_timeout_ms);
  meta.eviction.session_timeout = meta.session_timeout;
  meta.heartbeat_interval = std::chrono::milliseconds(raw.heartbeat_interval_ms);
  meta.lease_ttl = std::chrono::milliseconds(raw.lease_ttl_ms);
  meta.request_timeout = std::chrono::milliseconds(raw.request_timeout_ms);
  meta.startup_timeout = std::chrono::milliseconds(raw.startup_timeout_ms);
  out.log_level = LogLevelFromString(raw.log_level);
  return "";
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  Raw raw;
  CLI::App app("The control plane of LaneMQ: catalogue, placement, registry, background jobs.",
               "lanemq-metaserver");
  app.set_version_flag("--version", LANEMQ_VERSION);
  app.set_config("--config", "", "File with settings, one `name=value` a line")
      ->envname("LANEMQ_META_CONFIG");
  app.allow_config_extras(CLI::config_extras_mode::error);
  Declare(app, parsed.options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    parsed.exit_code = code == 0 ? 0 : 2;
    return parsed;
  }
  parsed.options.metaserver.version = LANEMQ_VERSION;
  if (const std::string fault = Convert(raw, parsed.options); !fault.empty()) {
    std::cerr << "lanemq-metaserver: " << fault << "\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace lanemq::metaserver
