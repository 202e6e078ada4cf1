#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "common/core/store/catalog_store.h"
#include "common/core/store/message_store.h"

namespace lanemq::testing {

/// Called before and after each call of a wrapped store; an error replaces the call or its answer.
using StoreHook = std::function<Status(std::string_view call, bool is_after)>;

/// Forwards to another CatalogStore, past a hook.
class CatalogStoreWrapper final : public core::CatalogStore {
 public:
  CatalogStoreWrapper(core::CatalogStore& next, StoreHook hook)
      : next_(next), hook_(std::move(hook)) {}

  Result<std::string> EnsureCluster(std::string_view fresh_id, Deadline deadline) override {
    return next_.EnsureCluster(fresh_id, deadline);
  }
  Result<std::int64_t> LoadVersion(Deadline deadline) override {
    return next_.LoadVersion(deadline);
  }
  Result<core::CatalogSnapshot> LoadSnapshot(Deadline deadline) override {
    return next_.LoadSnapshot(deadline);
  }
  Result<std::vector<core::TopicRecord>> LoadUnfinishedTopics(Deadline deadline) override {
    return next_.LoadUnfinishedTopics(deadline);
  }
  Result<std::optional<core::TopicRecord>> FindTopic(std::string_view name,
                                                     Deadline deadline) override {
    return Hooked("FindTopic", [&] { return next_.FindTopic(name, deadline); });
  }
  Result<core::BegunTopic> BeginCreateTopic(const core::NewTopic& topic, const core::Placer& placer,
                                            const core::AuditNote& note,
                                            Deadline deadline) override {
    return Hooked("BeginCreateTopic",
                  [&] { return next_.BeginCreateTopic(topic, placer, note, deadline); });
  }
  Status MarkPartitionsReady(core::TopicId topic, std::int32_t below, Deadline deadline) override {
    return Hooked("MarkPartitionsReady",
                  [&] { return next_.MarkPartitionsReady(topic, below, deadline); });
  }
  Result<core::TopicRecord> MarkTopicDeleted(std::string_view name, std::chrono::microseconds keep,
                                             const core::AuditNote& note,
                                             Deadline deadline) override {
    return Hooked("MarkTopicDeleted",
                  [&] { return next_.MarkTopicDeleted(name, keep, note, deadline); });
  }
  Result<core::TopicRecord> UndeleteTopic(std::string_view name, const core::AuditNote& note,
                                          Deadline deadline) override {
    return Hooked("UndeleteTopic", [&] { return next_.UndeleteTopic(name, note, deadline); });
  }
  Result<std::optional<core::TopicRecord>> BeginPurgeTopic(const core::AuditNote& note,
                                                           const core::Fence& fence,
                                                           Deadline deadline) override {
    return Hooked("BeginPurgeTopic", [&] { return next_.BeginPurgeTopic(note, fence, deadline); });
  }
  Result<core::TopicRecord> BeginDeleteTopic(std::string_view name, const core::AuditNote& note,
                                             Deadline deadline) override {
    return Hooked("BeginDeleteTopic", [&] { return next_.BeginDeleteTopic(name, note, deadline); });
  }
  Status FinishDeleteTopic(core::TopicId topic, Deadline deadline) override {
    return Hooked("FinishDeleteTopic", [&] { return next_.FinishDeleteTopic(topic, deadline); });
  }
  Result<core::TopicRecord> AlterTopic(const core::TopicChange& change, const core::AuditNote& note,
                                       Deadline deadline) override {
    return Hooked("AlterTopic", [&] { return next_.AlterTopic(change, note, deadline); });
  }
  Result<core::TopicRecord> BeginAddPartitions(
      std::string_view name, std::int32_t total,
      const std::function<core::Placer(const core::Topic&)>& placer, const core::AuditNote& note,
      Deadline deadline) override {
    return Hooked("BeginAddPartitions",
                  [&] { return next_.BeginAddPartitions(name, total, placer, note, deadline); });
  }
  Result<core::DataNode> AddDataNode(const core::DataNode& node, const core::AuditNote& note,
                                     Deadline deadline) override {
    return next_.AddDataNode(node, note, deadline);
  }
  Result<core::DataNode> AlterDataNode(const core::NodeChange& change, const core::AuditNote& note,
                                       Deadline deadline) override {
    return next_.AlterDataNode(change, note, deadline);
  }
  Result<bool> ResealDataNode(std::string_view name, std::string_view before,
                              std::string_view after, Deadline deadline) override {
    return next_.ResealDataNode(name, before, after, deadline);
  }
  Result<bool> Heartbeat(const core::Broker& broker, std::chrono::microseconds session_timeout,
                         Deadline deadline) override {
    return Hooked("Heartbeat", [&] { return next_.Heartbeat(broker, session_timeout, deadline); });
  }
  Result<bool> UnregisterBroker(core::BrokerId id, std::int64_t incarnation,
                                const core::AuditNote& note, Deadline deadline) override {
    return next_.UnregisterBroker(id, incarnation, note, deadline);
  }
  Result<std::vector<core::BrokerRecord>> LoadBrokers(Deadline deadline) override {
    return Hooked("LoadBrokers", [&] { return next_.LoadBrokers(deadline); });
  }
  Result<std::vector<core::BrokerId>> EvictBrokers(std::span<const core::BrokerSilence> brokers,
                                                   std::chrono::microseconds session_timeout,
                                                   const core::Fence& fence,
                                                   Deadline deadline) override {
    return Hooked("EvictBrokers",
                  [&] { return next_.EvictBrokers(brokers, session_timeout, fence, deadline); });
  }
  Result<bool> RegisterMetaserver(const core::Endpoint& address, Deadline deadline) override {
    return next_.RegisterMetaserver(address, deadline);
  }
  Result<std::int64_t> ForgetStale(std::chrono::microseconds age, const core::Fence& fence,
                                   Deadline deadline) override {
    return next_.ForgetStale(age, fence, deadline);
  }

