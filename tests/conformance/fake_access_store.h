#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/access_store.h"

namespace lanemq::testing {

/// AccessStore in memory, with the semantics of the real one (the same conformance suite) and
/// faults on request. Deadlines are not looked at. Thread safety: every method from any thread.
class FakeAccessStore final : public core::AccessStore {
 public:
  explicit FakeAccessStore(std::string cluster_id = "fake-cluster");

  /// Moves the store's clock, which stands still otherwise.
  void Advance(std::chrono::microseconds by);
  [[nodiscard]] WallTime now() const;
  /// The next change fails with `code`, before or after taking effect.
  void FailNextChange(ErrorCode code, bool after_effect);
  /// Until it is unset, every method fails with kMetadataUnavailable and does nothing.
  void SetDown(bool is_down);
  /// Changes what there is without a check or an audit row, as one change. Lists must stay in
  /// their order.
  void Edit(const std::function<void(core::AccessRecords&)>& edit);
  /// The same of tokens of people alone.
  void EditPeopleTokens(const std::function<void(core::AccessRecords&)>& edit);
  /// The audit rows that changes wrote, oldest first.
  [[nodiscard]] std::vector<core::AuditEvent> Events() const;
  /// How often LoadVersion() and Load() were answered.
  [[nodiscard]] int versions() const { return versions_; }
  [[nodiscard]] int loads() const { return loads_; }
  [[nodiscard]] int people_loads() const { return people_loads_; }

  Result<std::int64_t> LoadVersion(Deadline deadline) override;
  Result<core::AccessRecords> Load(Deadline deadline) override;
  Result<std::optional<core::PeopleTokens>> LoadPeopleTokens(std::int64_t rights_version,
                                                             Deadline deadline) override;
  using core::AccessStore::PutTeam;
  Status PutTeam(const core::Team& team, std::optional<std::int64_t> if_version,
                 const core::AuditNote& note, Deadline deadline) override;
  Status DeleteTeam(std::string_view name, const core::AuditNote& note, Deadline deadline) override;
  Status PutService(const core::Service& service, const core::AuditNote& note,
                    Deadline deadline) override;
  Status DeleteService(std::string_view name, const core::AuditNote& note,
                       Deadline deadline) override;
  Result<core::Token> AddToken(const core::Token& token, const core::AuditNote& note,
                               Deadline deadline) override;
  Status RevokeToken(std::string_view id, const core::AuditNote& note, Deadline deadline) override;
  Result<core::Grant> PutGrant(const core::Grant& grant, const core::AuditNote& note,
                               Deadline deadline) override;
  Status DeleteGrant(std::int64_t id, const core::AuditNote& note, Deadline deadline) override;
  Status SetOwner(const core::Owner& owner, const core::AuditNote& note,
                  Deadline deadline) override;
  Status DeleteRightsOn(core::ResourceKind kind, std::string_view name, const core::AuditNote& note,
                        Deadline deadline) override;
  Status PutQuota(const core::QuotaOfTeam& quota, const core::AuditNote& note,
                  Deadline deadline) override;
  Status SetQuotaMode(core::QuotaMode mode, const core::AuditNote& note,
                      Deadline deadline) override;

 private:
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  /// What a transaction changes: kept when it succeeds.
  struct State {
    core::AccessRecords records;
    std::vector<core::AuditEvent> events;
    std::int64_t next_grant = 1;
  };
  class Change;
  using Body = std::function<Status(Change&)>;

  Status Run(const core::AuditNote& note, const Body& body);
  Status CheckUp() const LANEMQ_REQUIRES(mutex_);

  std::atomic<int> versions_{0};
  std::atomic<int> loads_{0};
  std::atomic<int> people_loads_{0};
  mutable Mutex mutex_;
  State state_ LANEMQ_GUARDED_BY(mutex_);
  WallTime now_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> faults_ LANEMQ_GUARDED_BY(mutex_);
  bool is_down_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::testing
