#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "lanemq/options.h"

namespace lanemq {

/// What a relay does with a message that brokers refuse for good.
enum class OnRefusal {
  kBlock,  ///< Tries it again for ever, with growing pauses; later messages of its key wait.
  kDead,   ///< After `attempts_max` refusals it is dead, and those behind it go on.
};

/// Everything that can be set of a relay; the program `lanemq-outbox-relay` has a flag for each.
/// Of ClientOptions, `request_timeout` is how long one attempt of a batch may take; 10 s by
/// default.
struct OutboxRelayOptions : ClientOptions {
  OutboxRelayOptions() {
    client_id = "lanemq-outbox-relay";
    request_timeout = std::chrono::seconds(10);
  }

  /// The server with the outbox: a TCP address, or `database_socket` (which wins), and the schema
  /// that has the outbox's tables.
  std::string database_host = "127.0.0.1";
  std::uint16_t database_port = 3306;
  std::string database_socket;
  std::string database_schema;
  std::string database_user;
  std::string database_password;  ///< Never printed.
  /// How long one call of the database may take; less than half of `lease_ttl` is used.
  /// Default: 5 s. Range: [1 s, 2 min].
  std::chrono::milliseconds database_timeout{5'000};

  /// Of this process, for people. Default: host name and process id. At most 128 bytes.
  std::string name;
  /// What the outbox is called in the cluster, the same for all its relays: 1 to 128 of
  /// [A-Za-z0-9._/@:-]. Default: `schema@host:port`, or `schema@socket` by its path.
  std::string outbox_name;

  /// The others take over a relay that is silent for so long: how long its messages wait when it
  /// dies. Default: 10 s. Range: [1 s, 10 min].
  std::chrono::milliseconds lease_ttl{10'000};
  OnRefusal on_refusal = OnRefusal::kBlock;
  /// With kDead. Default: 10. Range: [1, 1,000,000].
  std::int32_t attempts_max = 10;

  /// Published rows are kept for `keep` (an archive) instead of being deleted. All relays of an
  /// outbox should agree. Defaults: false, 7 d. Range: [1 s, 10 a].
  bool is_archiving = false;
  std::chrono::seconds keep{std::chrono::hours(7 * 24)};

  /// Pause between two looks at the outbox: after activity, and when nothing has happened for long.
  /// Defaults: 20 ms, 1 s. Ranges: [1 ms, 1 min], [poll_min, 10 min].
  std::chrono::milliseconds poll_min{20};
  std::chrono::milliseconds poll_max{1'000};
  /// Rows read at once. Default: 1,000. Range: [1, 5,000].
  std::size_t batch_rows = 1'000;

  /// UDP address on which applications wake the relay after their commit, host:port; port 0: the
  /// system chooses. Empty: none; rows are found by polling.
  std::string wake_listen;
  /// What applications and tools are told instead of that address, host[:port].
  std::string advertise_wake;
  /// Where /healthz /readyz /metrics /status /config /version are served, host:port. Empty:
  /// nowhere.
  std::string admin_listen;
  /// Makes the outbox's tables first, or brings them up to date.
  bool should_install = false;

  /// All faults at once, in one message; ok when there are none.
  [[nodiscard]] Status Validate() const;
};

/// How a relay stands. Counts are since its start.
struct OutboxRelayStats {
  std::int64_t published = 0;   ///< Messages that are in their topics now.
  std::int64_t duplicates = 0;  ///< Of the messages sent, those that had been stored before.
  std::int64_t failed = 0;      ///< Attempts of batches that failed, for any reason.
  std::int64_t refused = 0;     ///< Answers that refused a message for good.
  std::int64_t dead = 0;        ///< Messages given up.
  std::int64_t rounds = 0;      ///< Looks at the outbox.
  std::int32_t buckets = 0;     ///< Of 256, those of this relay.
  std::int32_t relays = 0;      ///< Live ones, this one included.
  bool has_session = false;     ///< False: it works on nothing at the moment.
  std::string last_error;       ///< Of the database or the cluster; empty: none.
};

/// Publishes the rows of a team's outbox (outbox.h) to their topics, each once and in the order of
/// its key, together with any number of other relays of the same outbox. The program
/// `lanemq-outbox-relay` is this class in a process of its own; an application may hold one
/// instead.
///
/// It needs SELECT, INSERT, UPDATE and DELETE on the outbox's tables. A row is deleted only after
/// the cluster has stored its message; a relay that dies in between is replaced by another one, or
/// by itself, and what it had sent is recognised.
///
/// In the library target `lanemq::outbox_relay`, apart from `lanemq::client`, since it brings a
/// MySQL client library with it; target and header are not installed. Thread safety: once
/// Start() has returned, every method from any thread, but Stop() from one owner. Unless stopped,
/// the destructor stops it.
class OutboxRelay {
 public:
  /// kInvalidConfig: see OutboxRelayOptions. Contacts nobody.
  static Result<std::unique_ptr<OutboxRelay>> Create(const OutboxRelayOptions& options);
  ~OutboxRelay();
  OutboxRelay(const OutboxRelay&) = delete;
  OutboxRelay& operator=(const OutboxRelay&) = delete;

  /// Begins; once. A database or a cluster that cannot be reached is no error: the relay keeps
  /// trying and says so in its log. kInvalidConfig when an address cannot be listened on, or a file
  /// of the options about TLS and tokens is of no use.
  Status Start();
  /// There may be something to publish: call it after a commit in the same process. Cheap.
  void Wake();
  /// Finishes what is on its way, for at most `patience`, and leaves the rest to other relays.
  /// Idempotent.
  void Stop(std::chrono::milliseconds patience = std::chrono::milliseconds(5'000));

  [[nodiscard]] OutboxRelayStats Stats() const;
  /// Where applications wake it, host:port; empty: nowhere. Known after Start().
  [[nodiscard]] std::string wake_address() const;
  /// 0: no admin pages. Known after Start().
  [[nodiscard]] std::uint16_t admin_port() const;

 private:
  class Impl;
  explicit OutboxRelay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