 private:
  template <typename F>
  auto Hooked(std::string_view call, const F& run) -> decltype(run()) {
    LANEMQ_RETURN_IF_ERROR(hook_(call, false));
    auto answer = run();
    LANEMQ_RETURN_IF_ERROR(hook_(call, true));
    return answer;
  }

  core::CatalogStore& next_;
  const StoreHook hook_;
};

/// Forwards to another MessageStore; the making and dropping of partitions go past a hook.
class MessageStoreWrapper final : public core::MessageStore {
 public:
  MessageStoreWrapper(core::MessageStore& next, StoreHook hook)
      : next_(next), hook_(std::move(hook)) {}

  Status CreatePartition(const core::PartitionLocation& location, std::string_view topic_name,
                         Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(hook_("CreatePartition", false));
    const Status made = next_.CreatePartition(location, topic_name, deadline);
    LANEMQ_RETURN_IF_ERROR(hook_("CreatePartition", true));
    return made;
  }
  Status DropPartition(const core::PartitionLocation& location, Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(hook_("DropPartition", false));
    const Status dropped = next_.DropPartition(location, deadline);
    LANEMQ_RETURN_IF_ERROR(hook_("DropPartition", true));
    return dropped;
  }
  Status Append(const core::PartitionLocation& location, std::span<const core::RecordPtr> records,
                const core::ServerIdentity& expected_server, Deadline deadline) override {
    return next_.Append(location, records, expected_server, deadline);
  }
  Result<core::TailInfo> ReadTail(const core::PartitionLocation& location,
                                  Deadline deadline) override {
    return next_.ReadTail(location, deadline);
  }
  Result<std::vector<core::RecordIdentity>> ReadIdentities(const core::PartitionLocation& location,
                                                           core::Offset from, std::int32_t max,
                                                           Deadline deadline) override {
    return next_.ReadIdentities(location, from, max, deadline);
  }
  Result<std::vector<core::RecordPtr>> Read(const core::PartitionLocation& location,
                                            core::Offset from, core::ReadLimits limits,
                                            Deadline deadline) override {
    return next_.Read(location, from, limits, deadline);
  }
  Result<std::optional<core::RecordIdentity>> FindByTime(const core::PartitionLocation& location,
                                                         WallTime time,
                                                         Deadline deadline) override {
    return next_.FindByTime(location, time, deadline);
  }
  Result<std::vector<core::PartitionEnd>> ReadEnds(
      std::span<const core::PartitionLocation> locations, Deadline deadline) override {
    return next_.ReadEnds(locations, deadline);
  }
  Result<std::optional<core::ProducerSnapshot>> LoadProducerSnapshot(
      const core::PartitionLocation& location, Deadline deadline) override {
    return next_.LoadProducerSnapshot(location, deadline);
  }
  Status SaveProducerSnapshot(const core::PartitionLocation& location,
                              const core::ProducerSnapshot& snapshot, Deadline deadline) override {
    return next_.SaveProducerSnapshot(location, snapshot, deadline);
  }

 private:
  core::MessageStore& next_;
  const StoreHook hook_;
};

}  // namespace lanemq::testing
