#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// Acknowledged messages that are missing.
struct DataLoss {
  PartitionKey key;
  Offset from;         ///< The first that is missing.
  Offset to;           ///< The first after them: the log's end as it was known.
  std::string broker;  ///< Who noticed; at most 255 bytes.
  bool operator==(const DataLoss&) const = default;
};

/// Where brokers write down, on the data node itself, that its logs have lost messages: for alerts,
/// and for people who look for them later.
///
/// Implementation: sql::MySqlDataLossStore. Thread safety: every method from any thread.
class DataLossStore {
 public:
  virtual ~DataLossStore() = default;
  /// Repeating it, also by another broker, changes nothing. kDataNodeUnavailable, kThrottled,
  /// kOutcomeUnknown: do it again.
  virtual Status Record(const DataLoss& loss, Deadline deadline) = 0;
};

}  // namespace lanemq::core
