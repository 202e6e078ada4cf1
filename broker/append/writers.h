#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "broker/append/partition_writer.h"
#include "common/base/random.h"

namespace lanemq::broker {

/// The writers of a broker, one per partition it has been asked to write, and those of places that
/// partitions have left while requests wait in them. Two of one partition do each other no harm:
/// the old place takes no rows, and one place takes rows of several brokers.
/// Thread safety: every method from any thread.
class Writers {
 public:
  explicit Writers(WriterContext context)
      : context_(std::move(context)), random_(Random::FromSystem()) {}

  /// The partition's writer, made at the first call. A partition that moved gets a new one; what
  /// waits in the old one is answered by it, at the latest when the requests' time is over.
  [[nodiscard]] std::shared_ptr<PartitionWriter> Of(const core::PartitionLocation& location);
  /// Drops idle writers of places for which `is_current` is false.
  void RemoveUnless(const std::function<bool(const core::PartitionLocation&)>& is_current);
  [[nodiscard]] std::vector<std::shared_ptr<PartitionWriter>> All() const;
  /// Writers of places that were left, which have requests still.
  [[nodiscard]] std::size_t retired() const;

 private:
  void RetireIfBusy(std::shared_ptr<PartitionWriter> writer) LANEMQ_REQUIRES(mutex_);

  const WriterContext context_;
  mutable Mutex mutex_;
  Random random_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_map<core::PartitionKey, std::shared_ptr<PartitionWriter>> writers_
      LANEMQ_GUARDED_BY(mutex_);
  /// Bounded by the requests of connections, each of which keeps one at most.
  std::vector<std::shared_ptr<PartitionWriter>> retired_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
