#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/retry_store.h"

namespace lanemq::broker {

/// The policies of a group, as one data node has them.
class GroupPolicySet {
 public:
  explicit GroupPolicySet(std::vector<core::StoredRetryPolicy> rows) : rows_(std::move(rows)) {}
  /// The topic's own, else the group's, else the default.
  [[nodiscard]] const core::RetryPolicy& For(core::TopicId topic) const;
  [[nodiscard]] const std::vector<core::StoredRetryPolicy>& rows() const { return rows_; }

 private:
  const std::vector<core::StoredRetryPolicy> rows_;
};

/// What the data nodes say of groups' policies, for at most a second: a group that fails
/// everything asks once a second, and a change that another broker made holds after one.
/// Thread safety: every method from any thread.
class PolicyCache {
 public:
  static constexpr std::chrono::seconds kAgeMax{1};
  static constexpr std::size_t kEntriesMax = 1'000;

  explicit PolicyCache(const Clock& clock) : clock_(clock) {}

  using Read = std::function<Result<std::vector<core::StoredRetryPolicy>>()>;
  /// `read` is called unless they are known, on this thread.
  Result<std::shared_ptr<const GroupPolicySet>> Get(const std::string& group, core::NodeId node,
                                                    const Read& read);
  /// From `retries`, the store on `node`. Blocking: for the data nodes' threads.
  Result<std::shared_ptr<const GroupPolicySet>> Get(const std::string& group, core::NodeId node,
                                                    core::RetryStore& retries, Deadline deadline) {
    return Get(group, node, [&] { return retries.Policies(group, deadline); });
  }
  /// They were changed: what was read before is not given any more.
  void Forget(const std::string& group);

 private:
  struct Entry {
    std::shared_ptr<const GroupPolicySet> set;
    MonotonicTime read_at;
  };
  using Key = std::pair<std::string, core::NodeId>;
  void MakeRoom(MonotonicTime now) LANEMQ_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  std::map<Key, Entry> entries_ LANEMQ_GUARDED_BY(mutex_);
  std::uint64_t changes_ LANEMQ_GUARDED_BY(mutex_) =
      0;  // Reads that began before one are not kept.
};

}  // namespace lanemq::broker
