#include "common/rpc/call_context.h"

#include <utility>

namespace lanemq::rpc {

CallContext::CallContext(std::string method, std::shared_ptr<const std::string> peer,
                         MonotonicTime started, std::size_t request_bytes)
    : method_(std::move(method)),
      peer_(std::move(peer)),
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
  error_ = code;
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
  return error_;
}

}  // namespace lanemq::rpc
