#include "broker/handlers/failures/policy_cache.h"

namespace lanemq::broker {

const core::RetryPolicy& GroupPolicySet::For(core::TopicId topic) const {
  static const core::RetryPolicy kDefault;
  const core::RetryPolicy* of_group = &kDefault;
  for (const core::StoredRetryPolicy& row : rows_) {
    if (row.topic == topic) return row.policy;
    if (!row.topic) of_group = &row.policy;
  }
  return *of_group;
}

Result<std::shared_ptr<const GroupPolicySet>> PolicyCache::Get(const std::string& group,
                                                               core::NodeId node,
                                                               const Read& read) {
  const Key key{group, node};
  const MonotonicTime now = clock_.Now();
  std::uint64_t changes = 0;
  {
    MutexLock lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end() && now - found->second.read_at < kAgeMax) return found->second.set;
    changes = changes_;
  }
  LANEMQ_ASSIGN_OR_RETURN(auto rows, read());
  const auto set = std::make_shared<const GroupPolicySet>(std::move(rows));
  MutexLock lock(mutex_);
  if (changes != changes_) return set;
  MakeRoom(now);
  entries_[key] = {set, now};
  return set;
}

void PolicyCache::MakeRoom(MonotonicTime now) {
  if (entries_.size() < kEntriesMax) return;
  std::erase_if(entries_,
                [now](const auto& entry) { return now - entry.second.read_at >= kAgeMax; });
  if (entries_.size() >= kEntriesMax) entries_.clear();
}

void PolicyCache::Forget(const std::string& group) {
  MutexLock lock(mutex_);
  ++changes_;
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.first == group; });
}

}  // namespace lanemq::broker
