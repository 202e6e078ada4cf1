#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/audit_log.h"

namespace lanemq::testing {

/// Keeps refused attempts in memory; may be away.
class TestAuditLog final : public core::AuditLog {
 public:
  Status AppendDenied(const core::AuditNote& note, const core::AuditedChange& attempted,
                      Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    ++calls_;
    if (failure_) return *failure_;
    events_.push_back(
        {.id = NextId(), .note = note, .change = attempted, .result = core::AuditResult::kDenied});
    return {};
  }
  Status AppendDone(const core::AuditNote& note, const core::AuditedChange& done,
                    Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    ++calls_;
    if (failure_) return *failure_;
    events_.push_back(
        {.id = NextId(), .note = note, .change = done, .result = core::AuditResult::kOk});
    return {};
  }
  Result<core::AuditPage> Search(const core::AuditSearch& /*search*/,
                                 Deadline /*deadline*/) override {
    return core::AuditPage{events(), false};
  }
  Result<std::int64_t> Expire(std::chrono::microseconds /*age*/, std::size_t /*max*/,
                              const core::Fence& /*fence*/, Deadline /*deadline*/) override {
    return 0;
  }

  void SetFailure(std::optional<Error> failure) {
    MutexLock lock(mutex_);
    failure_ = std::move(failure);
  }
  [[nodiscard]] std::vector<core::AuditEvent> events() const {
    MutexLock lock(mutex_);
    return events_;
  }
  [[nodiscard]] int calls() const {
    MutexLock lock(mutex_);
    return calls_;
  }

 private:
  [[nodiscard]] std::int64_t NextId() const LANEMQ_REQUIRES(mutex_) {
    return static_cast<std::int64_t>(events_.size()) + 1;
  }

  mutable Mutex mutex_;
  std::optional<Error> failure_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AuditEvent> events_ LANEMQ_GUARDED_BY(mutex_);
  int calls_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::testing
