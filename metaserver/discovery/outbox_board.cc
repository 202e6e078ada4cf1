#include "metaserver/discovery/outbox_board.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

OutboxBoard::OutboxBoard(Options options, core::OutboxRegistry& registry, const Clock& clock)
    : options_(options), registry_(registry), clock_(clock) {}

void OutboxBoard::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void OutboxBoard::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void OutboxBoard::Run() {
  for (;;) {
    Tick();
    MutexLock lock(mutex_);
    const Deadline next = Deadline::After(clock_, options_.every);
    while (!is_stopping_ && !next.HasPassed(clock_)) wake_.WaitFor(mutex_, next.Left(clock_));
    if (is_stopping_) return;
  }
}

void OutboxBoard::Tick() {
  auto read = registry_.List(Deadline::After(clock_, options_.read_timeout));
  if (!read.ok()) {
    LANEMQ_LOG(DEBUG, "outbox.list_failed", {"error", read.error().ToString()});
    MutexLock lock(mutex_);
    well_since_.reset();
    return;
  }
  const MonotonicTime now = clock_.Now();
  MutexLock lock(mutex_);
  outboxes_ = *std::move(read);
  read_at_ = now;
  if (!well_since_) well_since_ = now;
}

std::vector<core::RegisteredOutbox> OutboxBoard::Worst(std::size_t max) const {
  std::vector<core::RegisteredOutbox> worst;
  const MonotonicTime now = clock_.Now();
  {
    MutexLock lock(mutex_);
    worst = outboxes_;
    for (core::RegisteredOutbox& outbox : worst) {
      outbox.silent_for += std::chrono::duration_cast<std::chrono::microseconds>(now - read_at_);
    }
  }
  std::ranges::sort(worst, [](const auto& a, const auto& b) {
    // What has waited when it was reported has waited since.
    return std::make_tuple(b.report.oldest_age + b.silent_for, b.report.dead,
                           std::string_view(a.report.outbox)) <
           std::make_tuple(a.report.oldest_age + a.silent_for, a.report.dead,
                           std::string_view(b.report.outbox));
  });
  if (worst.size() > max) worst.resize(max);
  return worst;
}

std::size_t OutboxBoard::count() const {
  MutexLock lock(mutex_);
  return outboxes_.size();
}

std::optional<MonotonicTime> OutboxBoard::well_since() const {
  MutexLock lock(mutex_);
  return well_since_;
}

}  // namespace lanemq::metaserver
