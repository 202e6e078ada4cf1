#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "common/core/store/governance_store.h"
#include "tests/integration/meta/store_wrappers.h"

namespace lanemq::testing {

/// Forwards to another GovernanceStore, past a hook.
class GovernanceStoreWrapper final : public core::GovernanceStore {
 public:
  GovernanceStoreWrapper(core::GovernanceStore& next, StoreHook hook)
      : next_(next), hook_(std::move(hook)) {}

  Result<core::StoredPolicy> LoadPolicy(Deadline deadline) override {
    return next_.LoadPolicy(deadline);
  }
  Result<core::StoredPolicy> PutPolicy(const core::Policy& policy,
                                       std::optional<std::int64_t> if_version,
                                       const core::AuditNote& note, Deadline deadline) override {
    return next_.PutPolicy(policy, if_version, note, deadline);
  }
  Result<core::GovernanceFacts> LoadFacts(Deadline deadline) override {
    return next_.LoadFacts(deadline);
  }
  Result<core::StoredRequest> AddRequest(const core::StoredRequest& request,
                                         std::string_view attempt, const core::AuditNote& note,
                                         Deadline deadline) override {
    return next_.AddRequest(request, attempt, note, deadline);
  }
  Result<std::optional<core::StoredRequest>> FindRequest(std::int64_t id,
                                                         Deadline deadline) override {
    return next_.FindRequest(id, deadline);
  }
  Result<std::vector<core::StoredRequest>> ListRequests(const core::RequestFilter& filter,
                                                        Deadline deadline) override {
    return next_.ListRequests(filter, deadline);
  }
  Result<std::vector<std::int64_t>> LoadDueRequests(WallTime now, std::int64_t after_id,
                                                    std::size_t max, Deadline deadline) override {
    return next_.LoadDueRequests(now, after_id, max, deadline);
  }
  Result<core::StoredRequest> SaveRequest(const core::StoredRequest& request,
                                          const std::optional<core::AuditNote>& note,
                                          Deadline deadline) override {
    return Hooked("SaveRequest", [&] { return next_.SaveRequest(request, note, deadline); });
  }
  Result<std::int64_t> ExpireRequests(WallTime now, std::chrono::hours age, std::size_t max,
                                      Deadline deadline) override {
    return next_.ExpireRequests(now, age, max, deadline);
  }
  Result<core::RequestNotices> LoadNotices(std::size_t max, Deadline deadline) override {
    return next_.LoadNotices(max, deadline);
  }
  Result<core::HygieneMemory> LoadReminded(Deadline deadline) override {
    return next_.LoadReminded(deadline);
  }
  Status Remind(const core::HygieneTelling& telling, const core::Fence& fence,
                Deadline deadline) override {
    return Hooked("Remind", [&] { return next_.Remind(telling, fence, deadline); });
  }
  Result<bool> HandOver(const core::RequestNotice& event,
                        std::span<const core::AlertNotice> notices, Deadline deadline) override {
    return Hooked("HandOver", [&] { return next_.HandOver(event, notices, deadline); });
  }
  Result<std::int64_t> ExpireNotices(std::size_t max, Deadline deadline) override {
    return next_.ExpireNotices(max, deadline);
  }
  Result<core::TopicRecord> BeginCreateTopic(const core::RequestTerm& term,
                                             const core::NewTopic& topic,
                                             const core::Placer& placer,
                                             const core::AuditNote& note,
                                             Deadline deadline) override {
    return Hooked("BeginCreateTopic",
                  [&] { return next_.BeginCreateTopic(term, topic, placer, note, deadline); });
  }
  Result<core::TopicRecord> BeginAddPartitions(
      const core::RequestTerm& term, std::string_view name, std::int32_t total,
      const std::function<core::Placer(const core::Topic&)>& placer, const core::AuditNote& note,
      Deadline deadline) override {
    return Hooked("BeginAddPartitions", [&] {
      return next_.BeginAddPartitions(term, name, total, placer, note, deadline);
    });
  }
  Result<std::optional<core::TopicRecord>> FindMadeTopic(const core::RequestTerm& term,
                                                         std::string_view name,
                                                         Deadline deadline) override {
    return Hooked("FindMadeTopic", [&] { return next_.FindMadeTopic(term, name, deadline); });
  }
  Result<std::optional<core::TopicRecord>> BeginUndoTopic(const core::RequestTerm& term,
                                                          std::string_view name,
                                                          const core::AuditNote& note,
                                                          Deadline deadline) override {
    return Hooked("BeginUndoTopic",
                  [&] { return next_.BeginUndoTopic(term, name, note, deadline); });
  }
  Result<core::StoredRequest> Commit(const core::StoredRequest& request,
                                     const core::AuditNote& note, Deadline deadline) override {
    return Hooked("Commit", [&] { return next_.Commit(request, note, deadline); });
  }

 private:
  template <typename Call>
  auto Hooked(std::string_view name, Call call) -> decltype(call()) {
    if (const Status before = hook_(name, false); !before.ok()) return before.error();
    auto result = call();
    if (const Status after = hook_(name, true); !after.ok()) return after.error();
    return result;
  }

  core::GovernanceStore& next_;
  const StoreHook hook_;
};

}  // namespace lanemq::testing
