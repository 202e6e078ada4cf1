#include "metaserver/options.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/core/catalog/login_hosts.h"
#include "metaserver/oncall/facts.h"

namespace lanemq::metaserver {
namespace {

constexpr std::string_view kEnvironmentPrefix = "LANEMQ_META_";
/// Its path or query is what lets a metaserver in there.
constexpr std::string_view kSecretSettings[] = {"watchdog-url"};

/// What is not a plain number or text in Options.
struct RawOptions {
  std::string listen = "127.0.0.1:9600";
  std::string advertise;
  std::string meta_password_file;
  std::string node_password_file;
};

Error Invalid(std::string message) { return {ErrorCode::kInvalidConfig, std::move(message)}; }

/// "host:port" or "[v6]:port"; the port may be missing when `port` has a meaning already.
Status ParseAddress(const std::string& flag, const std::string& text, std::string& host,
                    std::uint16_t& port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return Invalid(flag + ": '" + text + "' is not host:port");
  }
  host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const std::string digits = text.substr(colon + 1);
  const bool is_number = std::all_of(digits.begin(), digits.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!is_number || digits.size() > 5 || std::stoi(digits) > 65'535) {
    return Invalid(flag + ": '" + digits + "' is not a port");
  }
  port = static_cast<std::uint16_t>(std::stoi(digits));
  return {};
}

Result<std::string> ReadPassword(const std::string& flag, const std::string& path) {
  std::ifstream file(path);
  if (!file) return Invalid(flag + ": cannot read " + path);
  std::string password((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
    password.pop_back();
  }
  return password;
}

CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                         std::int64_t min_ms, std::int64_t max_ms, const std::string& help) {
  return app
      .add_option_function<std::int64_t>(
          name, [&value](std::int64_t ms) { value = std::chrono::milliseconds{ms}; },
          help + ", in ms")
      ->check(CLI::Range(min_ms, max_ms))
      ->default_str(std::to_string(value.count()))
      ->type_name("MS");
}

void DeclareAddresses(CLI::App& app, Options& options, RawOptions& raw) {
  app.set_version_flag("--version", Version());
  app.set_config("--config", "", "settings as name=value lines; flags and environment go first");
  app.allow_config_extras(false);
  app.add_option("--listen", raw.listen, "address for clients and brokers; port 0: any")
      ->capture_default_str();
  app.add_option("--advertise", raw.advertise, "host:port that others reach this server at");
  app.add_option("--admin-host", options.admin_host, "address of the HTTP admin port")
      ->capture_default_str();
  app.add_option("--admin-port", options.admin_port, "HTTP admin port; 0: any")
      ->capture_default_str();
  app.add_option("--meta-host", options.meta_host, "metadata database")->capture_default_str();
  app.add_option("--meta-port", options.meta_port, "metadata database")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str();
  app.add_option("--meta-user", options.meta_user, "metadata database")->capture_default_str();
  app.add_option("--meta-password-file", raw.meta_password_file,
                 "file with the password; none: empty");
  app.add_option("--schema-prefix", options.schema_prefix, "the metadata schema is <prefix>_meta")
      ->capture_default_str();
  app.add_option("--node-user", options.node_user, "data nodes; default: as --meta-user");
  app.add_option("--node-password-file", raw.node_password_file, "file with the password");
  app.add_option(
      "--node-user-hosts", options.node_user_hosts,
      "hosts that a data node without a login of its own may be added or moved to, so "
      "that --node-user and the brokers' --db-user sign in there: NAME, *.NAME, ADDRESS, "
      "ADDRESS/BITS, with commas in between, or * for all; besides this machine, and "
      "hosts of data nodes that have none already. The same for every metaserver");
  app.add_option("--credentials-key-file", options.credentials_key_file,
                 "keys that the credentials of data nodes are kept encrypted with, 64 hexadecimal "
                 "digits a line, for its owner alone to read; the first one encrypts. The same for "
                 "every metaserver and broker");
  app.add_flag("--migrate,!--no-migrate", options.migrate, "bring the metadata schema up to date")
      ->default_str("true");
}

void DeclareAccess(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--auth",
         [&options](const std::string& mode) {
           options.auth.mode = AuthModeFromString(mode).value_or(AuthMode::kToken);
         },
         "none: whoever reaches this server may do everything, so it listens on this machine "
         "alone; observe: everybody is served, and what token would refuse is counted and logged, "
         "to change over; token: callers present one, or a client certificate")
      ->check(CLI::IsMember({"none", "observe", "token"}))
      ->default_str("none")
      ->type_name("MODE");
  rpc::TlsServerOptions& tls = options.auth.tls;
  app.add_option("--tls-certificate-file", tls.certificate_file,
                 "PEM, this server's own first; looked at every 10 s. Makes the port speak TLS");
  app.add_option("--tls-key-file", tls.key_file, "PEM, of the certificate");
  app.add_option("--tls-client-ca-file", tls.client_ca_file,
                 "clients' certificates of these authorities say who is there");
  app.add_flag("--tls-client-certificate-required", tls.is_client_certificate_required,
               "refuse clients without such a certificate");
  app.add_flag("--tls-client-common-name", tls.is_common_name_a_name,
               "the common name of a client's certificate counts, too, where it has no URI "
               "lanemq:service/NAME");
  app.add_option("--unidentified-per-address-max", options.unidentified_per_address_max,
                 "connections of one address that have not said who they are, with --auth=token")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--setup-token-file", options.setup_token_file,
                 "while nobody can administer the cluster: written once, with the token of an "
                 "admin, for its owner alone to read");
  app.add_option("--token-file", options.token_file,
                 "this server's own token, for other metaservers: of a service of kind server");
  app.add_option("--ca-file", options.ca_file,
                 "authorities that other metaservers are trusted by; default: the system's");
}

