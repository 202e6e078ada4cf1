#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/group_store.h"
#include "metaserver/coordinator/coordinator.h"

namespace lanemq::metaserver {

/// Ends the groups of this metaserver's slots that have had no members for so long, with their
/// offsets. A data node that does not answer postpones all of them. One thread.
///
/// Thread safety: Start(), Stop() and Tick() from one owner.
class GroupExpiry {
 public:
  struct Options {
    std::chrono::minutes retention{10'080};  ///< By the metadata database's clock.
    std::chrono::milliseconds every{60'000};
    std::size_t groups_at_once = 100;  ///< Per round.
    std::chrono::milliseconds read_timeout{3'000};
    std::chrono::milliseconds group_timeout{5'000};
  };

  /// The store and the coordinator must outlive it.
  GroupExpiry(Options options, core::GroupStore& store, Coordinator& coordinator,
              const Clock& clock);
  ~GroupExpiry() { Stop(); }

  void Start();
  /// Finishes the group it is about. Idempotent.
  void Stop();
  /// One round: what the thread does again and again. For tests.
  void Tick();

 private:
  struct Due {
    std::string group;
    core::Generation generation;
  };

  void Run();
  [[nodiscard]] Result<std::vector<Due>> FindDue();
  [[nodiscard]] bool is_stopping() const;

  const Options options_;
  core::GroupStore& store_;
  Coordinator& coordinator_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
