#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/mutex.h"
#include "common/base/time.h"
#include "common/core/types/caller.h"
#include "common/guard/refusal_limit.h"

namespace lanemq {

/// A caller wanted to do what he may not.
struct RefusedAttempt {
  std::string_view method;               ///< As in the IDL; empty: not within a call.
  const core::Caller* caller = nullptr;  ///< Null: nobody has said who it is.
  std::string_view peer;                 ///< "address:port"; empty: not known.
  std::string_view why;                  ///< The error's message, which names the object.
};

/// Writes refused attempts to the log, at most one line a second of each principal (of those who
/// have none: of each address), with how many were left out since the line before; and counts what
/// a server that only observes would have refused, by method.
///
/// Bounded: see RefusalLimit; methods are those of the IDL, others count as "other".
/// Thread safety: every method from any thread. Does not block but for the line itself.
class RefusalLog {
 public:
  RefusalLog() : limit_({.per_second = 1, .addresses_max = 1'000}) {}

  void Refused(const RefusedAttempt& attempt, MonotonicTime now);
  /// It was served all the same.
  void Observed(const RefusedAttempt& attempt, MonotonicTime now);
  /// What was observed, by method.
  [[nodiscard]] std::map<std::string, std::uint64_t> observed() const;
  [[nodiscard]] std::uint64_t observed_total() const;

 private:
  void Log(std::string_view event, const RefusedAttempt& attempt, MonotonicTime now);

  RefusalLimit limit_;
  mutable Mutex mutex_;
  std::map<std::string, std::uint64_t> observed_ LANEMQ_GUARDED_BY(mutex_);
  std::uint64_t left_out_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq
