#pragma once

#include <functional>

#include "common/core/store/catalog_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// The catalogue and the broker registry in the metadata schema.
///
/// A change is one transaction that locks the cluster's row first and raises its version last, so
/// changes are serialised; its audit row is written just before. Reads of several tables compare
/// the version before and after. A change whose reply was lost is run again: it finds what it has
/// done.
class MySqlCatalogStore final : public core::CatalogStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlCatalogStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<std::string> EnsureCluster(std::string_view fresh_id, Deadline deadline) override;
  Result<std::int64_t> LoadVersion(Deadline deadline) override;
  Result<core::CatalogSnapshot> LoadSnapshot(Deadline deadline) override;
  Result<std::vector<core::TopicRecord>> LoadUnfinishedTopics(Deadline deadline) override;
  Result<std::optional<core::TopicRecord>> FindTopic(std::string_view name,
                                                     Deadline deadline) override;

  Result<core::BegunTopic> BeginCreateTopic(const core::NewTopic& topic, const core::Placer& placer,
                                            const core::AuditNote& note,
                                            Deadline deadline) override;
  Status MarkPartitionsReady(core::TopicId topic, std::int32_t below, Deadline deadline) override;
  Result<core::TopicRecord> MarkTopicDeleted(std::string_view name, std::chrono::microseconds keep,
                                             const core::AuditNote& note,
                                             Deadline deadline) override;
  Result<core::TopicRecord> UndeleteTopic(std::string_view name, const core::AuditNote& note,
                                          Deadline deadline) override;
  Result<std::optional<core::TopicRecord>> BeginPurgeTopic(const core::AuditNote& note,
                                                           const core::Fence& fence,
                                                           Deadline deadline) override;
  Result<core::TopicRecord> BeginDeleteTopic(std::string_view name, const core::AuditNote& note,
                                             Deadline deadline) override;
  Status FinishDeleteTopic(core::TopicId topic, Deadline deadline) override;
  Result<core::TopicRecord> AlterTopic(const core::TopicChange& change, const core::AuditNote& note,
                                       Deadline deadline) override;
  Result<core::TopicRecord> BeginAddPartitions(
      std::string_view name, std::int32_t total,
      const std::function<core::Placer(const core::Topic&)>& placer, const core::AuditNote& note,
      Deadline deadline) override;

  Result<core::DataNode> AddDataNode(const core::DataNode& node, const core::AuditNote& note,
                                     Deadline deadline) override;
  Result<core::DataNode> AlterDataNode(const core::NodeChange& change, const core::AuditNote& note,
                                       Deadline deadline) override;
  Result<bool> ResealDataNode(std::string_view name, std::string_view before,
                              std::string_view after, Deadline deadline) override;

  Result<bool> Heartbeat(const core::Broker& broker, std::chrono::microseconds session_timeout,
                         Deadline deadline) override;
  Result<bool> UnregisterBroker(core::BrokerId id, std::int64_t incarnation,
                                const core::AuditNote& note, Deadline deadline) override;
  Result<std::vector<core::BrokerRecord>> LoadBrokers(Deadline deadline) override;
  Result<std::vector<core::BrokerId>> EvictBrokers(std::span<const core::BrokerSilence> brokers,
                                                   std::chrono::microseconds session_timeout,
                                                   const core::Fence& fence,
                                                   Deadline deadline) override;

  Result<bool> RegisterMetaserver(const core::Endpoint& address, Deadline deadline) override;
  Result<std::int64_t> ForgetStale(std::chrono::microseconds age, const core::Fence& fence,
                                   Deadline deadline) override;

 private:
  /// What a change did to the catalogue.
  enum class Changed { kNo, kYes };
  using Body = std::function<Result<Changed>(Connection&, Param now)>;

  /// Runs `body`, which must be repeatable, under the catalogue's lock; raises the version when it
  /// changed something. True when it did, in whichever run.
  Result<bool> Change(Deadline deadline, const Body& body);
  /// The same for one topic.
  Result<core::TopicRecord> Edit(
      Deadline deadline, const std::function<Result<EditedTopic>(Connection&, Param now)>& body);
  /// Runs `body` so that all it reads belongs to one version.
  Status ReadConsistently(Deadline deadline, const std::function<Status(Connection&)>& body);
  Status ReadOnce(Deadline deadline, const std::function<Status(Connection&)>& body);

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
