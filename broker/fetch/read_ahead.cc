#include "broker/fetch/read_ahead.h"

namespace lanemq::broker {

bool ReadAhead::TryTake(const core::PartitionKey& key, core::Offset from, Then then) {
  LogSlice slice;
  {
    MutexLock lock(mutex_);
    const auto it = entries_.find({key, from});
    if (it == entries_.end()) return false;
    if (!it->second.is_ready) {
      it->second.waiters.push_back(std::move(then));
      return true;
    }
    slice = std::move(it->second.slice);
    Erase(it);
  }
  then(std::move(slice));
  return true;
}

bool ReadAhead::Begin(const core::PartitionKey& key, core::Offset from, std::size_t bytes) {
  MutexLock lock(mutex_);
  if (entries_.contains({key, from})) return false;
  for (auto place = by_age_.begin(); bytes_ + bytes > bytes_max_ && place != by_age_.end();) {
    const auto old = entries_.find(*place++);
    if (old->second.is_ready) Erase(old);
  }
  if (bytes_ + bytes > bytes_max_) return false;
  Entry& entry = entries_[{key, from}];
  entry.bytes = bytes;
  entry.age = by_age_.insert(by_age_.end(), {key, from});
  bytes_ += bytes;
  return true;
}

void ReadAhead::Finish(const core::PartitionKey& key, core::Offset from, LogSlice slice) {
  std::vector<Then> waiters;
  {
    MutexLock lock(mutex_);
    const auto it = entries_.find({key, from});
    if (it == entries_.end()) return;
    waiters = std::move(it->second.waiters);
    if (!waiters.empty() || slice.error || slice.records.empty()) {
      Erase(it);
    } else {
      it->second.is_ready = true;
      it->second.slice = std::move(slice);
    }
  }
  // The pointers are copied, the records are shared.
  for (const Then& then : waiters) then(slice);
}

void ReadAhead::Drop(const core::PartitionKey& key) {
  MutexLock lock(mutex_);
  for (auto it = entries_.lower_bound({key, core::Offset{0}});
       it != entries_.end() && it->first.first == key;) {
    const auto entry = it++;
    if (entry->second.is_ready) Erase(entry);
  }
}

void ReadAhead::Erase(std::map<Place, Entry>::iterator entry) {
  bytes_ -= entry->second.bytes;
  by_age_.erase(entry->second.age);
  entries_.erase(entry);
}

}  // namespace lanemq::broker
