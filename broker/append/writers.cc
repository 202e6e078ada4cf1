#include "broker/append/writers.h"

namespace lanemq::broker {

std::shared_ptr<PartitionWriter> Writers::Of(const core::PartitionLocation& location) {
  MutexLock lock(mutex_);
  auto& writer = writers_[location.key];
  if (!writer || writer->location() != location) {
    // 62 random bits, negative: unique among all writers of all brokers, and no client's.
    const core::ProducerId own{-(random_.PositiveId() / 2 + 1)};
    writer = std::make_shared<PartitionWriter>(context_, location, own,
                                               static_cast<std::uint64_t>(random_.PositiveId()));
  }
  return writer;
}

void Writers::RemoveUnless(const std::function<bool(const core::PartitionLocation&)>& exists) {
  MutexLock lock(mutex_);
  std::erase_if(writers_, [&](const auto& entry) {
    return entry.second->is_idle() && !exists(entry.second->location());
  });
}

std::vector<std::shared_ptr<PartitionWriter>> Writers::All() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<PartitionWriter>> out;
  out.reserve(writers_.size());
  for (const auto& [key, writer] : writers_) out.push_back(writer);
  return out;
}

}  // namespace lanemq::broker
