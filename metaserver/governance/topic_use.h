#pragma once

#include <chrono>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/message_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// Whether anybody writes to topics, as their data nodes have it.
/// Thread safety: every method from any thread. Blocking.
class TopicUse {
 public:
  TopicUse(core::MessageStore& messages, const Clock& clock) : messages_(messages), clock_(clock) {}

  /// Whether a message has been written within `within`. A partition whose table is not made yet
  /// has none. Errors: those of MessageStore.
  Result<bool> IsWritten(const core::Topic& topic, std::chrono::hours within,
                         Deadline deadline) const;
  /// Whether a message was ever written.
  Result<bool> WasWritten(const core::Topic& topic, Deadline deadline) const;

 private:
  core::MessageStore& messages_;
  const Clock& clock_;
};

}  // namespace lanemq::metaserver
