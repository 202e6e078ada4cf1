#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/group_store.h"

namespace lanemq::testing {

/// GroupStore in memory, with the semantics of the real one (the same conformance suite) and faults
/// on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeGroupStore final : public core::GroupStore {
 public:
  /// The newest term of a lease. Before the first one every fence of it is refused.
  void SetTerm(const std::string& lease, core::FencingToken token);
  /// Moves the store's clock, which stands still otherwise.
  void Advance(std::chrono::microseconds by);
  /// The next Write() fails with `code`, before or after taking effect.
  void FailNextWrite(ErrorCode code, bool after_effect);
  /// The next LoadSlot() or Load() fails.
  void FailNextLoad(ErrorCode code);
  /// What the audit log has, the oldest first. Times are not kept.
  [[nodiscard]] std::vector<core::AuditEvent> Audited() const;

  Status Write(const core::StoredGroup& group, const core::Fence& fence,
               Deadline deadline) override;
  Result<std::vector<core::StoredGroup>> LoadSlot(int slot, Deadline deadline) override;
  Result<std::optional<core::StoredGroup>> Load(std::string_view group_id,
                                                Deadline deadline) override;
  Result<std::vector<core::GroupSummary>> List(Deadline deadline) override;
  Result<std::vector<core::GroupRebalance>> History(std::string_view group_id, std::size_t max,
                                                    Deadline deadline) override;
  Status Delete(std::string_view group_id, const core::Fence& fence, const core::AuditNote& note,
                Deadline deadline) override;
  Result<std::vector<std::string>> EmptyFor(std::chrono::microseconds age,
                                            Deadline deadline) override;

 private:
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  struct Stored {
    core::StoredGroup group;
    core::FencingToken epoch;
    std::map<core::Generation, core::GroupRebalance> history;
  };
  using Groups = std::map<std::string, Stored, std::less<>>;

  /// kFenced as Write() and Delete() say; `found` may be the end.
  Status CheckFence(Groups::const_iterator found, const core::Fence& fence) const
      LANEMQ_REQUIRES(mutex_);
  Status Apply(const core::StoredGroup& group, const core::Fence& fence) LANEMQ_REQUIRES(mutex_);
  void Remember(Stored& stored) LANEMQ_REQUIRES(mutex_);
  Status TakeLoadFault() LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Groups groups_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::FencingToken, std::less<>> terms_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AuditEvent> audited_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> write_faults_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<ErrorCode> load_faults_ LANEMQ_GUARDED_BY(mutex_);
  WallTime now_ LANEMQ_GUARDED_BY(mutex_){1'000'000};
};

}  // namespace lanemq::testing
