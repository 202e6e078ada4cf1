#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/catalog_store.h"

namespace lanemq::testing {

/// A catalogue that the test makes and that nobody else changes.
class TestCatalog final : public core::CatalogStore {
 public:
  void Set(core::CatalogSnapshot snapshot) {
    MutexLock lock(mutex_);
    snapshot_ = std::move(snapshot);
  }

  Result<std::int64_t> LoadVersion(Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    return snapshot_.version;
  }
  Result<core::CatalogSnapshot> LoadSnapshot(Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    return snapshot_;
  }

  Result<std::string> EnsureCluster(std::string_view, Deadline) override { return None(); }
  Result<std::vector<core::TopicRecord>> LoadUnfinishedTopics(Deadline) override { return None(); }
  Result<std::optional<core::TopicRecord>> FindTopic(std::string_view, Deadline) override {
    return None();
  }
  Result<core::BegunTopic> BeginCreateTopic(const core::NewTopic&, const core::Placer&,
                                            const core::AuditNote&, Deadline) override {
    return None();
  }
  Status MarkPartitionsReady(core::TopicId, std::int32_t, Deadline) override { return None(); }
  Result<core::TopicRecord> MarkTopicDeleted(std::string_view, std::chrono::microseconds,
                                             const core::AuditNote&, Deadline) override {
    return None();
  }
  Result<core::TopicRecord> UndeleteTopic(std::string_view, const core::AuditNote&,
                                          Deadline) override {
    return None();
  }
  Result<std::optional<core::TopicRecord>> BeginPurgeTopic(const core::AuditNote&,
                                                           const core::Fence&, Deadline) override {
    return None();
  }
  Result<core::TopicRecord> BeginDeleteTopic(std::string_view, const core::AuditNote&,
                                             Deadline) override {
    return None();
  }
  Status FinishDeleteTopic(core::TopicId, Deadline) override { return None(); }
  Result<core::TopicRecord> AlterTopic(const core::TopicChange&, const core::AuditNote&,
                                       Deadline) override {
    return None();
  }
  Result<core::TopicRecord> BeginAddPartitions(
      std::string_view, std::int32_t, const std::function<core::Placer(const core::Topic&)>&,
      const core::AuditNote&, Deadline) override {
    return None();
  }
  Result<core::DataNode> AddDataNode(const core::DataNode&, const core::AuditNote&,
                                     Deadline) override {
    return None();
  }
  Result<core::DataNode> AlterDataNode(const core::NodeChange&, const core::AuditNote&,
                                       Deadline) override {
    return None();
  }
  Result<bool> ResealDataNode(std::string_view, std::string_view, std::string_view,
                              Deadline) override {
    return None();
  }
  Result<bool> Heartbeat(const core::Broker&, std::chrono::microseconds, Deadline) override {
    return None();
  }
  Result<bool> UnregisterBroker(core::BrokerId, std::int64_t, const core::AuditNote&,
                                Deadline) override {
    return None();
  }
  Result<std::vector<core::BrokerRecord>> LoadBrokers(Deadline) override { return None(); }
  Result<std::vector<core::BrokerId>> EvictBrokers(std::span<const core::BrokerSilence>,
                                                   std::chrono::microseconds, const core::Fence&,
                                                   Deadline) override {
    return None();
  }
  Result<bool> RegisterMetaserver(const core::Endpoint&, Deadline) override { return None(); }
  Result<std::int64_t> ForgetStale(std::chrono::microseconds, const core::Fence&,
                                   Deadline) override {
    return None();
  }

 private:
  static Error None() { return {ErrorCode::kMetadataUnavailable, "a catalogue that is only read"}; }

  Mutex mutex_;
  core::CatalogSnapshot snapshot_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::testing
