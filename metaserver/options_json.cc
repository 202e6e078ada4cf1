#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/guard/settings.h"
#include "metaserver/options.h"

namespace lanemq::metaserver {

std::string Options::ToJson() const {
  const nlohmann::ordered_json json = {
      {"listen", fmt::format("{}:{}", listen_host, listen_port)},
      {"advertise", fmt::format("{}:{}", advertise_host, advertise_port)},
      {"admin-host", admin_host},
      {"admin-port", admin_port},
      {"auth", NameOf(auth.mode)},
      {"tls-certificate-file", auth.tls.certificate_file},
      {"tls-key-file", auth.tls.key_file},
      {"tls-client-ca-file", auth.tls.client_ca_file},
      {"tls-client-certificate-required", auth.tls.is_client_certificate_required},
      {"tls-client-common-name", auth.tls.is_common_name_a_name},
      {"unidentified-per-address-max", unidentified_per_address_max},
      {"setup-token-file", setup_token_file},
      {"token-file", token_file},
      {"ca-file", ca_file},
      {"meta-host", meta_host},
      {"meta-port", meta_port},
      {"meta-user", meta_user},
      {"schema-prefix", schema_prefix},
      {"node-user", node_user},
      {"node-user-hosts", node_user_hosts},
      {"credentials-key-file", credentials_key_file},
      {"migrate", migrate},
      {"startup-timeout", startup_timeout.count()},
      {"drain-timeout", drain_timeout.count()},
      {"heartbeat-interval", heartbeat_interval.count()},
      {"session-timeout", session_timeout.count()},
      {"eviction-window", eviction_window.count()},
      {"eviction-one-in", eviction_one_in},
      {"lease-ttl", lease_ttl.count()},
      {"group-slot-lease-ms", group_slot_lease.count()},
      {"group-min-session-timeout-ms", group_min_session_timeout.count()},
      {"group-max-session-timeout-ms", group_max_session_timeout.count()},
      {"group-initial-rebalance-delay-ms", group_initial_rebalance_delay.count()},
      {"group-max-size", group_max_size},
      {"offsets-retention-minutes", offsets_retention.count()},
      {"offsets-retention-check-interval-ms", offsets_retention_check_interval.count()},
      {"poll-interval", poll_interval.count()},
      {"change-timeout", change_timeout.count()},
      {"finish-interval", finish_interval.count()},
      {"topic-undelete-retention", topic_undelete_retention.count()},
      {"change-threads", change_threads},
      {"lag-interval", lag_interval.count()},
      {"on-call-time-scale", on_call_time_scale},
      {"node-capacity-bytes", node_capacity_bytes},
      {"alert-runbook-url", alert_runbook_url},
      {"alert-resolve-after", alert_resolve_after.count()},
      {"watchdog-url", alert_watchdog_url.empty() ? "" : "(set)"},
      {"alert-proxy", WithoutUser(alert_proxy)},
      {"alert-ca-file", alert_ca_file},
      {"alert-secrets-dir", alert_secrets_dir},
      {"hygiene-interval", hygiene_interval.count()},
      {"ready-file", ready_file},
      {"log-level", log_level},
      {"log-format", log_format},
      {"slow-request-ms", slow_request.count()},
      {"slow-sql-ms", slow_sql.count()}};
  return json.dump(2) + "\n";
}

}  // namespace lanemq::metaserver
