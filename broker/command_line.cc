#include "broker/command_line.h"

#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include <CLI/CLI.hpp>

namespace lanemq::broker {
namespace {

// What CLI11 fills before it is checked and converted.
struct Raw {
  std::string listen = "127.0.0.1:9300";
  std::string advertise;
  std::string admin = "127.0.0.1:0";
  std::vector<std::string> metaservers;
  std::string data_dir;
  std::string password_file;
  std::string auth = "none";
  std::string log_level = "info";
  std::string log_format = "text";
  std::int64_t slow_request_ms = 1'000;
  std::int64_t slow_sql_ms = 500;
  std::size_t append_memory_mib = 256;
  std::size_t reply_memory_mib = 256;
  std::size_t append_queue_mib = 32;
  std::size_t tail_cache_mib = 256;
  std::int64_t sql_timeout_ms = 10'000;
  std::int64_t drain_timeout_ms = 20'000;
  std::int64_t start_patience_ms = 3'000;
  std::int64_t poll_min_ms = 10;
  std::int64_t poll_max_ms = 200;
  std::int64_t dead_letter_hours = 720;
  std::int64_t retention_interval_ms = 60'000;
  std::int64_t retention_busy_ms = 5'000;
  std::int64_t retention_lease_ms = 15'000;
  std::int64_t retention_grace_ms = 120'000;
  std::int64_t retention_idle_hours = 168;
  std::int64_t retention_room_ahead_s = 600;
  std::int64_t retention_catalog_age_s = 600;
  std::string retention_window;
};

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& name, T& value, const std::string& help) {
  std::string environment = "LANEMQ_BROKER_";
  for (const char c : name) environment += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return app.add_option("--" + name, value, help)->envname(environment)->capture_default_str();
}

void AddAddresses(CLI::App& app, CommandLine& out, Raw& raw) {
  Add(app, "broker-id", out.broker.broker_id,
      "Number of this broker, unique in the cluster; keeps its preferred partitions over restarts")
      ->check(CLI::Range(1, 1'000'000));
  Add(app, "listen", raw.listen, "Where clients connect, host:port; port 0: the system chooses");
  Add(app, "advertise", raw.advertise,
      "What clients are told, host[:port]; default: the address listened on");
  Add(app, "admin-listen", raw.admin,
      "Where /healthz /readyz /metrics /status /config are served, host:port");
  app.add_option("--admin-port", out.broker.admin_port,
                 "Port of --admin-listen alone, on its host; 0: the system chooses");
  Add(app, "metaserver", raw.metaservers, "Metaservers, host:port, several with commas")
      ->delimiter(',');
  Add(app, "data-dir", raw.data_dir,
      "Where the catalogue is remembered, so that a restart needs no metaserver; empty: nowhere");
  Add(app, "ready-file", out.ready_file, "Written with the ports once this broker serves");
}

void AddAuth(CLI::App& app, CommandLine& out, Raw& raw) {
  rpc::TlsServerOptions& tls = out.auth.tls;
  Add(app, "auth", raw.auth,
      "What clients have to show. token: who they are, by authenticate or a certificate. observe: "
      "everybody is served, and what token would refuse is counted and logged; to change over. "
      "none: everybody may do everything, from this machine alone")
      ->check(CLI::IsMember({"none", "observe", "token"}));
  Add(app, "tls-certificate-file", tls.certificate_file,
      "This server's certificate and its chain, PEM; looked at every 10 s. Empty: plain TCP");
  Add(app, "tls-key-file", tls.key_file, "Its key, PEM");
  Add(app, "tls-client-ca-file", tls.client_ca_file,
      "Authority of clients' certificates, PEM; a name in one is the service that calls");
  app.add_flag("--tls-client-certificate-required", tls.is_client_certificate_required,
               "Refuse clients without such a certificate")
      ->envname("LANEMQ_BROKER_TLS_CLIENT_CERTIFICATE_REQUIRED");
  app.add_flag("--tls-client-common-name", tls.is_common_name_a_name,
               "The common name of a client's certificate counts, too, where it has no URI "
               "lanemq:service/NAME")
      ->envname("LANEMQ_BROKER_TLS_CLIENT_COMMON_NAME");
  Add(app, "token-file", out.token_file,
      "File with this broker's token, of a service of kind server, for metaservers");
  Add(app, "ca-file", out.ca_file,
      "Authority of the metaservers' certificates, PEM; they are then called by TLS, with this "
      "server's certificate. Empty: plain TCP");
}

void AddDatabase(CLI::App& app, CommandLine& out, Raw& raw) {
  Add(app, "db-user", out.db_user, "User on every data node");
  Add(app, "db-password-file", raw.password_file, "File with its password; empty: no password");
  Add(app, "credentials-key-file", out.credentials_key_file,
      "The metaservers' --credentials-key-file, for data nodes whose credentials the catalogue "
      "has; "
      "for its owner alone to read. Empty: --db-user is used everywhere");
  Add(app, "append-threads", out.broker.workers.append_threads,
      "Threads, and so concurrent inserts, per data node")
      ->check(CLI::Range(1, 64));
  Add(app, "read-threads", out.broker.workers.read_threads,
      "Threads per data node for reads and commits")
      ->check(CLI::Range(1, 64));
  Add(app, "db-connections", out.db_connections,
      "Connections per data node; 0: one per thread of it")
      ->check(CLI::Range(0, 256));
  Add(app, "sql-timeout-ms", raw.sql_timeout_ms, "Longest one database call may take")
      ->check(CLI::Range(100, 120'000));
}

void AddLimits(CLI::App& app, CommandLine& out, Raw& raw) {
  BrokerOptions& broker = out.broker;
  Add(app, "rpc-threads", broker.rpc_threads, "Threads that serve client connections")
      ->check(CLI::Range(1, 64));
  Add(app, "connections-max", broker.rpc_limits.connections_max, "Client connections")
      ->check(CLI::Range(1, 1'000'000));
  Add(app, "unidentified-per-address-max",
      broker.rpc_limits.unidentified.connections_per_address_max,
      "Connections of one address that have not said who they are, with --auth=token; all "
      "together: a quarter of --connections-max")
      ->check(CLI::Range(1, 1'000'000));
  Add(app, "reply-memory-mib", raw.reply_memory_mib,
      "Replies that clients have not taken yet, of all connections; those of who takes none are "
      "closed")
      ->check(CLI::Range(64, 65'536));
  Add(app, "append-memory-mib", raw.append_memory_mib,
      "Messages received and not yet stored, of all partitions; more is THROTTLED")
      ->check(CLI::Range(1, 65'536));
  Add(app, "append-queue-mib", raw.append_queue_mib, "Likewise, of one partition")
      ->check(CLI::Range(1, 65'536));
  Add(app, "append-queue-requests", broker.append.queue_requests_max,
      "Produce requests waiting on one partition")
      ->check(CLI::Range(1, 1'000'000));
  Add(app, "tail-cache-mib", raw.tail_cache_mib,
      "Newest messages kept in memory for readers, of all partitions")
      ->check(CLI::Range(0, 65'536));
  Add(app, "parked-fetches-max", broker.fetch.parked_max, "Long polls waiting at a time")
      ->check(CLI::Range(0, 1'000'000));
  Add(app, "end-poll-min-ms", raw.poll_min_ms,
      "Shortest wait between polls for messages that other brokers stored")
      ->check(CLI::Range(1, 10'000));
  Add(app, "end-poll-max-ms", raw.poll_max_ms, "Longest wait between them")
      ->check(CLI::Range(1, 60'000));
  Add(app, "message-bytes-max", broker.limits.message_bytes_max,
      "Body of one message, where the topic has no max.message.bytes")
      ->check(CLI::Range(std::size_t{1}, core::kMessageBytesHardMax));
  Add(app, "dead-letter-retention-hours", raw.dead_letter_hours,
      "How long dead letters are kept; 0: for ever")
      ->check(CLI::Range(0, 876'000));
  Add(app, "drain-timeout-ms", raw.drain_timeout_ms, "Longest an orderly stop may take")
      ->check(CLI::Range(0, 600'000));
  Add(app, "start-patience-ms", raw.start_patience_ms,
      "How long to wait for a metaserver before serving from the remembered catalogue")
      ->check(CLI::Range(0, 600'000));
  Add(app, "log-level", raw.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  Add(app, "log-format", raw.log_format, "text, or json: one object per line")
      ->check(CLI::IsMember({"text", "json"}));
  Add(app, "slow-request-ms", raw.slow_request_ms,
      "Requests that take longer are logged and shown by lanemq slow; 0: none. The waiting of "
      "long polls does not count")
      ->check(CLI::Range(0, 3'600'000));
  Add(app, "slow-sql-ms", raw.slow_sql_ms, "Likewise, SQL statements")
      ->check(CLI::Range(0, 3'600'000));
}

void AddRetention(CLI::App& app, CommandLine& out, Raw& raw) {
  JanitorOptions& retention = out.broker.retention;
  Add(app, "retention-interval-ms", raw.retention_interval_ms,
      "How often each partition is looked at for messages that need not be kept; 0: this broker "
      "removes none")
      ->check(CLI::Range(0, 86'400'000));
  Add(app, "retention-window", raw.retention_window,
      "Part of the day, UTC, when messages are removed, for example 01:30-05:00; empty: always");
  Add(app, "retention-steps-per-minute", retention.steps_per_minute,
      "Most steps that change a data node's tables; 0: one after the other, with rests nine times "
      "as long as the step")
      ->check(CLI::Range(0, 60'000));
  Add(app, "retention-group-idle-hours", raw.retention_idle_hours,
      "Where retention.unread is block: groups without members and commits for so long are not "
      "waited for")
      ->check(CLI::Range(1, 876'000));
  // What is dangerous or of use in tests alone is not in the help.
  const auto add_hidden = [&](const char* name, auto& value, std::int64_t min, std::int64_t max) {
    Add(app, name, value, "For tests")->check(CLI::Range(min, max))->group("");
  };
  add_hidden("retention-busy-ms", raw.retention_busy_ms, 1, 300'000);
  add_hidden("retention-lease-ms", raw.retention_lease_ms, 300, 300'000);
  add_hidden("retention-grace-ms", raw.retention_grace_ms, 0, 86'400'000);
  add_hidden("retention-room-ahead-s", raw.retention_room_ahead_s, 0, 86'400);
  add_hidden("retention-catalog-age-max-s", raw.retention_catalog_age_s, 0, 86'400);
  add_hidden("retention-segment-rows-min", retention.limits.segment_rows_min, 1, 100'000'000);
  add_hidden("retention-rest-factor", retention.rest_factor, 0, 1'000);
  add_hidden("retention-table-rest-factor", retention.table_rest_factor, 0, 1'000);
}

Status ConvertRetention(const Raw& raw, JanitorOptions& retention) {
  using std::chrono::milliseconds;
  retention.is_on = raw.retention_interval_ms > 0;
  retention.queue.every = milliseconds(raw.retention_interval_ms);
  retention.queue.busy_first = milliseconds(raw.retention_busy_ms);
  retention.lease.ttl = milliseconds(raw.retention_lease_ms);
  retention.lease.margin = retention.lease.ttl / 5;
  retention.acquire_every = retention.lease.ttl / 4;
  retention.limits.grace = milliseconds(raw.retention_grace_ms);
  retention.limits.room_ahead = std::chrono::seconds(raw.retention_room_ahead_s);
  retention.catalog_age_max = std::chrono::seconds(raw.retention_catalog_age_s);
  retention.group_idle_max = std::chrono::hours(raw.retention_idle_hours);
  LANEMQ_ASSIGN_OR_RETURN(retention.window, ParseDailyWindow(raw.retention_window));
  return {};
}

Status Convert(const Raw& raw, CommandLine& out) {
  BrokerOptions& broker = out.broker;
  LANEMQ_ASSIGN_OR_RETURN(const auto listen, ParseEndpoint(raw.listen));
  broker.listen_host = listen.host.empty() ? "0.0.0.0" : listen.host;
  broker.listen_port = static_cast<std::uint16_t>(listen.port);
  broker.advertise_host = broker.listen_host == "0.0.0.0" ? "127.0.0.1" : broker.listen_host;
  if (!raw.advertise.empty()) {
    const bool has_port = raw.advertise.find(':') != std::string::npos;
    LANEMQ_ASSIGN_OR_RETURN(const auto advertise,
                            ParseEndpoint(has_port ? raw.advertise : raw.advertise + ":0"));
    broker.advertise_host = advertise.host;
    broker.advertise_port = static_cast<std::uint16_t>(advertise.port);
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto admin, ParseEndpoint(raw.admin));
  broker.admin_host = admin.host.empty() ? "0.0.0.0" : admin.host;
  if (broker.admin_port == 0) broker.admin_port = static_cast<std::uint16_t>(admin.port);
  for (const std::string& text : raw.metaservers) {
    LANEMQ_ASSIGN_OR_RETURN(auto server, ParseEndpoint(text));
    broker.metaservers.push_back(std::move(server));
  }
  broker.data_dir = raw.data_dir;
  broker.auth = out.auth.mode = AuthModeFromString(raw.auth).value_or(AuthMode::kToken);
  LANEMQ_RETURN_IF_ERROR(CheckServerAuth(out.auth, broker.listen_host));
  LANEMQ_RETURN_IF_ERROR(CheckOwnIdentity(
      broker.auth,
      {.has_token = !out.token_file.empty(),
       .has_certificate = !out.ca_file.empty() && !out.auth.tls.certificate_file.empty()}));
  broker.rpc_limits.out_bytes_max = raw.reply_memory_mib << 20;
  broker.append_memory_bytes_max = raw.append_memory_mib << 20;
  broker.append.queue_bytes_max = raw.append_queue_mib << 20;
  broker.tail_cache_bytes_max = raw.tail_cache_mib << 20;
  broker.fetch.poller.interval_min = std::chrono::milliseconds(raw.poll_min_ms);
  broker.fetch.poller.interval_max = std::chrono::milliseconds(raw.poll_max_ms);
  broker.sql_timeout = std::chrono::milliseconds(raw.sql_timeout_ms);
  broker.duties.dead_letter_retention = std::chrono::hours(raw.dead_letter_hours);
  LANEMQ_RETURN_IF_ERROR(ConvertRetention(raw, broker.retention));
  broker.drain_timeout = std::chrono::milliseconds(raw.drain_timeout_ms);
  broker.start_patience = std::chrono::milliseconds(raw.start_patience_ms);
  if (raw.poll_max_ms < raw.poll_min_ms) {
    return Error{ErrorCode::kInvalidConfig, "end-poll-max-ms is below end-poll-min-ms"};
  }
  if (out.db_connections == 0) {
    out.db_connections = broker.workers.append_threads + broker.workers.read_threads +
                         broker.duties.move_threads + 1;  // The last is the janitor's.
  }
  out.log_level = LogLevelFromString(raw.log_level);
  out.log_format = LogFormatFromString(raw.log_format);
  out.slow.request = std::chrono::milliseconds(raw.slow_request_ms);
  out.slow.sql = std::chrono::milliseconds(raw.slow_sql_ms);
  if (raw.password_file.empty()) return {};
  std::ifstream file(raw.password_file, std::ios::binary);
  if (!file) return Error{ErrorCode::kInvalidConfig, "cannot read " + raw.password_file};
  out.db_password.assign(std::istreambuf_iterator<char>(file), {});
  while (!out.db_password.empty() &&
         (out.db_password.back() == '\n' || out.db_password.back() == '\r')) {
    out.db_password.pop_back();
  }
  return {};
}

// What neither a flag nor the environment has set. (The library's own handling lets the file win
// over the environment.)
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

Result<core::Endpoint> ParseEndpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end) port = -1;
  }
  if (port < 0 || port > 65'535) {
    return Error{ErrorCode::kInvalidConfig, "\"" + text + "\" is not host:port"};
  }
  return core::Endpoint{text.substr(0, colon), port};
}

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  CommandLine& out = parsed.options;
  Raw raw;
  CLI::App app{
      "Serves produce, fetch and offsets of LaneMQ partitions that live in MySQL tables.\n"
      "Every setting may also stand in the environment or, without the dashes, in a file:\n"
      "flag before environment before file."};
  app.set_version_flag("--version", "lanemq-broker " + out.broker.version);
  std::string config;
  app.add_option("--config", config, "File of settings, name=value");
  AddAddresses(app, out, raw);
  AddAuth(app, out, raw);
  AddDatabase(app, out, raw);
  AddLimits(app, out, raw);
  AddRetention(app, out, raw);
  try {
    app.parse(argc, argv);
    if (!config.empty()) AddFromFile(app, config);
    if (out.broker.broker_id == 0) throw CLI::RequiredError("--broker-id");
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    parsed.exit_code = code == 0 ? 0 : 2;
    return parsed;
  }
  out.broker.settings = SettingsOf(app);
  const Status converted = Convert(raw, out);
  if (!converted.ok()) {
    std::cerr << "lanemq-broker: " << converted.error().message << "\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace lanemq::broker
