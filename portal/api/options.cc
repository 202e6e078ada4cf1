#include "portal/api/options.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lanemq::portal {
namespace {

constexpr const char* kExamples = R"(
Examples:
  lanemq-portal --bootstrap 127.0.0.1:9600 --anonymous
  lanemq-portal --bootstrap meta-1:9600,meta-2:9600 --ca-file ca.pem --token-file portal.token \
      --listen 0.0.0.0:443 --tls-certificate-file portal.pem --tls-key-file portal.key
  lanemq-portal --bootstrap meta-1:9600 --token-file portal.token --listen 10.0.0.5:8080 \
      --behind-proxy --trusted-proxies 10.0.0.4 --public-url https://lanemq.example \
      --oidc-issuer https://login.example --oidc-client-id lanemq --oidc-client-secret-file secret
The token is one of a service of kind gateway:
  lanemq service put portal --kind gateway
  lanemq token issue portal --output-file portal.token)";

// What CLI11 fills before it is converted.
struct Raw {
  std::string listen = "127.0.0.1:9680";
  std::string bootstrap;
  std::string trusted_proxies;
  std::string host_names;
  std::string log_level = "info";
  std::string log_format = "text";
};

Error Invalid(std::string message) { return {ErrorCode::kInvalidConfig, std::move(message), 0}; }

std::string EnvironmentOf(const std::string& name) {
  std::string environment = "LANEMQ_PORTAL_";
  for (const char c : name) environment += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return environment;
}

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& name, T& value, const std::string& help) {
  return app.add_option("--" + name, value, help)
      ->envname(EnvironmentOf(name))
      ->capture_default_str();
}

void AddFlag(CLI::App& app, const std::string& name, bool& value, const std::string& help) {
  app.add_flag("--" + name, value, help)->envname(EnvironmentOf(name));
}

std::vector<std::string> Parts(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (!one.empty()) parts.emplace_back(one);
  }
  return parts;
}

