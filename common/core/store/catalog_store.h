#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/placement/placement_planner.h"
#include "common/core/quota/eviction_guard.h"
#include "common/core/types/audit.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// The term of a lease under which a change is made: it happens only while the term is the newest.
struct Fence {
  std::string lease;
  FencingToken token;
};

/// A topic with all its partitions, as the database has it.
struct TopicRecord {
  Topic topic;  ///< Every partition, ready or not.
  /// Partitions [0, ready) have their message tables; the rest are being made.
  std::int32_t ready = 0;
  WallTime changed_at{};  ///< When its state or settings changed last, by the database's clock.

  /// Nothing is left to be made or removed.
  [[nodiscard]] bool IsFinished() const {
    return topic.KeepsTables() && ready == static_cast<std::int32_t>(topic.partitions.size());
  }
};

/// What BeginCreateTopic() found or made.
struct BegunTopic {
  TopicRecord record;
  bool is_new = false;  ///< False: a topic of this name existed; nothing was changed.
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  TopicConfig config;
  std::string description;
};

struct TopicChange {
  std::string name;
  TopicConfig set;
  std::vector<std::string> unset;  ///< Settings that go back to their default.
  std::optional<std::string> description;
};

struct NodeChange {
  std::string name;
  std::optional<NodeState> state;
  std::optional<std::string> host;
  std::optional<std::int32_t> port;
  std::optional<std::string> sealed_credentials = std::nullopt;  ///< Empty: none any more.
};

/// A row of the broker registry.
struct BrokerRecord {
  Broker broker;
  std::chrono::microseconds silent_for{};  ///< Since its last heartbeat, by the database's clock.
};

/// Chooses places for new partitions, given what every data node holds. Called inside the
/// transaction that takes them, perhaps more than once: pure.
using Placer = std::function<Result<std::vector<Placement>>(std::span<const NodeUsage>)>;

