#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/dead_letter.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {

class OnCallAdmin;

/// What a new topic shall be.
struct NewTopic {
  std::string name;  ///< 1 to 249 of [a-zA-Z0-9._-], not "." or "..".
  std::int32_t partitions = 1;
  std::map<std::string, std::string>
      config;  ///< Kafka's names: retention.ms, max.message.bytes, ...
  std::string description;
  std::vector<std::string> pinned_nodes;  ///< Data nodes by name; empty: the placement decides.
};

struct PartitionDescription {
  std::int32_t partition = 0;
  std::int64_t node_id = 0;
  std::string node_name;
  std::string table;  ///< schema.table of the messages, for people with SQL.
  std::optional<std::int32_t> preferred_broker_id;
};

struct TopicDescription {
  std::string name;
  std::int64_t topic_id = 0;
  std::string state;  ///< creating, active, deleting
  std::map<std::string, std::string> config;
  std::string description;
  std::int64_t created_at_us = 0;
  std::vector<PartitionDescription> partitions;
};

struct NodeDescription {
  std::int64_t node_id = 0;
  std::string name;
  std::string host;
  std::int32_t port = 0;
  std::string schema_prefix;
  std::string state;  ///< writable, closed, disabled
  std::int32_t tables_used = 0;
  std::int32_t tables_max = 0;
};

struct BrokerDescription {
  std::int32_t broker_id = 0;
  std::string host;
  std::int32_t port = 0;
  std::int32_t admin_port = 0;
  std::string state;  ///< active, draining, dead
  std::string version;
  std::int64_t started_at_us = 0;
  std::int64_t last_heartbeat_us = 0;
};

struct NewNode {
  std::string name;
  std::string host;
  std::int32_t port = 3306;
  std::string schema_prefix = "lanemq";
};

/// A stored message and where its row is.
struct StoredRecord {
  ConsumedRecord record;
  std::int64_t producer_id = 0;
  std::int64_t sequence = 0;
  std::string table;
  std::string node_name;
};

struct GroupOffset {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::int64_t log_end_offset = 0;
  std::int64_t generation = 0;
  std::int64_t committed_at_us = 0;
  std::string metadata;
};

struct ServerDescription {
  std::string address;
  std::string role;
  std::string version;
  std::int64_t now_us = 0;
  std::int64_t metadata_version = 0;
  std::string cluster_id;
};

/// An outbox of the cluster, as a relay of it last reported. Counts of rows stop at 100,000.
struct OutboxDescription {
  std::string name;
  std::string relay;       ///< Who reported.
  std::int64_t ready = 0;  ///< Rows that are published next.
  std::int64_t held = 0;   ///< Rows that wait behind one that could not be published.
  std::int64_t dead = 0;   ///< Rows given up; an operator retries or drops them.
  std::optional<std::int64_t> holds;
  std::chrono::milliseconds oldest_age{0};  ///< Of ready and held rows, when reported.
  std::int32_t relays = 0;
  std::int32_t unowned_buckets = 0;       ///< Of 256; their rows nobody publishes.
  std::optional<std::int64_t> published;  ///< By that relay since it began.
  std::optional<std::int64_t> failed;
  std::string last_error;  ///< Empty: all is well.
  std::string version;
  std::int64_t first_seen_us = 0;
  std::int64_t reported_us = 0;
  std::chrono::milliseconds silent_for{0};  ///< Since then, by the metadata database's clock.
};

/// Where a log shall begin: at an offset, or at the first message of a time or later. One is set.
struct TrimTo {
  TopicPartition partition;
  std::optional<std::int64_t> before_offset;
  std::optional<std::int64_t> before_us;
};

struct TrimOptions {
  /// Also what groups have not read, where the topic's retention.unread is "block".
  bool lose_unread = false;
  bool dry_run = false;
  std::string reason{};  ///< Kept with the trim, for people.
};

/// What became of a partition's trim.
struct TrimmedPartition {
  TopicPartition partition;
  std::int64_t old_start = 0;
  std::int64_t new_start = 0;
  std::vector<std::string> groups_below;  ///< Had not read up to the new start; 100 at most.
  std::optional<Error> error;             ///< Nothing was changed there.
};

