#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/error.h"
#include "common/base/mutex.h"
#include "common/base/time.h"
#include "common/core/types/caller.h"

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
  /// Who the connection had said it is when the call came; null: it had not.
  [[nodiscard]] const std::shared_ptr<const core::Caller>& caller() const { return caller_; }
  /// From here on the connection is `caller`. Within the handler method, on its thread, alone.
  virtual void Identify(std::shared_ptr<const core::Caller> caller) = 0;
  [[nodiscard]] MonotonicTime started() const { return started_; }
  [[nodiscard]] std::size_t request_bytes() const { return request_bytes_; }

  /// `hook` runs once, on an I/O thread, when the client goes away before the answer, at once if it
  /// already has. It must not block; answering then is allowed and ignored. One hook per call; it
  /// marks the call as parked. Answering drops the hook.
  void OnCancel(std::function<void()> hook);
  /// True once the client is gone: work for it can be skipped.
  [[nodiscard]] bool is_cancelled() const;

  /// This server's name of the call, unique: "5f3a9c01-42". In the log lines about it and in the
  /// error that the client gets.
  [[nodiscard]] virtual std::string request_id() const = 0;

  /// For metrics: the answer is this declared error.
  void NoteError(ErrorCode code);
  /// For the slow log: what tells this call from others of its method (topic, partition, group;
  /// never bodies). The last one counts.
  void NoteDetail(std::string detail);
  /// `time` of the call was waiting that was asked for (a long poll), not work: it does not make
  /// the call slow. Adds up.
  void NoteWaited(std::chrono::nanoseconds time);
  /// The same of all the time from now to the answer: it is up to others when that comes.
  void NoteWaitsForOthers();

 protected:
  /// What was noted until the answer.
  struct Notes {
    std::optional<ErrorCode> error;
    std::chrono::nanoseconds waited{0};
    std::string detail;
  };
  CallContext(std::string method, std::shared_ptr<const std::string> peer,
              std::shared_ptr<const core::Caller> caller, MonotonicTime started,
              std::size_t request_bytes);

  /// Runs the hook, once. True when there was one.
  bool Cancel();
  /// The call is answered: forgets the hook. True when there was one.
  bool DropHook();
  [[nodiscard]] std::optional<ErrorCode> noted_error() const;
  /// The call ends `now`.
  [[nodiscard]] Notes TakeNotes(MonotonicTime now);
  /// Called when the first hook is registered. Must not call back.
  virtual void OnParked() {}

 private:
  const std::string method_;
  const std::shared_ptr<const std::string> peer_;
  const std::shared_ptr<const core::Caller> caller_;
  const MonotonicTime started_;
  const std::size_t request_bytes_;

  mutable Mutex mutex_;
  std::function<void()> hook_ LANEMQ_GUARDED_BY(mutex_);
  Notes notes_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> waits_since_ LANEMQ_GUARDED_BY(mutex_);  ///< For others.
  bool is_cancelled_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_done_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::rpc
