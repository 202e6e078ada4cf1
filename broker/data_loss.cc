#include "broker/data_loss.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::broker {
namespace {

// Losses are rare; beyond this many, the oldest knowledge is dropped and may be reported again.
constexpr std::size_t kRaisedMax = 10'000;

}  // namespace

void DataLossAlarm::Raise(const core::PartitionKey& key, core::Offset first, core::Offset last,
                          std::string_view reason) {
  {
    MutexLock lock(mutex_);
    const auto [it, is_new] = raised_.try_emplace({key, first}, last);
    if (!is_new && it->second >= last) return;
    it->second = last;
    if (raised_.size() > kRaisedMax) raised_.erase(raised_.begin());
  }
  metrics_.data_loss.Increment(static_cast<double>(last.value - first.value + 1));
  LANEMQ_LOG(ERROR, "log.data_loss", {"topic_id", key.topic.value}, {"partition", key.partition},
             {"first_offset", first.value}, {"last_offset", last.value}, {"reason", reason});
  if (keep_) keep_(key, first, last);
}

}  // namespace lanemq::broker