/// Changes and describes a cluster. Blocking; each call fails over between the servers it knows and
/// ends after `request_timeout`. Repeating any call is harmless.
/// Errors: kMetadataUnavailable, kBrokerNotAvailable (retry later), and what the server declares.
/// Thread safety: every method from any thread.
class Admin {
 public:
  static Result<std::unique_ptr<Admin>> Create(AdminOptions options);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  /// An equal existing topic is returned as it is; a different one is kTopicAlreadyExists.
  Result<TopicDescription> CreateTopic(const NewTopic& topic, bool validate_only = false);
  Result<std::vector<TopicDescription>> ListTopics();
  Result<TopicDescription> DescribeTopic(const std::string& name);
  Result<TopicDescription> AlterTopic(const std::string& name,
                                      const std::map<std::string, std::string>& set,
                                      const std::vector<std::string>& unset,
                                      std::optional<std::string> description = std::nullopt);
  /// `partitions` is the new total.
  Result<TopicDescription> AddPartitions(const std::string& name, std::int32_t partitions);
  /// Deletes the topic so that UndeleteTopic() brings it back for as long as the metaservers'
  /// `--topic-undelete-retention` says (default 7 days); with `purge_now` for good, also one that
  /// is deleted already. kUnknownTopicOrPartition: there is none, or it is deleted already.
  Status DeleteTopic(const std::string& name, bool purge_now = false);
  /// The topic with all that it had. One that is not deleted is returned as it is.
  /// kFailedPrecondition: it is being removed for good.
  Result<TopicDescription> UndeleteTopic(const std::string& name);
  /// Lets logs begin later, at once; the rows go soon after. At most 1,000 partitions; each has a
  /// result at its place. kFailedPrecondition of one: groups have not read what would go.
  Result<std::vector<TrimmedPartition>> Trim(const std::vector<TrimTo>& partitions,
                                             const TrimOptions& options = {});

  Result<NodeDescription> AddNode(const NewNode& node);
  /// `state`: writable, closed or disabled.
  Result<NodeDescription> AlterNode(const std::string& name, const std::string& state);
  Result<std::vector<NodeDescription>> ListNodes();
  Result<std::vector<BrokerDescription>> ListBrokers(bool include_dead = true);

  /// kOffsetOutOfRange when there is no such message (any more).
  Result<StoredRecord> GetMessage(const TopicPartition& partition, std::int64_t offset);
  Result<std::vector<GroupOffset>> GroupOffsets(const std::string& group);

  /// At most `max` (up to 1,000) after `after`, the last page's `next`. Bodies only if asked for.
  Result<DeadLetterPage> ListDeadLetters(const DeadLetterFilter& filter,
                                         const std::string& after = {}, std::int32_t max = 100,
                                         bool with_bodies = false);
  /// Begins a redrive of what is dead by now: one per data node. ListRedrives() shows how far it
  /// is. To be sure that a repeated call begins nothing new, give an id.
  Result<std::vector<Redrive>> RedriveDeadLetters(const DeadLetterFilter& filter,
                                                  const RedriveOptions& options = {});
  /// Newest first. `group` empty: of all; `id` 0: all.
  Result<std::vector<Redrive>> ListRedrives(const std::string& group, std::int64_t id = 0);
  /// What was moved stays moved. kNotFound.
  Result<std::vector<Redrive>> CancelRedrive(std::int64_t id, const std::string& note = {});
  /// Deletes for ever. `note` is kept in the audit.
  Result<DroppedLetters> DropDeadLetters(const DeadLetterFilter& filter,
                                         const std::string& note = {});

  /// Holds at once, on every data node, for what fails from then on; `topic` nullopt: for all
  /// topics without one of their own. `policy` nullopt removes it. kInvalidConfig names every
  /// fault. After other errors some data nodes may have it: repeat it.
  Status SetRetryPolicy(const std::string& group, const std::optional<std::string>& topic,
                        const std::optional<RetryPolicy>& policy);
  /// Of every data node; equal on all of them unless a node was added or unreachable since. None:
  /// the defaults hold.
  Result<std::vector<GroupRetryPolicy>> RetryPolicies(const std::string& group);

  /// As Producer::Cancel(), for at most 1,000 handles.
  Result<std::vector<CancelState>> CancelDelayed(const std::vector<std::string>& handles);

  /// The outboxes that relays have reported, by name.
  Result<std::vector<OutboxDescription>> Outboxes();
  /// For one that is gone: a relay that reports it again lists it again. kNotFound.
  Status ForgetOutbox(const std::string& name);

  /// Lag and its verdicts, alerts, canaries: lanemq/on_call.h. Lives as long as this.
  [[nodiscard]] OnCallAdmin& OnCall();

  /// One server, by address: not failed over. For diagnosis.
  Result<ServerDescription> DescribeServer(const std::string& address);
  /// host:port of every server known, brokers and metaservers.
  Result<std::vector<std::string>> KnownServers();

 private:
  class Impl;
  explicit Admin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
