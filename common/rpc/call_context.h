#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/error.h"
#include "common/base/mutex.h"
#include "common/base/time.h"

namespace lanemq::rpc {

/// One request as its handler sees it: where it came from, since when, and whether anybody still
/// waits. Handlers usually reach it through their Responder.
///
/// Thread safety: every method from any thread.
class CallContext {
 public:
  virtual ~CallContext() = default;
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  /// The call whose handler method runs on this thread; null elsewhere.
  [[nodiscard]] static std::shared_ptr<CallContext> Current();

  [[nodiscard]] const std::string& method() const { return method_; }
  [[nodiscard]] const std::string& peer() const { return *peer_; }  ///< "address:port".
  [[nodiscard]] MonotonicTime started() const { return started_; }
  [[nodiscard]] std::size_t request_bytes() const { return request_bytes_; }

  /// `hook` runs once, on an I/O thread, when the client goes away before the answer, at once if it
  /// already has. It must not block; answering then is allowed and ignored. One hook per call; it
  /// marks the call as parked. Answering drops the hook.
  void OnCancel(std::function<void()> hook);
  /// True once the client is gone: work for it can be skipped.
  [[nodiscard]] bool is_cancelled() const;

  /// For metrics: the answer is this declared error.
  void NoteError(ErrorCode code);

 protected:
  CallContext(std::string method, std::shared_ptr<const std::string> peer, MonotonicTime started,
              std::size_t request_bytes);

  /// Runs the hook, once. True when there was one.
  bool Cancel();
  /// The call is answered: forgets the hook. True when there was one.
  bool DropHook();
  [[nodiscard]] std::optional<ErrorCode> noted_error() const;
  /// Called when the first hook is registered. Must not call back.
  virtual void OnParked() {}

 private:
  const std::string method_;
  const std::shared_ptr<const std::string> peer_;
  const MonotonicTime started_;
  const std::size_t request_bytes_;

  mutable Mutex mutex_;
  std::function<void()> hook_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<ErrorCode> error_ LANEMQ_GUARDED_BY(mutex_);
  bool is_cancelled_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_done_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::rpc
