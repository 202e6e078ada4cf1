#include "lanemq/options.h"

#include <algorithm>

#include "client/src/options/endpoints.h"
#include "client/src/options/option_table.h"
#include "common/core/group/assignor.h"

namespace lanemq {
namespace {

using client::OptionTable;

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kKiB = 1 << 10;
constexpr std::int64_t kMiB = 1 << 20;

std::string CheckServers(const std::vector<std::string>& servers) {
  if (servers.empty()) return "is empty: name at least one broker or metaserver as host:port";
  for (const std::string& server : servers) {
    if (const auto endpoint = client::ParseEndpoint(server); !endpoint.ok()) {
      return "has " + endpoint.error().message;
    }
  }
  return {};
}

std::string CheckAssignors(const std::vector<std::string>& names) {
  if (names.empty()) return "is empty: name at least one assignor";
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (!core::ParseAssignor(*name)) {
      return "has '" + *name +
             "', which is not one of cooperative-sticky, sticky, range, roundrobin";
    }
    if (std::find(names.begin(), name, *name) != name) return "names '" + *name + "' twice";
  }
  return {};
}

std::string CheckAtMost249(const std::string& id) {
  return id.size() <= 249 ? std::string() : "is longer than 249 bytes";
}

std::string CheckPath(const std::string& path) {
  return path.size() <= 3'000 ? std::string() : "is longer than 3,000 bytes";
}

// Says nothing of what is in it.
std::string CheckToken(const std::string& token) {
  const bool is_word =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return is_word && token.size() <= 255 ? std::string() : "holds something else than a token";
}

// An option of Kafka's whose only value here is what it is by nature.
template <typename Options>
void AddFixed(OptionTable<Options>& table, std::string_view name,
              std::vector<std::string_view> accepted, std::string_view why) {
  table.Add(
      name,
      [=](Options&, std::string_view text) -> std::string {
        for (const std::string_view value : accepted) {
          if (text == value) return {};
        }
        return "can only be " + std::string(accepted.front()) + ": " + std::string(why);
      },
      [](const Options&) { return std::string(); });
}

template <typename Options>
void AddSecurity(OptionTable<Options>& table) {
  table.Text("token", &Options::token, CheckToken)
      .Text("token.file", &Options::token_file, CheckPath)
      .Bool("tls", &Options::tls)
      .Text("tls.ca.file", &Options::tls_ca_file, CheckPath)
      .Text("tls.server.name", &Options::tls_server_name,
            [](const std::string& name) {
              return name.size() <= 253 ? std::string() : "is longer than 253 bytes";
            })
      .Text("tls.certificate.file", &Options::tls_certificate_file, CheckPath)
      .Text("tls.key.file", &Options::tls_key_file, CheckPath)
      .Rule("token.file",
            [](const Options& options) {
              return options.token.empty() || options.token_file.empty()
                         ? std::string()
                         : "stands beside token: one of the two";
            })
      .Rule("tls",
            [](const Options& options) {
              const bool has_files =
                  !options.tls_ca_file.empty() || !options.tls_server_name.empty() ||
                  !options.tls_certificate_file.empty() || !options.tls_key_file.empty();
              return options.tls || !has_files ? std::string()
                                               : "is false, and other options are about TLS";
            })
      .Rule("tls.certificate.file", [](const Options& options) {
        return options.tls_certificate_file.empty() == options.tls_key_file.empty()
                   ? std::string()
                   : "and tls.key.file go together";
      });
}

template <typename Options>
OptionTable<Options> CommonTable() {
  OptionTable<Options> table;
  table.Add(
      "bootstrap.servers",
      [](Options& options, std::string_view text) {
        options.bootstrap_servers = client::SplitList(text);
        return CheckServers(options.bootstrap_servers);
      },
      [](const Options& options) { return CheckServers(options.bootstrap_servers); });
  table
      .Text("client.id", &Options::client_id,
            [](const std::string& id) {
              return id.size() <= 255 ? std::string() : "is longer than 255 bytes";
            })
      .Number("request.timeout.ms", &Options::request_timeout, 100, 10 * kMinute)
      .Number("metadata.max.age.ms", &Options::metadata_max_age, 100, kHour)
      .Number("retry.backoff.ms", &Options::retry_backoff, 1, kMinute)
      .Number("retry.backoff.max.ms", &Options::retry_backoff_max, 1, 10 * kMinute);
  AddSecurity(table);
  return table;
}

void AddSpool(OptionTable<ProducerOptions>& table) {
  using O = ProducerOptions;
  table.Text("spool.dir", &O::spool_dir, CheckPath)
      .Choice<O, SpoolFsync>("spool.fsync", &O::spool_fsync,
                             {{"every_send", SpoolFsync::kEverySend},
                              {"interval", SpoolFsync::kInterval},
                              {"never", SpoolFsync::kNever}})
      .Number("spool.fsync.interval.ms", &O::spool_fsync_interval, 1, kMinute)
      .Number("spool.bytes.max", &O::spool_bytes_max, 4 * kMiB, kMiB * kMiB)
      .Number("spool.segment.bytes", &O::spool_segment_bytes, 64 * kKiB, 1'024 * kMiB)
      .Rule("spool.bytes.max",
            [](const O& options) {
              return options.spool_bytes_max / 4 >= options.max_request_size
                         ? std::string()
                         : "must be at least 4 times max.request.size";
            })
      .Rule("spool.dir", [](const O& options) {
        return options.spool_dir.empty() || options.enable_idempotence
                   ? std::string()
                   : "needs enable.idempotence: what is sent again would be stored twice";
      });
}

OptionTable<ProducerOptions> MakeProducerTable() {
  using O = ProducerOptions;
  auto table = CommonTable<O>();
  table.Number("linger.ms", &O::linger, 0, 10 * kSecond)
      .Number("batch.size", &O::batch_size, kKiB, 4 * kMiB)
      .Number("batch.num.messages", &O::batch_num_messages, 1, 1'000)
      .Number("max.in.flight.requests.per.connection", &O::max_in_flight, 1, 64)
      .Number("max.request.size", &O::max_request_size, 1, 4 * kMiB)
      .Number("buffer.memory", &O::buffer_memory, kMiB, 4'096 * kMiB)
      .Number("max.block.ms", &O::max_block, 0, kHour)
      .Number("delivery.timeout.ms", &O::delivery_timeout, 1, 24 * kHour)
      .Bool("enable.idempotence", &O::enable_idempotence)
      .Choice<O, TraceMode>(
          "trace", &O::trace,
          {{"off", TraceMode::kOff}, {"carry", TraceMode::kCarry}, {"start", TraceMode::kStart}})
      .Rule("delivery.timeout.ms", [](const O& options) {
        return options.delivery_timeout >= options.linger + std::chrono::milliseconds(100)
                   ? std::string()
                   : "must be at least linger.ms + 100";
      });
  AddSpool(table);
  AddFixed(table, "acks", {"all", "-1"}, "an acknowledged record is durable in the database");
  AddFixed(table, "compression.type", {"none"}, "compress bodies yourself and set codec");
  return table;
}

OptionTable<ConsumerOptions> MakeConsumerTable() {
  using O = ConsumerOptions;
  auto table = CommonTable<O>();
  table.Text("group.id", &O::group_id, CheckAtMost249)
      .Text("group.instance.id", &O::group_instance_id, CheckAtMost249)
      .Add(
          "partition.assignment.strategy",
          [](O& options, std::string_view text) {
            options.partition_assignment_strategy = client::SplitList(text);
            return CheckAssignors(options.partition_assignment_strategy);
          },
          [](const O& options) { return CheckAssignors(options.partition_assignment_strategy); })
      .Number("session.timeout.ms", &O::session_timeout, 100, 30 * kMinute)
      .Number("heartbeat.interval.ms", &O::heartbeat_interval, 10, 10 * kMinute)
      .Number("max.poll.interval.ms", &O::max_poll_interval, 100, 24 * kHour)
      .Choice<O, OffsetReset>("auto.offset.reset", &O::auto_offset_reset,
                              {{"error", OffsetReset::kError},
                               {"none", OffsetReset::kError},
                               {"earliest", OffsetReset::kEarliest},
                               {"latest", OffsetReset::kLatest}})
      .Number("max.poll.records", &O::max_poll_records, 1, 100'000)
      .Number("fetch.min.bytes", &O::fetch_min_bytes, 0, 8 * kMiB)
      .Number("fetch.max.wait.ms", &O::fetch_max_wait, 0, kMinute)
      .Number("fetch.max.bytes", &O::fetch_max_bytes, kKiB, 8 * kMiB)
      .Number("max.partition.fetch.bytes", &O::max_partition_fetch_bytes, kKiB, 8 * kMiB)
      .Number("queued.max.bytes", &O::prefetch_bytes_max, 64 * kKiB, 4'096 * kMiB)
      .Bool("enable.auto.commit", &O::enable_auto_commit)
      .Number("auto.commit.interval.ms", &O::auto_commit_interval, 10, kHour)
      .Bool("enable.retries", &O::enable_retries)
      .Number("retry.lease.ms", &O::retry_lease, 100, 11 * kHour)
      .Rule("enable.auto.commit",
            [](const O& options) {
              return options.enable_auto_commit && options.group_id.empty() ? "needs group.id"
                                                                            : std::string();
            })
      .Rule("group.instance.id",
            [](const O& options) {
              return !options.group_instance_id.empty() && options.group_id.empty()
                         ? "needs group.id"
                         : std::string();
            })
      .Rule("heartbeat.interval.ms", [](const O& options) {
        return options.heartbeat_interval < options.session_timeout
                   ? std::string()
                   : "must be below session.timeout.ms (a third of it is sensible)";
      });
  return table;
}

// Tables are made per call: they are used a few times in the life of a process, and the library has
// no global state.

}  // namespace

Status ProducerOptions::Set(std::string_view name, std::string_view value) {
  return MakeProducerTable().Set(*this, name, value);
}
Status ProducerOptions::Validate() const { return MakeProducerTable().Validate(*this); }

Status ConsumerOptions::Set(std::string_view name, std::string_view value) {
  return MakeConsumerTable().Set(*this, name, value);
}
Status ConsumerOptions::Validate() const { return MakeConsumerTable().Validate(*this); }

Status AdminOptions::Set(std::string_view name, std::string_view value) {
  return CommonTable<AdminOptions>().Set(*this, name, value);
}
Status AdminOptions::Validate() const { return CommonTable<AdminOptions>().Validate(*this); }

}  // namespace lanemq
