#include "common/rpc/call_context.h"

#include <utility>

#include "common/base/clock.h"

namespace lanemq::rpc {

CallContext::CallContext(std::string method, std::shared_ptr<const std::string> peer,
                         std::shared_ptr<const core::Caller> caller, MonotonicTime started,
                         std::size_t request_bytes)
    : method_(std::move(method)),
      peer_(std::move(peer)),
      caller_(std::move(caller)),
      started_(started),
      request_bytes_(request_bytes) {}

void CallContext::OnCancel(std::function<void()> hook) {
  std::function<void()> replaced;  // Destroyed outside the lock: it may own anything.
  {
    MutexLock lock(mutex_);
    if (is_done_) return;
    if (!is_cancelled_) {
      if (!hook_) OnParked();
      replaced = std::exchange(hook_, std::move(hook));
      return;
    }
  }
  hook();
}

bool CallContext::is_cancelled() const {
  MutexLock lock(mutex_);
  return is_cancelled_;
}

void CallContext::NoteError(ErrorCode code) {
  MutexLock lock(mutex_);
  notes_.error = code;
}

void CallContext::NoteDetail(std::string detail) {
  MutexLock lock(mutex_);
  notes_.detail = std::move(detail);
}

void CallContext::NoteWaited(std::chrono::nanoseconds time) {
  MutexLock lock(mutex_);
  notes_.waited += time;
}

void CallContext::NoteWaitsForOthers() {
  const MonotonicTime now = SystemClock::Instance().Now();
  MutexLock lock(mutex_);
  if (!is_done_ && !waits_since_) waits_since_ = now;
}

bool CallContext::Cancel() {
  std::function<void()> hook;
  {
    MutexLock lock(mutex_);
    if (is_done_ || is_cancelled_) return false;
    is_cancelled_ = true;
    hook = std::exchange(hook_, nullptr);
  }
  if (hook) hook();
  return static_cast<bool>(hook);
}

bool CallContext::DropHook() {
  std::function<void()> hook;
  MutexLock lock(mutex_);
  is_done_ = true;
  hook = std::exchange(hook_, nullptr);
  return static_cast<bool>(hook);
}

std::optional<ErrorCode> CallContext::noted_error() const {
  MutexLock lock(mutex_);
  return notes_.error;
}

CallContext::Notes CallContext::TakeNotes(MonotonicTime now) {
  MutexLock lock(mutex_);
  if (waits_since_) notes_.waited += now - *waits_since_;
  waits_since_.reset();
  return std::move(notes_);
}

}  // namespace lanemq::rpc