void DeclareGroups(CLI::App& app, Options& options) {
  AddDuration(app, "--group-slot-lease-ms", options.group_slot_lease, 500, 600'000,
              "a dead coordinator of groups is replaced after this long");
  AddDuration(app, "--group-min-session-timeout-ms", options.group_min_session_timeout, 100,
              3'600'000, "members of groups must ask for at least this");
  AddDuration(app, "--group-max-session-timeout-ms", options.group_max_session_timeout, 100,
              86'400'000, "and at most this");
  AddDuration(app, "--group-initial-rebalance-delay-ms", options.group_initial_rebalance_delay, 0,
              600'000, "how long an empty group waits for more members");
  app.add_option("--group-max-size", options.group_max_size, "members of one group")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option_function<std::int64_t>(
         "--offsets-retention-minutes",
         [&options](std::int64_t m) { options.offsets_retention = std::chrono::minutes{m}; },
         "a group without members for longer expires, and its offsets")
      ->check(CLI::Range(1, 52'560'000))
      ->default_str(std::to_string(options.offsets_retention.count()))
      ->type_name("MINUTES");
  AddDuration(app, "--offsets-retention-check-interval-ms",
              options.offsets_retention_check_interval, 50, 86'400'000,
              "how often groups that expire are looked for");
}

void DeclareOnCall(CLI::App& app, Options& options) {
  AddDuration(app, "--lag-interval", options.lag_interval, 100, 60'000,
              "how often the metaserver on call reads the lag of groups");
  app.add_option("--on-call-time-scale", options.on_call_time_scale,
                 "of everything that verdicts and alerts wait for; 0.02: fifty times as quick, for "
                 "tests and demonstrations")
      ->check(CLI::Range(0.0001, 100.0))
      ->capture_default_str();
  app.add_option(
      "--node-capacity-bytes", options.node_capacity_bytes,
      "what data nodes may use: NODE=BYTES,..., or BYTES of all others; alerts tell when "
      "nine tenths of it are used");
  app.add_option("--alert-runbook-url", options.alert_runbook_url,
                 "prefix of the links to runbooks in notices");
  AddDuration(app, "--alert-resolve-after", options.alert_resolve_after, 1'000, 3'600'000,
              "an alert that is false for so long is over");
  app.add_option("--watchdog-url", options.alert_watchdog_url,
                 "called each minute while alerts are evaluated here");
  app.add_option("--alert-proxy", options.alert_proxy, "http(s)://host:port, for channels of HTTP");
  app.add_option("--alert-ca-file", options.alert_ca_file,
                 "authorities that channels' servers are trusted by; default: the system's");
  app.add_option("--alert-secrets-dir", options.alert_secrets_dir,
                 "directory of the files that channels name as secret_file");
  AddDuration(app, "--hygiene-interval", options.hygiene_interval, 0, 86'400'000,
              "how often the metaserver on call looks whom to remind of what lanemq hygiene "
              "lists; 0: nobody is reminded");
}

void Declare(CLI::App& app, Options& options, RawOptions& raw) {
  DeclareAddresses(app, options, raw);
  DeclareAccess(app, options);
  AddDuration(app, "--startup-timeout", options.startup_timeout, 0, 86'400'000,
              "how long to wait for the metadata database");
  AddDuration(app, "--drain-timeout", options.drain_timeout, 0, 600'000,
              "how long SIGTERM waits for running requests");
  AddDuration(app, "--heartbeat-interval", options.heartbeat_interval, 50, 60'000,
              "what brokers are told");
  AddDuration(app, "--session-timeout", options.session_timeout, 200, 600'000,
              "a broker silent for longer is dead");
  AddDuration(app, "--eviction-window", options.eviction_window, 1, 3'600'000,
              "the time that --eviction-one-in is about");
  app.add_option("--eviction-one-in", options.eviction_one_in,
                 "at most one in so many brokers, but at least one, dies per window")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  AddDuration(app, "--lease-ttl", options.lease_ttl, 500, 600'000, "lease of the background jobs");
  DeclareGroups(app, options);
  AddDuration(app, "--poll-interval", options.poll_interval, 10, 60'000,
              "how often the catalogue's version is looked at");
  AddDuration(app, "--change-timeout", options.change_timeout, 1'000, 600'000,
              "for one change of the catalogue, its tables included");
  AddDuration(app, "--finish-interval", options.finish_interval, 50, 600'000,
              "how often unfinished topics are looked for");
  AddDuration(app, "--topic-undelete-retention", options.topic_undelete_retention, 0,
              31'536'000'000, "for how long a deleted topic can be brought back; 0: not at all");
  app.add_option("--change-threads", options.change_threads, "changes at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  DeclareOnCall(app, options);
  app.add_option("--ready-file", options.ready_file, "written when the server is ready");
  app.add_option("--log-level", options.log_level)
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text, or json: one object per line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  AddDuration(app, "--slow-request-ms", options.slow_request, 0, 3'600'000,
              "requests that take longer are logged and shown by lanemq slow; 0: none");
  AddDuration(app, "--slow-sql-ms", options.slow_sql, 0, 3'600'000, "likewise, SQL statements");
}

/// --meta-host of LANEMQ_META_META_HOST.
std::string FlagOf(std::string_view variable) {
  std::string flag = "--";
  for (const char c : variable.substr(kEnvironmentPrefix.size())) {
    flag += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return flag;
}

/// The library lets a file win over the environment; so the environment becomes flags that were not
/// given.
Status AddEnvironment(const CLI::App& app, const std::vector<std::string>& environment,
                      std::vector<std::string>& arguments) {
  const auto is_given = [&](const std::string& flag) {
    return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
      return argument == flag || argument.starts_with(flag + "=");
    });
  };
  std::vector<std::string> added;
  for (const std::string& entry : environment) {
    if (!entry.starts_with(kEnvironmentPrefix)) continue;
    const std::size_t equals = entry.find('=');
    const std::string flag = FlagOf(std::string_view(entry).substr(0, equals));
    if (app.get_option_no_throw(flag) == nullptr) {
      return Invalid(entry.substr(0, equals) + ": there is no setting " + flag);
    }
    const bool is_off = flag == "--migrate" && is_given("--no-migrate");
    if (!is_given(flag) && !is_off) added.push_back(flag + "=" + entry.substr(equals + 1));
  }
  arguments.insert(arguments.end(), added.begin(), added.end());
  return {};
}

Status Complete(const RawOptions& raw, Options& options) {
  LANEMQ_RETURN_IF_ERROR(
      ParseAddress("--listen", raw.listen, options.listen_host, options.listen_port));
  if (!raw.advertise.empty()) {
    LANEMQ_RETURN_IF_ERROR(
        ParseAddress("--advertise", raw.advertise, options.advertise_host, options.advertise_port));
  }
  if (!raw.meta_password_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(options.meta_password,
                            ReadPassword("--meta-password-file", raw.meta_password_file));
  }
  if (!raw.node_password_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(options.node_password,
                            ReadPassword("--node-password-file", raw.node_password_file));
  }
  if (options.node_user.empty()) {
    options.node_user = options.meta_user;
    if (raw.node_password_file.empty()) options.node_password = options.meta_password;
  }
  if (options.session_timeout < 3 * options.heartbeat_interval) {
    return Invalid("--session-timeout must be at least three times --heartbeat-interval");
  }
  if (options.group_max_session_timeout < options.group_min_session_timeout) {
    return Invalid(
        "--group-max-session-timeout-ms must not be less than --group-min-session-timeout-ms");
  }
  const std::string& proxy = options.alert_proxy;
  if (!proxy.empty() && !proxy.starts_with("http://") && !proxy.starts_with("https://")) {
    return Invalid("--alert-proxy is like http://host:port");
  }
  // The owner of a lease is 128 bytes: host, port, and 16 digits for this start.
  if (options.advertise_host.size() > 100) {
    return Invalid("--advertise: the host has at most 100 bytes");
  }
  LANEMQ_RETURN_IF_ERROR(CheckServerAuth(options.auth, options.listen_host));
  if (!options.setup_token_file.empty() && options.auth.mode == AuthMode::kNone) {
    return Invalid("--setup-token-file needs --auth=token, or --auth=observe");
  }
  const auto capacities = ParseCapacities(options.node_capacity_bytes);
  if (!capacities.ok()) return Invalid("--node-capacity-bytes: " + capacities.error().message);
  const auto hosts = core::LoginHosts::Parse(options.node_user_hosts);
  if (!hosts.ok()) return Invalid("--node-user-hosts: " + hosts.error().message);
  return {};
}

}  // namespace

std::string Version() { return "0.1.0"; }

Result<ParsedOptions> ParseOptions(std::vector<std::string> arguments,
                                   const std::vector<std::string>& environment) {
  ParsedOptions parsed;
  RawOptions raw;
  CLI::App app("LaneMQ control plane: catalogue, discovery, background jobs", "lanemq-metaserver");
  Declare(app, parsed.options, raw);
  LANEMQ_RETURN_IF_ERROR(AddEnvironment(app, environment, arguments));
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    parsed.print_and_exit = app.help();
    return parsed;
  } catch (const CLI::CallForVersion&) {
    parsed.print_and_exit = "lanemq-metaserver " + Version() + "\n";
    return parsed;
  } catch (const CLI::Error& e) {
    return Invalid(std::string(e.what()) + "; --help lists every setting");
  }
  LANEMQ_RETURN_IF_ERROR(Complete(raw, parsed.options));
  parsed.options.settings = SettingsOf(app, kSecretSettings);
  return parsed;
}

}  // namespace lanemq::metaserver
