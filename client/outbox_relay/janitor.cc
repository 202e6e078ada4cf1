#include "client/outbox_relay/janitor.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::client {

OutboxJanitor::OutboxJanitor(Options options, core::OutboxStore& store, const Clock& clock,
                             std::function<bool()> is_on_duty)
    : options_(options), store_(store), clock_(clock), is_on_duty_(std::move(is_on_duty)) {}

OutboxJanitor::~OutboxJanitor() { Stop(); }

void OutboxJanitor::Start() {
  if (!thread_.joinable()) thread_ = std::jthread([this] { Run(); });
}

void OutboxJanitor::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

std::int64_t OutboxJanitor::deleted() const {
  MutexLock lock(mutex_);
  return deleted_;
}

void OutboxJanitor::Run() {
  while (true) {
    const std::chrono::nanoseconds pause = CleanOnce();
    const Deadline deadline = Deadline::After(clock_, pause);
    MutexLock lock(mutex_);
    while (!is_stopping_ && !deadline.HasPassed(clock_)) {
      changed_.WaitFor(mutex_, deadline.Left(clock_));
    }
    if (is_stopping_) return;
  }
}

std::chrono::nanoseconds OutboxJanitor::CleanOnce() {
  if (!is_on_duty_()) return options_.idle_pause;
  const MonotonicTime started = clock_.Now();
  const auto deleted = store_.Clean(options_.keep, options_.batch_rows,
                                    Deadline::After(clock_, std::chrono::seconds(5)));
  if (!deleted.ok()) {
    LANEMQ_LOG(WARN, "outbox.cleaning_failed", {"error", deleted.error().ToString()});
    return options_.idle_pause;
  }
  {
    MutexLock lock(mutex_);
    deleted_ += *deleted;
  }
  if (*deleted < options_.batch_rows) return options_.idle_pause;
  const std::chrono::nanoseconds took = clock_.Now() - started;
  const double rest = static_cast<double>(took.count()) * (1.0 / options_.share - 1.0);
  return std::max<std::chrono::nanoseconds>(
      std::chrono::nanoseconds(static_cast<std::int64_t>(rest)), std::chrono::milliseconds(5));
}

}  // namespace lanemq::client
