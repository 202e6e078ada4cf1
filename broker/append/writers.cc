#include "broker/append/writers.h"

#include <utility>

namespace lanemq::broker {

std::shared_ptr<PartitionWriter> Writers::Of(const core::PartitionLocation& location) {
  MutexLock lock(mutex_);
  auto& writer = writers_[location.key];
  if (!writer || writer->location() != location) {
    RetireIfBusy(std::move(writer));
    // 62 random bits, negative: unique among all writers of all brokers, and no client's.
    const core::ProducerId own{-(random_.PositiveId() / 2 + 1)};
    writer = std::make_shared<PartitionWriter>(context_, location, own,
                                               static_cast<std::uint64_t>(random_.PositiveId()));
  }
  return writer;
}

// Between two tries nothing else keeps it alive, and its requests would never be answered.
void Writers::RetireIfBusy(std::shared_ptr<PartitionWriter> writer) {
  std::erase_if(retired_, [](const auto& old) { return old->is_idle(); });
  if (writer && !writer->is_idle()) retired_.push_back(std::move(writer));
}

void Writers::RemoveUnless(const std::function<bool(const core::PartitionLocation&)>& is_current) {
  MutexLock lock(mutex_);
  RetireIfBusy(nullptr);
  std::erase_if(writers_, [&](const auto& entry) {
    return entry.second->is_idle() && !is_current(entry.second->location());
  });
}

std::size_t Writers::retired() const {
  MutexLock lock(mutex_);
  return retired_.size();
}

std::vector<std::shared_ptr<PartitionWriter>> Writers::All() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<PartitionWriter>> out;
  out.reserve(writers_.size() + retired_.size());
  for (const auto& [key, writer] : writers_) out.push_back(writer);
  out.insert(out.end(), retired_.begin(), retired_.end());
  return out;
}

}  // namespace lanemq::broker