// "host:port", "[v6]:port".
Result<rpc::Endpoint> EndpointOf(const std::string& flag, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  rpc::Endpoint endpoint;
  endpoint.host = text.substr(0, std::min(colon, text.size()));
  if (endpoint.host.size() > 2 && endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  const char* const end = text.data() + text.size();
  const bool has_port = colon != std::string::npos && colon + 1 < text.size();
  const auto parsed = has_port ? std::from_chars(text.data() + colon + 1, end, endpoint.port)
                               : std::from_chars_result{end, std::errc::invalid_argument};
  if (endpoint.host.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
    return Invalid(fmt::format("--{}: '{}' is not host:port", flag, text));
  }
  return endpoint;
}

void AddCluster(CLI::App& app, PortalOptions& out, Raw& raw) {
  Add(app, "bootstrap", raw.bootstrap, "Metaservers or brokers, host:port, several with commas");
  Add(app, "token-file", out.token_file,
      "File with the gateway's own token, of a service of kind gateway; read for each connection");
  AddFlag(app, "cluster-tls", out.is_cluster_tls, "The cluster's servers speak TLS");
  Add(app, "ca-file", out.ca_file,
      "Whose certificates of servers to trust; implies --cluster-tls; empty: the system's");
  AddFlag(app, "anonymous", out.gateway.is_anonymous,
          "The cluster asks nobody who he is: serve requests without a token");
}

void AddHttp(CLI::App& app, PortalOptions& out, Raw& raw) {
  Add(app, "listen", raw.listen, "Where HTTP is served, address:port");
  Add(app, "tls-certificate-file", out.tls.certificate_file,
      "PEM, the gateway's own first; looked at every 10 s. Makes it speak HTTPS");
  Add(app, "tls-key-file", out.tls.key_file, "PEM, of the certificate");
  AddFlag(app, "behind-proxy", out.gateway.trust.is_on,
          "Believe X-Forwarded-For and -Proto of this machine and of --trusted-proxies");
  Add(app, "trusted-proxies", raw.trusted_proxies, "Their addresses, with commas");
  Add(app, "host-names", raw.host_names,
      "Names that the gateway goes by, with commas; empty: any, but with --anonymous localhost "
      "alone");
  Add(app, "connections-max", out.http.connections_max, "Open connections");
  Add(app, "connections-per-address-max", out.http.connections_per_address_max,
      "Of one address, unless it is a trusted proxy");
  Add(app, "threads", out.http.threads, "Requests at work at once")->check(CLI::Range(1, 256));
  Add(app, "requests-per-second", out.gateway.requests.per_second,
      "Of one address; bursts of twice as many are served")
      ->check(CLI::Range(1.0, 1e6));
}

void AddOidc(CLI::App& app, PortalOptions& out) {
  Add(app, "public-url", out.public_url,
      "How browsers reach this gateway, https://NAME: the provider sends them back there");
  Add(app, "oidc-issuer", out.oidc.provider.issuer,
      "Lets people sign in with this provider (OpenID Connect), as its tokens name it");
  Add(app, "oidc-client-id", out.oidc.provider.client_id, "What the provider calls this gateway");
  Add(app, "oidc-client-secret-file", out.oidc.provider.client_secret_file,
      "Its secret, one line, read for each sign-in; empty: it has none");
  Add(app, "oidc-scopes", out.oidc.scopes, "Between blanks, openid among them");
  Add(app, "oidc-ca-file", out.oidc_ca_file,
      "Whose certificates of the provider to trust; empty: the system's");
  Add(app, "oidc-key-file", out.oidc_key_file,
      "32-byte keys, one a line, shared by gateways behind one name; empty: its own");
}

void AddDemo(CLI::App& app, PortalOptions& out) {
  Add(app, "demo-person", out.demo_person,
      "For demonstrations: the sign-in page lets anybody be this person with one click. Only where "
      "--listen is an address of this machine alone");
  Add(app, "demo-password-file", out.demo_password_file,
      "The person's password, one line; readable by the gateway's user alone");
}

void AddProcess(CLI::App& app, PortalOptions& out, Raw& raw) {
  Add(app, "admin-host", out.admin_host, "Address of /healthz /readyz /metrics /version");
  Add(app, "admin-port", out.admin_port, "Their port; 0: any");
  Add(app, "ready-file", out.ready_file, "Written with the ports once it serves");
  Add(app, "log-level", raw.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  Add(app, "log-format", raw.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

Status Convert(const Raw& raw, PortalOptions& out) {
  LANEMQ_ASSIGN_OR_RETURN(const rpc::Endpoint listen, EndpointOf("listen", raw.listen));
  out.http.host = listen.host;
  out.http.port = listen.port;
  for (const std::string& text : Parts(raw.bootstrap)) {
    LANEMQ_ASSIGN_OR_RETURN(rpc::Endpoint endpoint, EndpointOf("bootstrap", text));
    out.bootstrap.push_back(std::move(endpoint));
  }
  for (std::string& proxy : Parts(raw.trusted_proxies)) {
    if (!IsAddress(proxy)) {
      return Invalid(fmt::format("--trusted-proxies: '{}' is no address", proxy));
    }
    out.gateway.trust.proxies.insert(std::move(proxy));
  }
  for (std::string& name : Parts(raw.host_names)) out.gateway.host_names.insert(std::move(name));
  while (out.public_url.ends_with('/')) out.public_url.pop_back();
  out.oidc.provider.redirect_uri = out.public_url + std::string(kOidcCallbackPath);
  out.gateway.requests.burst = 2 * out.gateway.requests.per_second;
  out.is_cluster_tls = out.is_cluster_tls || !out.ca_file.empty();
  out.log_level = LogLevelFromString(raw.log_level);
  out.log_format = LogFormatFromString(raw.log_format);
  return CheckPortalOptions(out);
}

bool HasWord(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(' '));
    if (one == word) return true;
    text.remove_prefix(std::min(one.size() + 1, text.size()));
  }
  return false;
}

Status CheckOidc(const PortalOptions& options) {
  const ProviderOptions& provider = options.oidc.provider;
  if (provider.issuer.empty()) {
    const bool has_more = !provider.client_id.empty() || !provider.client_secret_file.empty() ||
                          !options.oidc_ca_file.empty() || !options.oidc_key_file.empty();
    if (has_more) return Invalid("--oidc-issuer: which provider do the other --oidc-... go with?");
    return {};
  }
  if (!IsSafeUrl(provider.issuer) || provider.issuer.find('?') != std::string::npos) {
    return Invalid("--oidc-issuer: https://..., without a query");
  }
  if (provider.client_id.empty()) {
    return Invalid("--oidc-client-id: what does the provider call this gateway?");
  }
  const std::string& url = options.public_url;
  if (!IsSafeUrl(url) || url.find('?') != std::string::npos ||
      url.find('/', url.find("//") + 2) != std::string::npos) {
    return Invalid(
        "--public-url: https://NAME, without a path: the provider sends browsers back there");
  }
  if (!HasWord(options.oidc.scopes, "openid")) {
    return Invalid("--oidc-scopes: without openid there is no identity token");
  }
  if (options.gateway.is_anonymous) {
    return Invalid("--oidc-issuer: with --anonymous nobody is asked who he is");
  }
  return {};
}

// Whoever reaches the gateway is that person: nobody but this machine may.
Status CheckDemo(const PortalOptions& options) {
  if (options.demo_person.empty()) {
    if (options.demo_password_file.empty()) return {};
    return Invalid("--demo-password-file: goes with --demo-person");
  }
  if (options.demo_password_file.empty()) {
    return Invalid("--demo-person: where is the password? Give --demo-password-file");
  }
  if (options.gateway.is_anonymous) {
    return Invalid("--demo-person: with --anonymous nobody is asked who he is");
  }
  if (!IsLoopback(options.http.host)) {
    return Invalid(
        fmt::format("--demo-person: {} can be reached from other machines, and whoever reaches it "
                    "would be {} without a password: --listen on 127.0.0.1 or [::1]",
                    options.http.host, options.demo_person));
  }
  if (options.gateway.trust.is_on || !options.gateway.host_names.empty() ||
      !options.public_url.empty()) {
    return Invalid(
        "--demo-person: is for this machine alone; it does not go with --behind-proxy, "
        "--host-names or --public-url, which let others in");
  }
  return {};
}

}  // namespace

Status CheckPortalOptions(const PortalOptions& options) {
  if (options.bootstrap.empty()) return Invalid("--bootstrap: which cluster?");
  const bool has_tls = !options.tls.certificate_file.empty() || !options.tls.key_file.empty();
  if (!IsAddress(options.http.host)) {
    return Invalid(fmt::format("--listen: '{}' is no address", options.http.host));
  }
  const bool is_here = IsLoopback(options.http.host);
  if (!is_here && !has_tls && !options.gateway.trust.is_on) {
    return Invalid(
        fmt::format("--listen: {} can be reached from other machines, and passwords would "
                    "cross the network as they are: give --tls-certificate-file, or "
                    "--behind-proxy when a proxy speaks HTTPS in front",
                    options.http.host));
  }
  if (!options.gateway.trust.is_on && !options.gateway.trust.proxies.empty()) {
    return Invalid("--trusted-proxies: goes with --behind-proxy");
  }
  if (options.gateway.is_anonymous && !options.token_file.empty()) {
    return Invalid("--anonymous: with a token the cluster asks who is there; give one of the two");
  }
  if (!options.gateway.is_anonymous && options.token_file.empty()) {
    return Invalid(
        "--token-file: the gateway needs a token of a service of kind gateway (or "
        "--anonymous, for a cluster that asks nobody who he is)");
  }
  LANEMQ_RETURN_IF_ERROR(CheckDemo(options));
  return CheckOidc(options);
}

ParsedPortalOptions ParsePortalOptions(int argc, const char* const* argv) {
  ParsedPortalOptions parsed;
  Raw raw;
  CLI::App app{
      "The HTTP API of a cluster: /api/v1, described at /api/v1/openapi.yaml. It has no rights of\n"
      "its own: every request is made with the token or the session that it carries.\n"
      "Every setting may also stand in the environment; flags go first."};
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("lanemq-portal ") + kPortalVersion);
  AddCluster(app, parsed.options, raw);
  AddHttp(app, parsed.options, raw);
  AddOidc(app, parsed.options);
  AddDemo(app, parsed.options);
  AddProcess(app, parsed.options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    parsed.exit_code = app.exit(e) == 0 ? 0 : 2;
    return parsed;
  }
  if (const Status converted = Convert(raw, parsed.options); !converted.ok()) {
    std::cerr << "lanemq-portal: " << converted.error().message
              << "\nRun with --help for more information.\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace lanemq::portal
