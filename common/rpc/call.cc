#include "common/rpc/call.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <thrift/Thrift.h>
#include <thrift/protocol/TProtocol.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "errors_types.h"

namespace lanemq::rpc {
namespace {

thread_local std::shared_ptr<CallContext> current_call;

class CurrentCallScope {
 public:
  explicit CurrentCallScope(std::shared_ptr<CallContext> call)
      : outer_(std::exchange(current_call, std::move(call))) {}
  ~CurrentCallScope() { current_call = std::move(outer_); }
  CurrentCallScope(const CurrentCallScope&) = delete;
  CurrentCallScope& operator=(const CurrentCallScope&) = delete;

 private:
  std::shared_ptr<CallContext> outer_;
};

}  // namespace

std::shared_ptr<CallContext> CallContext::Current() { return current_call; }

Call::Call(std::shared_ptr<ServerShared> shared, std::shared_ptr<ReplySink> sink, std::uint64_t id,
           MessageHead head, std::shared_ptr<const std::string> peer,
           std::shared_ptr<const core::Caller> caller, std::size_t request_bytes)
    : CallContext(head.method, std::move(peer), std::move(caller), SystemClock::Instance().Now(),
                  request_bytes),
      shared_(std::move(shared)),
      sink_(std::move(sink)),
      id_(id),
      number_(shared_->ids.Next()),
      head_(std::move(head)),
      buffer_(shared_->options.limits.reply_bytes_max, shared_->decode.config),
      writer_(MakeWriter(head_.protocol, buffer_)) {}

Call::~Call() {
  // Nobody can answer any more: the handler dropped its callbacks, or writing the reply failed. It
  // is right to drop them when the client is gone.
  if (is_complete_.load() || is_cancelled()) return;
  ServerCounters::Add(shared_->counters.abandoned, 1);
  CompleteWithFault(Fault::kInternal, buffer_.has_overflowed()
                                          ? "the reply exceeds the server's limit"
                                          : "the server did not answer this call");
}

void Call::Start(std::span<const std::uint8_t> frame) {
  const auto self = shared_from_this();
  const CurrentCallScope scope(self);
  const auto on_throw = [&](Fault fault, const char* what) {
    if (fault == Fault::kInternal) {
      LANEMQ_LOG(ERROR, "rpc.handler_threw", {"method", head_.method}, {"request_id", request_id()},
                 {"error", what});
    }
    CompleteWithFault(fault, what);
  };
  try {
    Dispatch(
        *shared_->processor, frame, head_.protocol, shared_->decode,
        [self](bool is_ok) { self->Complete(is_ok); }, writer_);
  } catch (const idl::LaneMqError& e) {
    on_throw(Fault::kInternal, e.what());  // Handlers answer, they do not throw.
  } catch (const apache::thrift::TException& e) {
    on_throw(Fault::kProtocol, e.what());
  } catch (const std::exception& e) {
    on_throw(Fault::kInternal, e.what());
  }
}

void Call::CancelByPeer() {
  if (Cancel()) shared_->counters.parked.fetch_sub(1, std::memory_order_relaxed);
}

void Call::OnParked() { ServerCounters::Add(shared_->counters.parked, 1); }

void Call::Complete(bool is_ok) {
  if (!is_ok) {
    CompleteWithFault(Fault::kProtocol, "the arguments do not decode");
    return;
  }
  if (is_complete_.exchange(true)) {
    ServerCounters::Add(shared_->counters.answered_twice, 1);
    return;
  }
  Deliver(noted_error().has_value() ? CallOutcome::kDeclaredError : CallOutcome::kOk);
}

void Call::CompleteWithFault(Fault fault, const std::string& message) {
  if (is_complete_.exchange(true)) {
    ServerCounters::Add(shared_->counters.answered_twice, 1);
    return;
  }
  if (fault == Fault::kProtocol) ServerCounters::Add(shared_->counters.malformed, 1);
  buffer_.Reset();
  WriteFault(head_, fault, message, buffer_);
  Deliver(CallOutcome::kBroken);
}

void Call::Deliver(CallOutcome outcome) {
  if (DropHook()) shared_->counters.parked.fetch_sub(1, std::memory_order_relaxed);
  Reply reply;
  reply.call_id = id_;
  reply.frame = buffer_.Take();
  reply.outcome = outcome;
  const MonotonicTime now = SystemClock::Instance().Now();
  Notes notes = TakeNotes(now);
  reply.error = notes.error;
  reply.duration = now - started();
  reply.waited = std::min(notes.waited, reply.duration);
  reply.detail = std::move(notes.detail);
  if (reply.frame.data != nullptr && outcome == CallOutcome::kOk) {
    const auto kind =
        InspectReply({reply.frame.data.get(), reply.frame.size}, head_.protocol, shared_->decode);
    if (kind != ReplyKind::kNormal) reply.outcome = CallOutcome::kBroken;
    if (kind == ReplyKind::kUnknownMethod) {
      ServerCounters::Add(shared_->counters.unknown_methods, 1);
    }
  }
  if (head_.is_oneway) reply.frame = {};
  sink_->Deliver(std::move(reply));
}

}  // namespace lanemq::rpc
