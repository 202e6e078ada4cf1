#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "broker/append/partition_writer.h"
#include "common/base/random.h"

namespace lanemq::broker {

/// The writers of a broker, one per partition it has been asked to write.
/// Thread safety: every method from any thread.
class Writers {
 public:
  explicit Writers(WriterContext context)
      : context_(std::move(context)), random_(Random::FromSystem()) {}

  /// The partition's writer, made at the first call. A partition that moved gets a new one.
  [[nodiscard]] std::shared_ptr<PartitionWriter> Of(const core::PartitionLocation& location);
  /// Drops idle writers of partitions for which `exists` is false.
  void RemoveUnless(const std::function<bool(const core::PartitionLocation&)>& exists);
  [[nodiscard]] std::vector<std::shared_ptr<PartitionWriter>> All() const;

 private:
  const WriterContext context_;
  mutable Mutex mutex_;
  Random random_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_map<core::PartitionKey, std::shared_ptr<PartitionWriter>> writers_
      LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
