#include "metaserver/access/denial_log.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/retry/error_text.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::minutes kWindow{1};
constexpr std::size_t kNameBytesMax = 600;

}  // namespace

void DenialLog::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void DenialLog::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

DenialLog::Counts DenialLog::Stats() const {
  MutexLock lock(mutex_);
  return counts_;
}

void DenialLog::Tell(core::AuditNote note, core::AuditedChange attempted) {
  // What somebody wanted to change may have a name of megabytes, and waits in memory.
  attempted.object_name = core::CutErrorText(attempted.object_name, kNameBytesMax);
  if (!CountIn(note.actor)) return;
  LANEMQ_LOG(INFO, "access.denied", {"actor", note.actor}, {"action", note.action},
             {"kind", attempted.object_kind}, {"name", attempted.object_name},
             {"peer", note.source}, {"request", note.request_id});
  MutexLock lock(mutex_);
  Queue({std::move(note), std::move(attempted)});
}

bool DenialLog::CountIn(const std::string& actor) {
  MutexLock lock(mutex_);
  CloseWindow();
  Window& window = windows_[actor];
  if (window.told >= options_.per_minute) {
    ++window.left_out;
    ++counts_.left_out;
    return false;
  }
  ++window.told;
  return true;
}

void DenialLog::Queue(Denial denial) {
  if (queue_.size() >= options_.queue_max) {
    ++counts_.lost;
    return;
  }
  queue_.push_back(std::move(denial));
  wake_.NotifyAll();
}

void DenialLog::CloseWindow() {
  const MonotonicTime now = clock_.Now();
  if (now - window_began_ < kWindow) return;
  for (const auto& [actor, window] : windows_) {
    if (window.left_out == 0) continue;
    Denial sum;
    sum.note.actor = actor;
    sum.note.action = "many";
    sum.note.reason =
        fmt::format("{} more refused attempts within a minute are not listed", window.left_out);
    sum.attempted.object_kind = "cluster";
    Queue(std::move(sum));
  }
  windows_.clear();
  window_began_ = now;
}

void DenialLog::Run() {
  while (true) {
    Denial next;
    bool is_last_try = false;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !is_stopping_) {
        wake_.WaitFor(mutex_, kWindow);
        CloseWindow();
      }
      if (queue_.empty()) return;
      is_last_try = is_stopping_;
      next = queue_.front();
    }
    const bool is_done = Write(next);
    MutexLock lock(mutex_);
    if (is_done) {
      queue_.pop_front();
      continue;
    }
    if (is_last_try) {
      counts_.lost += static_cast<std::int64_t>(queue_.size());
      return;
    }
    if (!is_stopping_) wake_.WaitFor(mutex_, options_.retry_pause);
  }
}

bool DenialLog::Write(const Denial& denial) {
  const Status written = log_.AppendDenied(denial.note, denial.attempted,
                                           Deadline::After(clock_, options_.call_timeout));
  if (!written.ok() && EffectOf(written.error().code) == Effect::kNone &&
      RetryOf(written.error().code) != Retry::kNever) {
    return false;
  }
  MutexLock lock(mutex_);
  if (written.ok()) {
    ++counts_.kept;
  } else {
    ++counts_.lost;
    LANEMQ_LOG(WARN, "access.denial_not_kept", {"actor", denial.note.actor},
               {"action", denial.note.action}, {"error", written.error().ToString()});
  }
  return true;
}

}  // namespace lanemq::metaserver