/// The metadata database: catalogue and broker registry.
///
/// Every change of what LoadSnapshot() shows raises the version in the same transaction; changes
/// are serialised by it. What takes an AuditNote leaves its row in the audit log in that
/// transaction too, unless it changed nothing. Every method may be repeated after any error: what
/// was done already is found done. Lost races inside the database are retried inside, for a bounded
/// number of times.
///
/// Implementations: sql::MySqlCatalogStore; it passes tests/conformance/catalog_store_suite.h, and
/// a new one must too. Thread safety: every method from any thread. Blocking; every call ends by
/// its deadline, or a few seconds later when a server hangs. Errors of every method:
/// kMetadataUnavailable, kThrottled, kConflict (too many lost races): nothing was done.
/// kOutcomeUnknown: the reply of a change was lost, several times in a row; repeat it.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  /// Makes the cluster's row with `fresh_id` unless there is one. The id the cluster has.
  virtual Result<std::string> EnsureCluster(std::string_view fresh_id, Deadline deadline) = 0;

  /// The catalogue's version; cheap.
  virtual Result<std::int64_t> LoadVersion(Deadline deadline) = 0;
  /// The whole catalogue at one version. A topic that is active, or deleted and can be brought
  /// back, shows its ready partitions only.
  virtual Result<CatalogSnapshot> LoadSnapshot(Deadline deadline) = 0;
  /// Topics that are not IsFinished(), by name, but for those that have all their tables and wait
  /// for the request that makes them (GovernanceStore::Commit()).
  virtual Result<std::vector<TopicRecord>> LoadUnfinishedTopics(Deadline deadline) = 0;
  /// nullopt when there is none.
  virtual Result<std::optional<TopicRecord>> FindTopic(std::string_view name,
                                                       Deadline deadline) = 0;

  /// Records the intention: the topic in state kCreating, its settings, and its partitions at the
  /// places that `placer` chooses. MarkPartitionsReady() finishes it.
  /// Errors: those of `placer`, with nothing changed.
  virtual Result<BegunTopic> BeginCreateTopic(const NewTopic& topic, const Placer& placer,
                                              const AuditNote& note, Deadline deadline) = 0;
  /// The message tables of partitions [0, below) exist. A topic in creation whose partitions are
  /// all ready becomes active, unless a request is making it. kFailedPrecondition when the topic is
  /// being deleted for good or gone: the caller removes the tables it has made.
  virtual Status MarkPartitionsReady(TopicId topic, std::int32_t below, Deadline deadline) = 0;

  /// Deletes the topic so that UndeleteTopic() brings it back: state kDeleting with a deletion,
  /// whose `purge_at` is `keep` from now. One in creation has nothing to keep: as
  /// BeginDeleteTopic(). One that is deleted already stays as it is.
  /// Errors: kUnknownTopicOrPartition.
  virtual Result<TopicRecord> MarkTopicDeleted(std::string_view name,
                                               std::chrono::microseconds keep,
                                               const AuditNote& note, Deadline deadline) = 0;
  /// Makes a topic active again that MarkTopicDeleted() has deleted. One that is not deleted stays
  /// as it is. Errors: kUnknownTopicOrPartition; kFailedPrecondition when its tables go already.
  virtual Result<TopicRecord> UndeleteTopic(std::string_view name, const AuditNote& note,
                                            Deadline deadline) = 0;
  /// BeginDeleteTopic() for the topic whose `purge_at` has passed for longest; nullopt: for none.
  /// Errors: kFenced.
  virtual Result<std::optional<TopicRecord>> BeginPurgeTopic(const AuditNote& note,
                                                             const Fence& fence,
                                                             Deadline deadline) = 0;

  /// Puts the topic into state kDeleting for good; it stays in the catalogue until
  /// FinishDeleteTopic(). Errors: kUnknownTopicOrPartition.
  virtual Result<TopicRecord> BeginDeleteTopic(std::string_view name, const AuditNote& note,
                                               Deadline deadline) = 0;
  /// The topic's tables are gone: forgets a topic in state kDeleting. Harmless when it is
  /// forgotten.
  virtual Status FinishDeleteTopic(TopicId topic, Deadline deadline) = 0;

  /// Changes settings and description. Values are the caller's to check.
  /// Errors: kUnknownTopicOrPartition; kFailedPrecondition while the topic is being deleted.
  virtual Result<TopicRecord> AlterTopic(const TopicChange& change, const AuditNote& note,
                                         Deadline deadline) = 0;
  /// Records the intention: partitions up to `total`, at the places that `placer` chooses.
  /// MarkPartitionsReady() finishes it and makes them visible. With `total` partitions already
  /// recorded nothing changes.
  /// Errors: kUnknownTopicOrPartition; kInvalidPartitions when it has more; kFailedPrecondition
  /// unless the topic is active; those of `placer`.
  virtual Result<TopicRecord> BeginAddPartitions(std::string_view name, std::int32_t total,
                                                 const std::function<Placer(const Topic&)>& placer,
                                                 const AuditNote& note, Deadline deadline) = 0;

  /// Adds a data node; `node.id` is not looked at. An equal one of the same name is returned.
  /// Errors: kAlreadyExists when another one has the name, or the address and prefix.
  virtual Result<DataNode> AddDataNode(const DataNode& node, const AuditNote& note,
                                       Deadline deadline) = 0;
  /// Errors: kNotFound; kAlreadyExists when another node has the address and prefix.
  virtual Result<DataNode> AlterDataNode(const NodeChange& change, const AuditNote& note,
                                         Deadline deadline) = 0;

  /// Exchanges credentials that are sealed as `before` for the same ones, sealed with another key:
  /// nobody's change, and so not in the audit log. True when it did; false when the node is gone or
  /// has others by now.
  virtual Result<bool> ResealDataNode(std::string_view name, std::string_view before,
                                      std::string_view after, Deadline deadline) = 0;

  /// Records that the broker lives. `started_at` and `last_heartbeat` are the database's to say.
  /// True when the catalogue changed: it is new, back from the dead, moved, or changed its state.
  ///
  /// Errors: kFenced while another incarnation of the id, at another address, has been silent for
  /// no longer than `session_timeout`. At the same address the newcomer wins: it listens there, so
  /// the other one cannot live.
  virtual Result<bool> Heartbeat(const Broker& broker, std::chrono::microseconds session_timeout,
                                 Deadline deadline) = 0;
  /// The broker leaves. Harmless when another incarnation is registered, or none.
  virtual Result<bool> UnregisterBroker(BrokerId id, std::int64_t incarnation,
                                        const AuditNote& note, Deadline deadline) = 0;
  /// Every broker there is, dead ones included.
  virtual Result<std::vector<BrokerRecord>> LoadBrokers(Deadline deadline) = 0;
  /// Declares those of `brokers` dead that are, in the same incarnation, still silent for longer
  /// than `session_timeout`. Those that now are. Errors: kFenced.
  virtual Result<std::vector<BrokerId>> EvictBrokers(std::span<const BrokerSilence> brokers,
                                                     std::chrono::microseconds session_timeout,
                                                     const Fence& fence, Deadline deadline) = 0;

  /// Records that a metaserver listens at `address`. True when it is new.
  virtual Result<bool> RegisterMetaserver(const Endpoint& address, Deadline deadline) = 0;
  /// Forgets metaservers not seen, and dead brokers not heard of, for longer than `age`. How many.
  /// Errors: kFenced.
  virtual Result<std::int64_t> ForgetStale(std::chrono::microseconds age, const Fence& fence,
                                           Deadline deadline) = 0;
};

}  // namespace lanemq::core
