#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/governance_store.h"

namespace lanemq::testing {

/// Requests and policy in memory. A commit keeps the request, and nothing of what it asks for:
/// tests look at Committed().
class FakeGovernanceStore final : public core::GovernanceStore {
 public:
  /// Called before each change, by its name; an error takes its place.
  using Hook = std::function<Status(std::string_view call)>;
  void SetHook(Hook hook);
  /// Requests that were committed, in order.
  [[nodiscard]] std::vector<std::int64_t> Committed() const;
  [[nodiscard]] std::vector<core::AuditNote> Notes() const;
  void SetFacts(core::GovernanceFacts facts);
  /// "submitted 1": every event that was kept, in order.
  [[nodiscard]] std::vector<std::string> Events() const;
  /// What was handed over, in order.
  [[nodiscard]] std::vector<core::AlertNotice> HandedOver() const;
  /// Moves the store's clock, which stands still otherwise.
  void Advance(std::chrono::microseconds by);
  /// The newest term of a lease. Before the first one every fence of it is refused.
  void SetTerm(const std::string& lease, core::FencingToken token);
  /// Of the next Remind(), which is carried out.
  void LoseReplyOfRemind();
  /// Only a newer version understands this request.
  void SetUnreadable(std::int64_t request);
  /// A topic that no request has made.
  void PutTopic(const std::string& name);
  [[nodiscard]] bool HasTopic(const std::string& name) const;
  [[nodiscard]] bool IsActive(const std::string& name) const;
  [[nodiscard]] core::TopicId IdOf(const std::string& name) const;
  /// Its tables are there. One that a request is making stays in creation until the commit.
  void FinishTopic(core::TopicId topic);
  /// As a metaserver of an older version does at once.
  void ActivateTopic(core::TopicId topic);
  void ForgetTopic(core::TopicId topic);

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
  struct TopicRow {
    core::TopicRecord record;
    std::int64_t made_by = 0;  ///< 0: no request.
  };
  void Keep(const core::ChangeRequest* before, const core::ChangeRequest& after)
      LANEMQ_REQUIRES(mutex_);
  Status CheckHook(std::string_view call) LANEMQ_REQUIRES(mutex_);
  Status CheckTerm(const core::RequestTerm& term) LANEMQ_REQUIRES(mutex_);
  TopicRow& Make(const std::string& name, std::int32_t partitions, std::int64_t made_by)
      LANEMQ_REQUIRES(mutex_);
  Result<core::StoredRequest> Replace(const core::StoredRequest& request) LANEMQ_REQUIRES(mutex_);
  std::optional<core::TopicRecord> Made(const core::RequestTerm& term, std::string_view name)
      LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Hook hook_ LANEMQ_GUARDED_BY(mutex_);
  core::StoredPolicy policy_ LANEMQ_GUARDED_BY(mutex_);
  core::GovernanceFacts facts_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int64_t, core::StoredRequest> requests_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, std::int64_t> attempts_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, TopicRow, std::less<>> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::int64_t> committed_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AuditNote> notes_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::string> events_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::RequestNotice> waiting_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AlertNotice> handed_over_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::HygieneMatter, core::Reminded> reminded_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::FencingToken, std::less<>> terms_ LANEMQ_GUARDED_BY(mutex_);
  bool loses_reply_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::set<std::int64_t> unreadable_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<WallTime> told_at_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t next_notice_ LANEMQ_GUARDED_BY(mutex_) = 1;
  WallTime now_ LANEMQ_GUARDED_BY(mutex_){1'795'237'696'000'000};
  std::int64_t next_topic_ LANEMQ_GUARDED_BY(mutex_) = 1;
};

}  // namespace lanemq::testing
