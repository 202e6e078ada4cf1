#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/store/lease_store.h"

namespace lanemq::metaserver {

/// Takes the lease of one duty again and again, and says whether it may be trusted.
///
/// Thread safety: Tick(), Lose() and Release() from one owner; Token() and terms() from any thread.
class LeaseHolder {
 public:
  struct Options {
    std::string name;   ///< Of the lease.
    std::string owner;  ///< Names this start of this process (LeaseOwner()).
    core::LeaseTrust::Options lease;
    std::chrono::milliseconds call_timeout{3'000};
  };
  /// What a Tick() found out.
  struct Step {
    std::optional<core::FencingToken> token;  ///< While it is trusted.
    bool is_new = false;                      ///< A term began with this step.
    bool is_elsewhere = false;                ///< The database says that another one holds it.
    std::optional<Error> failure;             ///< The database did not answer.
  };

  LeaseHolder(Options options, core::LeaseStore& leases, const Clock& clock)
      : options_(std::move(options)), leases_(leases), clock_(clock), trust_(options_.lease) {}

  /// Acquires or renews when that is due. Blocks for one call of the database at most.
  Step Tick();
  /// A write was refused: the term is over.
  void Lose(const Error& why);
  /// Gives it back, if it is held.
  void Release();

  /// The token to put into writes; nullopt when trust has ended.
  [[nodiscard]] std::optional<core::FencingToken> Token() const;
  /// How often it was acquired.
  [[nodiscard]] std::int64_t terms() const;

 private:
  void Renew(MonotonicTime started, Step& step);
  void Acquire(MonotonicTime started, Step& step);
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  core::LeaseStore& leases_;
  const Clock& clock_;
  std::optional<core::Lease> held_;  // The owner's own.

  mutable Mutex mutex_;
  core::LeaseTrust trust_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t terms_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::metaserver
