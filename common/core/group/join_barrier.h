#pragma once

#include <chrono>

#include "common/base/time.h"

namespace lanemq::core {

/// How long the members of a group are waited for before a new generation begins.
///
/// Of a group that was empty: `initial_delay` after the newest join, since members are usually
/// started together. Else until all have joined. Either way not longer than `limit`.
class JoinBarrier {
 public:
  /// `initial_delay` of 0: complete as soon as all have joined.
  void Start(MonotonicTime now, std::chrono::milliseconds initial_delay,
             std::chrono::milliseconds limit);
  void OnNewMember(MonotonicTime now);
  [[nodiscard]] bool IsOver(MonotonicTime now, bool have_all_joined) const;
  /// When it is over at the latest, as things are.
  [[nodiscard]] MonotonicTime deadline() const { return deadline_; }

 private:
  std::chrono::milliseconds initial_delay_{0};
  MonotonicTime limit_;
  MonotonicTime deadline_;
};

}  // namespace lanemq::core
