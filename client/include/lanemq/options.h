#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "lanemq/record.h"

namespace lanemq {

/// What every kind of client needs to find and talk to a cluster. Names and meanings are Kafka's.
struct ClientOptions {
  /// `host:port` of any brokers or metaservers, at least one; the rest is learnt from them.
  std::vector<std::string> bootstrap_servers;
  /// Shown in servers' logs. At most 255 bytes.
  std::string client_id = "lanemq-cpp";
  /// How long one request may take, from sending to its reply.
  /// Default: 30 s. Range: [100 ms, 10 min].
  std::chrono::milliseconds request_timeout{30'000};
  /// How often the list of brokers and topics is read again without any error. On errors it is read
  /// at once. Default: 5 s. Range: [100 ms, 1 h].
  std::chrono::milliseconds metadata_max_age{5'000};
  /// Pause before a failed request is repeated; doubles up to the maximum, with jitter.
  /// Defaults: 50 ms, 1 s.
  std::chrono::milliseconds retry_backoff{50};
  std::chrono::milliseconds retry_backoff_max{1'000};

  /// Who this is: the token of a service ("lmq_..."), presented first on every connection. Never
  /// printed or logged. A token that servers refuse is not tried again and again by a call: it
  /// fails with kAuthenticationFailed. Default: empty: none, for clusters without authentication.
  std::string token;
  /// A file with the token, instead of `token`. It is read whenever a connection is made: to change
  /// the token, put the new one there, and revoke the old one once no connection uses it. Replace
  /// the file rather than write into it.
  std::string token_file;

  /// Whether connections are encrypted: TLS 1.2 or above, and no going back to plain text. The
  /// servers must have certificates of `tls_ca_file` (empty: of the system's authorities), for the
  /// host that they are called by, or for `tls_server_name`. Nothing turns that check off. Files
  /// are PEM, and read once. Default: false.
  bool tls = false;
  std::string tls_ca_file;
  std::string tls_server_name;
  /// This client's own certificate, with its chain, and the key to it: then it says who this is,
  /// and there need be no token. Default: empty: none.
  std::string tls_certificate_file;
  std::string tls_key_file;
};

/// When a record of a producer's spool is on the disk, not only handed to the operating system.
enum class SpoolFsync {
  /// Before Send()'s result is ok; records that come together share an fsync. Survives a power cut.
  kEverySend,
  /// At most `spool_fsync_interval` later. A power cut may lose what came since; a crash of the
  /// process loses nothing.
  kInterval,
  /// When the operating system likes, or a record is about to be sent to the cluster.
  kNever,
};

struct ProducerOptions : ClientOptions {
  /// How long a record may wait for others of its partition. 0: send at once.
  /// Default: 5 ms. Range: [0, 10 s].
  std::chrono::milliseconds linger{5};
  /// A batch is sent when it has this many bytes, or `batch_num_messages` records.
  /// Default: 512 KiB, so that 500 records of 1 KiB fill one INSERT. Range: [1 KiB, 4 MiB].
  std::size_t batch_size = 512u << 10;
  /// Default: 500. Range: [1, 1,000].
  std::int32_t batch_num_messages = 500;
  /// Bytes of one record (key, body and headers); a larger one is refused by Send(), before it can
  /// spoil the batch it would share. Brokers and topics have limits of their own.
  /// Default: 1 MiB, as theirs. Range: [1, 4 MiB].
  std::size_t max_request_size = 1u << 20;
  /// Batches of one partition sent and not yet answered. Order is kept.
  /// Default: 5. Range: [1, 64].
  std::int32_t max_in_flight = 5;
  /// Bytes of records accepted and not yet answered. Default: 32 MiB. Range: [1 MiB, 4 GiB].
  std::size_t buffer_memory = 32u << 20;
  /// How long Send() may block while the buffer is full or the topic is not known yet; then
  /// kQueueFull or what kept the topic from being known. Default: 60 s. 0: never block.
  std::chrono::milliseconds max_block{60'000};
  /// From Send() to the result, retries included. Default: 2 min. At least linger + 100 ms.
  std::chrono::milliseconds delivery_timeout{120'000};
  /// Repeated requests are stored once. Default: true. With false a retry may store twice.
  bool enable_idempotence = true;

  /// About the header `traceparent` of records that have none. Default: kCarry ("off", "carry",
  /// "start"): what a Runner's handler sends belongs to the trace of what it handles.
  TraceMode trace = TraceMode::kCarry;

  /// A local directory, made when it is missing, for records on their way: Send() is done when the
  /// record is there, whether or not the cluster can be reached. See Producer. One process at a
  /// time. Default: empty: no spool.
  std::string spool_dir;
  /// Default: kEverySend ("every_send", "interval", "never").
  SpoolFsync spool_fsync = SpoolFsync::kEverySend;
  /// Default: 100 ms. Range: [1 ms, 1 min].
  std::chrono::milliseconds spool_fsync_interval{100};
  /// Bytes of the spool's files; beyond, Send() blocks (`max_block`). Default: 1 GiB. Range: [4
  /// MiB, 1 TiB], and at least 4 times `max_request_size`. Memory: about 200 bytes for each spooled
  /// record.
  std::size_t spool_bytes_max = std::size_t{1} << 30;
  /// Of one file; it goes when all records in it are done. Less when `spool_bytes_max` is less than
  /// 4 times this. Default: 16 MiB. Range: [64 KiB, 1 GiB].
  std::size_t spool_segment_bytes = 16u << 20;
  /// Told, on the producer's callback thread, of each spooled record that the cluster refuses for
  /// good, and why. May be missed when the process ends; the record is in the spool's `refused`
  /// directory all the same.
  std::function<void(const ProducerRecord& record, const std::string& error)> on_spool_refused;

  /// Sets an option by Kafka's dotted name ("linger.ms", "5").
  /// kInvalidConfig: unknown name (the message suggests the nearest) or a value out of range.
  Status Set(std::string_view name, std::string_view value);
  /// All faults at once, in one message; ok when there are none.
  [[nodiscard]] Status Validate() const;
};

/// Where to start when the group has no committed offset, or the offset is out of range.
enum class OffsetReset { kError, kEarliest, kLatest };

struct ConsumerOptions : ClientOptions {
  /// Whose committed offsets to start from and to commit, and whose members share partitions
  /// (Consumer::Subscribe). Empty: none; commits and subscriptions fail.
  std::string group_id;
  /// Static membership: a process that comes back with the same id within `session_timeout` takes
  /// its old place, without a rebalance. Unique within the group; at most 249 bytes. Empty:
  /// dynamic.
  std::string group_instance_id;
  /// Assignors this member can do, preferred first: cooperative-sticky, sticky, range, roundrobin.
  /// All members of a group need one in common.
  std::vector<std::string> partition_assignment_strategy{"cooperative-sticky"};
  /// The coordinator gives this member's partitions to others when it has not heard of it for so
  /// long. Default: 45 s. Range: [100 ms, 30 min]; the coordinator has limits of its own.
  std::chrono::milliseconds session_timeout{45'000};
  /// How often the consumer, on a thread of its own, tells the coordinator that it lives. Below
  /// `session_timeout`; a third of it is sensible. Default: 3 s. Range: [10 ms, 10 min].
  std::chrono::milliseconds heartbeat_interval{3'000};
  /// An application that does not call Poll() for so long loses its partitions until it does. Also
  /// how long the group waits for this member in a rebalance.
  /// Default: 5 min. Range: [100 ms, 24 h].
  std::chrono::milliseconds max_poll_interval{300'000};
  /// Default: kError, so that nobody skips or repeats a topic by accident.
  OffsetReset auto_offset_reset = OffsetReset::kError;
  /// Records of one Poll(). Default: 500. Range: [1, 100,000].
  std::int32_t max_poll_records = 500;
  /// A broker answers a fetch when it has this many bytes, or after `fetch_max_wait`.
  /// Defaults: 1, 500 ms. Ranges: [0, 8 MiB], [0, 60 s].
  std::int32_t fetch_min_bytes = 1;
  std::chrono::milliseconds fetch_max_wait{500};
  /// Bytes of one reply. Default and most: 8 MiB.
  std::int32_t fetch_max_bytes = 8 << 20;
  /// Bytes of one partition in one reply. Default: 4 MiB. At most 8 MiB.
  std::int32_t max_partition_fetch_bytes = 4 << 20;
  /// Records fetched ahead of Poll(), in bytes; fetching pauses above. Default: 32 MiB.
  std::size_t prefetch_bytes_max = 32u << 20;
  /// Poll() commits, every `auto_commit_interval`, what earlier calls returned; so does the loss of
  /// a partition in a rebalance, and Close(). Without a subscription the destructor does so, too. A
  /// record whose handling failed is then committed all the same, unless Consumer::Fail() said so.
  /// Defaults: false, 5 s. Range of the interval: [10 ms, 1 h].
  bool enable_auto_commit = false;
  std::chrono::milliseconds auto_commit_interval{5'000};
  /// Poll() returns the group's due retries of the partitions it reads, too: records that a member
  /// failed (Consumer::Fail), or that operators sent back. Without `group_id` there are none.
  /// Default: true.
  bool enable_retries = true;
  /// At most so long from Poll() to the outcome of a retry; later it is delivered again.
  /// Default: 5 min. Range: [100 ms, 11 h].
  std::chrono::milliseconds retry_lease{300'000};
  /// Told, on the thread inside a call of the consumer, when the reset policy or an operator moves
  /// a position, and of automatic commits that fail.
  std::function<void(const std::string& what)> on_event;

  Status Set(std::string_view name, std::string_view value);
  [[nodiscard]] Status Validate() const;
};

/// Options of an Admin.
struct AdminOptions : ClientOptions {
  Status Set(std::string_view name, std::string_view value);
  [[nodiscard]] Status Validate() const;
};

}  // namespace lanemq
