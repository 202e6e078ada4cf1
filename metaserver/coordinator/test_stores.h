#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lease_store.h"
#include "metaserver/coordinator/offset_nodes.h"
#include "tests/conformance/fake_group_store.h"

namespace lanemq::testing {

/// Time as the test says; the databases below live in it too.
class TestClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override {
    return {std::chrono::nanoseconds{now_.load()}};
  }
  [[nodiscard]] WallTime WallNow() const override { return {now_.load() / 1'000}; }
  void Advance(std::chrono::nanoseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'000'000'000};
};

/// A cluster without data nodes.
inline metaserver::OffsetNodes NoOffsetNodes() {
  return {[]() -> Result<std::vector<core::DataNode>> { return std::vector<core::DataNode>{}; },
          [](core::NodeId) { return std::unique_ptr<core::OffsetStore>(); }};
}

/// The leases and the groups of one metadata database in memory: may be down, and writes of groups
/// may be held up.
class TestDatabase final : public core::LeaseStore, public core::GroupStore {
 public:
  explicit TestDatabase(const Clock& clock) : clock_(clock) {}

  void SetDown(bool is_down) {
    MutexLock lock(mutex_);
    is_down_ = is_down;
  }
  void HoldWrites(bool is_held) {
    MutexLock lock(mutex_);
    is_held_ = is_held;
    changed_.NotifyAll();
  }
  void HoldLoads(bool is_held) {
    MutexLock lock(mutex_);
    are_loads_held_ = is_held;
    changed_.NotifyAll();
  }
  void AdvanceGroups(std::chrono::microseconds by) { groups_.Advance(by); }
  void FailNextLoad() { groups_.FailNextLoad(ErrorCode::kMetadataUnavailable); }
  [[nodiscard]] int writes_begun() const { return writes_begun_; }
  [[nodiscard]] std::optional<core::StoredGroup> Stored(const std::string& group) {
    return groups_.Load(group, {}).value();
  }
  [[nodiscard]] std::vector<core::AuditEvent> Audited() const { return groups_.Audited(); }

  Result<core::Lease> Acquire(std::string_view name, std::string_view owner,
                              std::chrono::milliseconds ttl, Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    LANEMQ_RETURN_IF_ERROR(Up());
    Term& term = terms_[std::string(name)];
    const bool is_running = term.ends > clock_.Now();
    if (is_running && term.lease.owner != owner) return Error{ErrorCode::kConflict, "held"};
    if (!is_running) {
      const core::FencingToken next{term.lease.token.value + 1};
      term.lease = {std::string(name), std::string(owner), next};
      groups_.SetTerm(term.lease.name, next);
    }
    term.ends = clock_.Now() + ttl;
    return term.lease;
  }
  Status Renew(const core::Lease& lease, std::chrono::milliseconds ttl,
               Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    LANEMQ_RETURN_IF_ERROR(Up());
    Term& term = terms_[lease.name];
    if (term.lease != lease || term.ends <= clock_.Now()) return Error{ErrorCode::kFenced, "ended"};
    term.ends = clock_.Now() + ttl;
    return {};
  }
  Status Release(const core::Lease& lease, Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    LANEMQ_RETURN_IF_ERROR(Up());
    if (terms_[lease.name].lease == lease) terms_[lease.name].ends = {};
    return {};
  }
  Result<std::vector<core::Lease>> Running(std::string_view prefix,
                                           Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    LANEMQ_RETURN_IF_ERROR(Up());
    std::vector<core::Lease> running;
    for (const auto& [name, term] : terms_) {
      if (name.starts_with(prefix) && term.ends > clock_.Now()) running.push_back(term.lease);
    }
    return running;
  }

  Status Write(const core::StoredGroup& group, const core::Fence& fence,
               Deadline deadline) override {
    {
      MutexLock lock(mutex_);
      ++writes_begun_;
      while (is_held_) changed_.Wait(mutex_);
      LANEMQ_RETURN_IF_ERROR(Up());
    }
    return groups_.Write(group, fence, deadline);
  }
  Result<std::vector<core::StoredGroup>> LoadSlot(int slot, Deadline deadline) override {
    {
      MutexLock lock(mutex_);
      while (are_loads_held_) changed_.Wait(mutex_);
      LANEMQ_RETURN_IF_ERROR(Up());
    }
    return groups_.LoadSlot(slot, deadline);
  }
  Result<std::optional<core::StoredGroup>> Load(std::string_view group,
                                                Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(LockedUp());
    return groups_.Load(group, deadline);
  }
  Result<std::vector<core::GroupSummary>> List(Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(LockedUp());
    return groups_.List(deadline);
  }
  Result<std::vector<core::GroupRebalance>> History(std::string_view group, std::size_t max,
                                                    Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(LockedUp());
    return groups_.History(group, max, deadline);
  }
  Status Delete(std::string_view group, const core::Fence& fence, const core::AuditNote& note,
                Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(LockedUp());
    return groups_.Delete(group, fence, note, deadline);
  }
  Result<std::vector<std::string>> EmptyFor(std::chrono::microseconds age,
                                            Deadline deadline) override {
    LANEMQ_RETURN_IF_ERROR(LockedUp());
    return groups_.EmptyFor(age, deadline);
  }

 private:
  struct Term {
    core::Lease lease;
    MonotonicTime ends;
  };
  [[nodiscard]] Status Up() const LANEMQ_REQUIRES(mutex_) {
    if (!is_down_) return {};
    return Error{ErrorCode::kMetadataUnavailable, "the test says so"};
  }
  [[nodiscard]] Status LockedUp() const {
    MutexLock lock(mutex_);
    return Up();
  }

  const Clock& clock_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Term> terms_ LANEMQ_GUARDED_BY(mutex_);
  FakeGroupStore groups_;
  bool is_down_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_held_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool are_loads_held_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::atomic<int> writes_begun_{0};
};

}  // namespace lanemq::testing
