#pragma once

#include <map>
#include <string_view>

#include "broker/metrics.h"
#include "common/base/mutex.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// Raises the alarm when acknowledged messages are missing: an ERROR line and a metric, once per
/// partition and first offset, however often readers stumble over it.
/// Thread safety: every method from any thread.
class DataLossAlarm {
 public:
  explicit DataLossAlarm(Metrics& metrics) : metrics_(metrics) {}
  void Raise(const core::PartitionKey& key, core::Offset first, core::Offset last,
             std::string_view reason);

 private:
  Metrics& metrics_;
  Mutex mutex_;
  // Partition and first offset -> last offset already counted. Bounded; see the .cc.
  std::map<std::pair<core::PartitionKey, core::Offset>, core::Offset> raised_
      LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
