#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/base/error.h"
#include "common/base/result.h"
#include "common/rpc/call_context.h"

namespace apache::thrift {
class TDelayedException;
}

namespace lanemq::rpc {

namespace internal {
using ExceptionCallback = std::function<void(apache::thrift::TDelayedException*)>;
/// Calls `callback` with the declared error; whatever it throws is caught and logged. `context`:
/// null when the handler was not called by a Server.
void SendDeclaredError(const ExceptionCallback& callback, const Error& error,
                       const CallContext* context);
/// Runs `send`; whatever it throws (serialisation, memory, size) is caught and logged.
void SendGuarded(const std::function<void()>& send);
}  // namespace internal

/// The one answer to one request: typed, and safe by construction. A handler cannot answer twice
/// (the second is ignored), forget (when the last copy goes without an answer the client gets
/// INTERNAL_ERROR), or be thrown at by serialisation.
///
///   void fetch(cob, exn_cob, const FetchRequest& request) override {
///     Responder<FetchResponse> responder(std::move(cob), std::move(exn_cob));
///     responder.OnCancel([waiter] { waiter->Remove(); });
///     waiter->Park(responder);  // No thread waits.
///   }
///
/// Copies share the one answer (std::function needs copies). To be made inside the handler method.
/// `request` is the caller's local: move from it, or copy, before returning.
/// Thread safety: every method from any thread, also after the server stopped.
template <typename T>
class Responder {
 public:
  using ValueCallback = std::function<void(const T&)>;

  Responder(ValueCallback on_value, internal::ExceptionCallback on_error)
      : state_(std::make_shared<State>(std::move(on_value), std::move(on_error))) {}

  /// Sends `value`. Serialises on this thread.
  void Respond(const T& value) const {
    if (!state_->Take()) return;
    internal::SendGuarded([&] { state_->on_value(value); });
    state_->Release();
  }
  /// Sends the declared LaneMqError.
  void Fail(const Error& error) const {
    if (!state_->Take()) return;
    if (state_->context) state_->context->NoteError(error.code);
    internal::SendDeclaredError(state_->on_error, error, state_->context.get());
    state_->Release();
  }
  /// Sends the value or the error.
  void Finish(const Result<T>& result) const {
    if (result.ok()) {
      Respond(result.value());
    } else {
      Fail(result.error());
    }
  }

  /// See CallContext.
  void OnCancel(std::function<void()> hook) const {
    if (state_->context) state_->context->OnCancel(std::move(hook));
  }
  [[nodiscard]] bool is_cancelled() const {
    return state_->context && state_->context->is_cancelled();
  }
  [[nodiscard]] bool is_answered() const { return state_->is_taken.load(); }
  /// See CallContext. Does nothing when the handler was not called by a Server.
  void NoteDetail(std::string detail) const {
    if (state_->context) state_->context->NoteDetail(std::move(detail));
  }
  /// Empty when the handler was not called by a Server.
  [[nodiscard]] std::string request_id() const {
    return state_->context ? state_->context->request_id() : std::string();
  }
  /// Null when the handler was not called by a Server, as in unit tests.
  [[nodiscard]] std::shared_ptr<CallContext> context() const { return state_->context; }

 private:
  struct State {
    State(ValueCallback value, internal::ExceptionCallback error)
        : on_value(std::move(value)), on_error(std::move(error)), context(CallContext::Current()) {}
    bool Take() { return !is_taken.exchange(true); }
    // The callbacks keep the call alive: let go at once, not when the last copy of us dies.
    void Release() {
      on_value = nullptr;
      on_error = nullptr;
    }

    ValueCallback on_value;
    internal::ExceptionCallback on_error;
    const std::shared_ptr<CallContext> context;
    std::atomic<bool> is_taken{false};
  };
  std::shared_ptr<State> state_;
};

}  // namespace lanemq::rpc
