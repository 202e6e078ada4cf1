#pragma once

#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "broker/metrics.h"
#include "common/base/mutex.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// Raises the alarm when acknowledged messages are missing: an ERROR line, a metric and what is
/// kept of it, once per partition and first offset, however often readers stumble over it. Thread
/// safety: every method from any thread.
class DataLossAlarm {
 public:
  /// Writes it down for people; must not block. May be empty.
  using Keep =
      std::function<void(const core::PartitionKey& key, core::Offset first, core::Offset last)>;
  explicit DataLossAlarm(Metrics& metrics, Keep keep = {})
      : metrics_(metrics), keep_(std::move(keep)) {}
  void Raise(const core::PartitionKey& key, core::Offset first, core::Offset last,
             std::string_view reason);

 private:
  Metrics& metrics_;
  const Keep keep_;
  Mutex mutex_;
  // Partition and first offset -> last offset already counted. Bounded; see the .cc.
  std::map<std::pair<core::PartitionKey, core::Offset>, core::Offset> raised_
      LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
