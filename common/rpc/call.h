#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "common/rpc/call_context.h"
#include "common/rpc/message.h"
#include "common/rpc/reply_buffer.h"
#include "common/rpc/server_shared.h"

namespace lanemq::rpc {

/// The end of one call.
struct Reply {
  std::uint64_t call_id = 0;
  OwnedBytes frame;  ///< With its length. No data: nothing to send (oneway).
  CallOutcome outcome = CallOutcome::kOk;
  std::optional<ErrorCode> error;
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds waited{};  ///< Of `duration`; see CallContext::NoteWaited().
  std::string detail;
};

/// Where replies go. Deliver() is called exactly once per call, on any thread. A connection.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void Deliver(Reply reply) = 0;
  /// Whose the requests behind the call are from here on. While Start() runs, on its thread.
  virtual void Identify(std::shared_ptr<const core::Caller> caller) = 0;
};

/// One request from its decoding to its reply. Kept alive by the callbacks the handler holds: when
/// the last of them goes without having been called, the client gets INTERNAL_ERROR.
///
/// Thread safety: Start() and CancelByPeer() on the connection's thread; the rest anywhere.
class Call final : public CallContext, public std::enable_shared_from_this<Call> {
 public:
  Call(std::shared_ptr<ServerShared> shared, std::shared_ptr<ReplySink> sink, std::uint64_t id,
       MessageHead head, std::shared_ptr<const std::string> peer,
       std::shared_ptr<const core::Caller> caller, std::size_t request_bytes);
  ~Call() override;

  /// Decodes the request and runs the handler method, which may answer at once or later.
  void Start(std::span<const std::uint8_t> frame);
  /// The connection is gone: tells the handler, and nothing is delivered any more that matters.
  void CancelByPeer();

  void Identify(std::shared_ptr<const core::Caller> caller) override {
    sink_->Identify(std::move(caller));
  }
  [[nodiscard]] std::string request_id() const override { return shared_->ids.ToText(number_); }
  [[nodiscard]] std::uint64_t number() const { return number_; }  ///< In the request id.

 protected:
  void OnParked() override;

 private:
  void Complete(bool is_ok);
  void CompleteWithFault(Fault fault, const std::string& message);
  void Deliver(CallOutcome outcome);

  const std::shared_ptr<ServerShared> shared_;
  const std::shared_ptr<ReplySink> sink_;
  const std::uint64_t id_;  // Within its connection.
  const std::uint64_t number_;
  const MessageHead head_;
  ReplyBuffer buffer_;
  std::shared_ptr<apache::thrift::protocol::TProtocol> writer_;
  std::atomic<bool> is_complete_ = false;
};

}  // namespace lanemq::rpc
