#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/guard/server_auth.h"
#include "common/guard/settings.h"

namespace lanemq::metaserver {

/// Every setting of lanemq-metaserver. Fixed for the life of the process.
///
/// Precedence: file (--config) < environment (LANEMQ_META_<NAME>, `-` as `_`) < flag. A name that
/// does not exist is an error in all three.
struct Options {
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 9600;  ///< 0: the system chooses.
  /// What clients and brokers are told. Empty: the listen host, or this machine's name when that is
  /// every address.
  std::string advertise_host;
  std::uint16_t advertise_port = 0;  ///< 0: the port that is listened on.
  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;  ///< 0: the system chooses.

  /// Who may call this server, and who is to know what is said.
  ServerAuthOptions auth;
  /// Connections of one address that have not said who they are, where they must.
  std::int32_t unidentified_per_address_max = 100;
  /// Where the first start of a cluster writes the token of its first admin. Empty: nowhere.
  std::string setup_token_file;
  /// This server's own token, for calls of other metaservers. Empty: it presents none.
  std::string token_file;
  std::string ca_file;  ///< Who vouches for other metaservers; empty: the system's authorities.

  std::string meta_host = "127.0.0.1";
  std::int32_t meta_port = 3306;
  std::string meta_user = "lanemq";
  std::string meta_password;  ///< From --meta-password-file; never printed.
  std::string schema_prefix = "lanemq";
  std::string node_user;      ///< Empty: as meta_user, with its password.
  std::string node_password;  ///< From --node-password-file; never printed.
  /// For core::LoginHosts::Parse(); it is valid. Where data nodes may be added or moved to that
  /// servers sign in at with what their own files say.
  std::string node_user_hosts;
  /// Keys of the credentials that the catalogue has of data nodes; empty: none can be kept.
  std::string credentials_key_file;

  bool migrate = true;
  std::chrono::milliseconds startup_timeout{120'000};
  std::chrono::milliseconds drain_timeout{10'000};
  std::chrono::milliseconds heartbeat_interval{1'000};
  std::chrono::milliseconds session_timeout{6'000};
  std::chrono::milliseconds eviction_window{30'000};
  std::int32_t eviction_one_in = 3;
  std::chrono::milliseconds lease_ttl{10'000};
  std::chrono::milliseconds group_slot_lease{5'000};
  std::chrono::milliseconds group_min_session_timeout{6'000};
  std::chrono::milliseconds group_max_session_timeout{1'800'000};
  std::chrono::milliseconds group_initial_rebalance_delay{3'000};
  std::int32_t group_max_size = 1'000;
  std::chrono::minutes offsets_retention{10'080};
  std::chrono::milliseconds offsets_retention_check_interval{60'000};
  std::chrono::milliseconds poll_interval{300};
  std::chrono::milliseconds change_timeout{30'000};
  std::chrono::milliseconds finish_interval{5'000};
  std::chrono::milliseconds topic_undelete_retention{std::chrono::days{7}};  ///< 0: none.
  std::int32_t change_threads = 4;
  std::chrono::milliseconds lag_interval{5'000};  ///< From one sampling to the next.
  /// Of everything that on-call waits for, but for lag_interval: smaller in tests alone.
  double on_call_time_scale = 1;
  std::string node_capacity_bytes;  ///< For ParseCapacities(); it is valid.
  std::string alert_runbook_url;    ///< Notices link to this, "/", kind, ".md". Empty: no links.
  std::chrono::milliseconds alert_resolve_after{60'000};
  std::string alert_watchdog_url;  ///< Called each minute while this metaserver is on call.
  std::string alert_proxy;         ///< http(s)://host:port, for channels of HTTP.
  std::string alert_ca_file;       ///< PEM; empty: the system's authorities.
  std::string alert_secrets_dir;   ///< Where channels' secret files are. Empty: they have none.
  std::chrono::milliseconds hygiene_interval{3'600'000};  ///< 0: people are not reminded.
  std::string ready_file;
  std::string log_level = "info";
  std::string log_format = "text";  ///< Or "json".
  /// Requests and SQL statements that take longer are written down; 0: none.
  std::chrono::milliseconds slow_request{1'000};
  std::chrono::milliseconds slow_sql{500};
  std::vector<Setting> settings;  ///< All of these as they were given, for serverSettings.

  /// Pretty JSON without passwords.
  [[nodiscard]] std::string ToJson() const;
};

/// What a command line asks for.
struct ParsedOptions {
  Options options;
  /// --help or --version: print this and end with 0.
  std::string print_and_exit;
};

/// `arguments` without the program's name; `environment` as NAME=value. kInvalidConfig with one
/// line that says what to do.
Result<ParsedOptions> ParseOptions(std::vector<std::string> arguments,
                                   const std::vector<std::string>& environment);

[[nodiscard]] std::string Version();

}  // namespace lanemq::metaserver
