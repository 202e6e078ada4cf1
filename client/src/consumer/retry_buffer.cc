#include "client/src/consumer/retry_buffer.h"

#include <iterator>
#include <utility>

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

// What is due and was not answered, since others have it or it was in the wrong place for the
// moment, is not asked for in circles.
constexpr milliseconds kEmptyPause(50);

}  // namespace

void RetryBuffer::OnRow(std::optional<milliseconds> wait, MonotonicTime now) {
  // What is being asked will be answered with better news.
  if (is_asked_ || must_take_over_) return;
  due_ = wait ? std::optional(now + *wait) : std::nullopt;
}

void RetryBuffer::OnDue(milliseconds wait, MonotonicTime now) {
  const MonotonicTime due = now + wait;
  due_ = due_ ? std::min(*due_, due) : due;
}

void RetryBuffer::OnLeased(std::vector<ConsumedRecord> records, MonotonicTime lease_end,
                           std::optional<milliseconds> next, MonotonicTime now) {
  is_asked_ = must_take_over_ = false;
  if (next) OnDue(records.empty() ? std::max(*next, kEmptyPause) : *next, now);
  for (ConsumedRecord& record : records) {
    leased_.push_back({std::make_shared<ConsumedRecord>(std::move(record)), lease_end});
  }
}

std::optional<MonotonicTime> RetryBuffer::due() const {
  const auto asking = is_asked_ ? std::nullopt : due_;
  if (kept_.empty()) return asking;
  return std::min(asking.value_or(kept_.begin()->first), kept_.begin()->first);
}

void RetryBuffer::Ripen(MonotonicTime now) {
  while (!kept_.empty() && kept_.begin()->first <= now) {
    ripe_.push_back(std::move(kept_.begin()->second));
    kept_.erase(kept_.begin());
  }
}

void RetryBuffer::OnFailure(std::chrono::nanoseconds pause, MonotonicTime now) {
  is_asked_ = false;
  due_ = now + pause;  // Whatever else is due waits for the same broker.
}

void RetryBuffer::Take(std::size_t max, std::vector<ConsumedRecord>& out) {
  for (; max > 0 && size() > 0; --max) {
    is_ripe_next_ = leased_.empty() || (!ripe_.empty() && !is_ripe_next_);
    std::deque<Ready>& from = is_ripe_next_ ? ripe_ : leased_;
    out.push_back(std::move(*from.front().record));
    from.pop_front();
  }
}

std::vector<KeptRecords::Record> RetryBuffer::TakeLate(MonotonicTime needed_until) {
  std::vector<KeptRecords::Record> late;
  for (std::deque<Ready>* const ready : {&leased_, &ripe_}) {
    // In about the order in which their leases end.
    while (!ready->empty() && ready->front().lease_end < needed_until) {
      late.push_back(std::move(ready->front().record));
      ready->pop_front();
    }
  }
  return late;
}

}  // namespace lanemq::client
