#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/outbox.h"

namespace lanemq::client {

/// Sends whole batches whose producer ids and sequences the caller has chosen, and remembers, so
/// that a batch repeated by another process is stored once.
///
/// Implementations: ClusterPublisher; FakePublisher in tests. Thread safety: every method from any
/// thread.
class BatchPublisher {
 public:
  using Done = std::function<void(std::optional<Error>)>;
  virtual ~BatchPublisher() = default;

  /// How many partitions `topic` has, as far as is known; never blocks. kUnknownTopicOrPartition:
  /// the cluster says that there is no such topic. Other errors: nobody was asked yet, or nobody
  /// answers; the topic is being asked for, and `OnChange` tells when there is news.
  virtual Result<std::int32_t> PartitionsOf(const std::string& topic) = 0;

  /// Sends the batch once; `messages[i]` has the id `group.ids[i]`. `done` runs exactly once, on
  /// any thread, perhaps before Publish() returns: nullopt when the batch is stored, now or by an
  /// earlier attempt. Errors are those of the RPC; RetryOf() and EffectOf() say what they mean.
  virtual void Publish(const core::OutboxGroup& group,
                       const std::vector<core::OutboxMessage>& messages, Deadline deadline,
                       Done done) = 0;

  /// Called after each change of what is known of the cluster, on a thread that must not be
  /// blocked. Set it before anything else.
  virtual void SetListener(std::function<void()> on_change) = 0;
};

}  // namespace lanemq::client
