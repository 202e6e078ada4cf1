#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "common/core/store/governance_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/meta_time.h"
#include "sql/store/settled_change.h"

namespace lanemq::sql {

/// Policy, requests and what they are applied with, in the metadata schema.
///
/// Locks are taken in one order (catalogue, access state, request), so nothing can deadlock. Lost
/// replies are settled by RunSettled(), or, where nothing is told, by the row's version.
class MySqlGovernanceStore final : public core::GovernanceStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store. `keep_deleted`:
  /// for how long topics that requests delete can be brought back; 0: not at all.
  explicit MySqlGovernanceStore(ConnectionPool& pool, MetaNow now = {},
                                std::chrono::microseconds keep_deleted = {})
      : pool_(pool), now_(std::move(now)), keep_deleted_(keep_deleted) {}

  Result<core::StoredPolicy> LoadPolicy(Deadline deadline) override;
  Result<core::StoredPolicy> PutPolicy(const core::Policy& policy,
                                       std::optional<std::int64_t> if_version,
                                       const core::AuditNote& note, Deadline deadline) override;
  Result<core::GovernanceFacts> LoadFacts(Deadline deadline) override;

  Result<core::StoredRequest> AddRequest(const core::StoredRequest& request,
                                         std::string_view attempt, const core::AuditNote& note,
                                         Deadline deadline) override;
  Result<std::optional<core::StoredRequest>> FindRequest(std::int64_t id,
                                                         Deadline deadline) override;
  Result<std::vector<core::StoredRequest>> ListRequests(const core::RequestFilter& filter,
                                                        Deadline deadline) override;
  Result<std::vector<std::int64_t>> LoadDueRequests(WallTime now, std::int64_t after_id,
                                                    std::size_t max, Deadline deadline) override;
  Result<core::StoredRequest> SaveRequest(const core::StoredRequest& request,
                                          const std::optional<core::AuditNote>& note,
                                          Deadline deadline) override;
  Result<std::int64_t> ExpireRequests(WallTime now, std::chrono::hours age, std::size_t max,
                                      Deadline deadline) override;
  Result<core::RequestNotices> LoadNotices(std::size_t max, Deadline deadline) override;
  Result<bool> HandOver(const core::RequestNotice& event,
                        std::span<const core::AlertNotice> notices, Deadline deadline) override;
  Result<std::int64_t> ExpireNotices(std::size_t max, Deadline deadline) override;
  Result<core::HygieneMemory> LoadReminded(Deadline deadline) override;
  Status Remind(const core::HygieneTelling& telling, const core::Fence& fence,
                Deadline deadline) override;

  Result<core::TopicRecord> BeginCreateTopic(const core::RequestTerm& term,
                                             const core::NewTopic& topic,
                                             const core::Placer& placer,
                                             const core::AuditNote& note,
                                             Deadline deadline) override;
  Result<core::TopicRecord> BeginAddPartitions(
      const core::RequestTerm& term, std::string_view name, std::int32_t total,
      const std::function<core::Placer(const core::Topic&)>& placer, const core::AuditNote& note,
      Deadline deadline) override;
  Result<std::optional<core::TopicRecord>> FindMadeTopic(const core::RequestTerm& term,
                                                         std::string_view name,
                                                         Deadline deadline) override;
  Result<std::optional<core::TopicRecord>> BeginUndoTopic(const core::RequestTerm& term,
                                                          std::string_view name,
                                                          const core::AuditNote& note,
                                                          Deadline deadline) override;
  Result<core::StoredRequest> Commit(const core::StoredRequest& request,
                                     const core::AuditNote& note, Deadline deadline) override;

 private:
  /// One step under the catalogue's lock, with the request's row held; raises the catalogue's
  /// version when `body` says so. `body` is repeatable: it finds what it has done.
  Status RunStep(const core::RequestTerm& term, const core::AuditNote& note, Deadline deadline,
                 const std::function<Result<bool>(SettledChange&)>& body);

  ConnectionPool& pool_;
  const MetaNow now_;
  const std::chrono::microseconds keep_deleted_;
};

}  // namespace lanemq::sql
