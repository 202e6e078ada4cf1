#include "client/cli/bench/load.h"

#include <algorithm>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr auto kTick = std::chrono::milliseconds(100);

}  // namespace

bool Load::IsOver(std::int64_t number, MonotonicTime now) const {
  if (options_.messages > 0) return number >= options_.messages;
  return now - began_ >= options_.duration;
}

Status Load::Run(Producer& producer, const InterruptGuard& interrupt,
                 const std::function<void()>& on_tick) {
  const Clock& clock = SystemClock::Instance();
  began_ = clock.Now();
  MonotonicTime next_tick = began_ + kTick;
  {
    const MutexLock lock(mutex_);
    last_answer_ = began_;
  }
  const double gap = options_.rate > 0 ? 1e9 / options_.rate : 0;
  for (std::int64_t number = 0; !interrupt.IsInterrupted(); ++number) {
    MonotonicTime now = clock.Now();
    MonotonicTime intended = now;
    if (gap > 0) {
      intended = began_ + nanoseconds{static_cast<std::int64_t>(gap * static_cast<double>(number))};
    }
    if (IsOver(number, std::max(now, intended))) break;
    if (intended > now && !interrupt.Pause(intended - now)) break;
    now = clock.Now();
    if (now >= next_tick) {
      next_tick = now + kTick;
      on_tick();
    }
    LANEMQ_RETURN_IF_ERROR(SendOne(producer, number, intended));
  }
  return producer.Flush(std::chrono::minutes(1));
}

Status Load::SendOne(Producer& producer, std::int64_t number, MonotonicTime intended) {
  ProducerRecord record;
  record.topic = options_.topic;
  record.body = BenchBody(options_.run, number, intended.since_start,
                          static_cast<std::size_t>(options_.size));
  if (options_.keys > 0) record.key = fmt::format("key-{}", number % options_.keys);
  LANEMQ_RETURN_IF_ERROR(producer.Send(
      std::move(record), [this, intended](const auto& result) { Note(result, intended); }));
  const MutexLock lock(mutex_);
  ++sent_;
  return {};
}

void Load::Note(const Result<RecordMetadata>& result, MonotonicTime intended) {
  const MonotonicTime now = SystemClock::Instance().Now();
  const MutexLock lock(mutex_);
  last_answer_ = now;
  if (!result.ok()) {
    ++result_.failed;
    return;
  }
  ++result_.messages;
  result_.bytes += options_.size;
  result_.latency.Add(std::chrono::duration_cast<microseconds>(now - intended));
}

BenchResult Load::Measured() const {
  const MutexLock lock(mutex_);
  BenchResult result = result_;
  result.mode = "produce";
  result.has_latency = true;
  result.took = last_answer_ - began_;
  return result;
}

std::int64_t Load::sent() const {
  const MutexLock lock(mutex_);
  return sent_;
}

}  // namespace lanemq::cli
