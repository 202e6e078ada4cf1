#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/base/result.h"
#include "common/core/types/caller.h"
#include "common/rpc/server_limits.h"
#include "common/rpc/server_stats.h"

namespace apache::thrift::async {
class TAsyncProcessor;
}

namespace lanemq::rpc {

/// How a call ended, for metrics.
enum class CallOutcome {
  kOk,
  kDeclaredError,  ///< Responder::Fail(): the declared LaneMqError was sent.
  kBroken,         ///< TApplicationException: malformed, unknown method, forgotten, oversized.
  kRejected,       ///< By a limit, by the admit hook, or while draining.
  kCancelled,      ///< The client went away first.
};

/// One finished call.
struct CallEvent {
  std::string_view method;  ///< Valid during the observer call only.
  CallOutcome outcome = CallOutcome::kOk;
  std::optional<ErrorCode> error;  ///< With kDeclaredError and kRejected.
  std::chrono::nanoseconds duration{};
  std::size_t request_bytes = 0;
  std::size_t reply_bytes = 0;
  std::chrono::nanoseconds waited{};  ///< Of `duration`: asked for, as by a long poll.
  // Valid during the observer call only, as `method`.
  std::string_view peer = {};
  std::string_view detail = {};  ///< See CallContext::NoteDetail().
  /// Makes the request id's text. Never empty from a Server.
  std::function<std::string()> request_id = {};
};

/// What a request is before it is decoded.
struct RequestHead {
  std::string_view method;
  std::string_view peer;  ///< "address:port".
  std::size_t frame_bytes = 0;
  const core::Caller* caller = nullptr;  ///< Null: the connection has not said who it is.
};

class TlsServer;

struct ServerOptions {
  std::string host = "0.0.0.0";  ///< An address, not a name. "::" is IPv6 and IPv4.
  std::uint16_t port = 0;        ///< 0: the system chooses; see Server::port().
  std::size_t threads = 2;       ///< I/O threads, one io_context each. Handlers are called on them.
  std::string name = "rpc";      ///< In thread names and logs; at most 10 characters.
  ServerLimits limits;

  /// Null: plain TCP. A listener speaks one of the two, never both.
  std::shared_ptr<TlsServer> tls;
  /// With TLS: who a verified client certificate says is there, by the name in it. Null: the
  /// connection has to say so by `authenticate`. On an I/O thread; must not block.
  std::function<std::shared_ptr<const core::Caller>(const std::string& certificate_name)> identify;
  /// Connections have to say who they are: until then they may use what
  /// ServerLimits::unidentified says, and no longer.
  bool must_identify = false;

  /// Asked on an I/O thread before a request is decoded; an Error refuses it. Must not block.
  std::function<std::optional<Error>(const RequestHead&)> admit;
  /// Told about every finished call, on an I/O thread. Must not block. Never after Stop().
  std::function<void(const CallEvent&)> on_call;
  /// Told when a limit is hit, on an I/O thread. Must not block, and may be called very often.
  std::function<void(LimitKind)> on_limit;
};

/// An asynchronous Thrift server: framed transport, strict binary and compact on one port, replies
/// in the order in which they are ready.
///
/// It drives a generated cob_style processor. Handlers run on I/O threads and must not block: they
/// hand work to other threads, or keep the Responder (responder.h) until there is an answer, which
/// costs memory but no thread.
///
/// Thread safety: Stats(), port() and, once Start() has returned, CloseConnections() from any
/// thread; Start, Drain and Stop from one owner, not from a handler. The destructor calls Stop().
class Server {
 public:
  Server(ServerOptions options, std::shared_ptr<apache::thrift::async::TAsyncProcessor> processor);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and starts the threads. Once. kInvalidConfig when the address cannot be used.
  Status Start();
  /// The port that is listened on; 0 before Start().
  [[nodiscard]] std::uint16_t port() const;

  /// Ends service in order: no new connections; new requests are answered SHUTTING_DOWN;
  /// `answer_parked` runs on the caller's thread (it answers long polls early); every connection is
  /// closed once its calls are answered and its replies taken. Returns when all are closed, or
  /// kRequestTimedOut after `patience`, with the rest closed by force. Ends with Stop().
  Status Drain(std::chrono::milliseconds patience, const std::function<void()>& answer_parked = {});
  /// Closes the connections whose caller `is_void`, which cancels what is parked on them. Returns
  /// at once; `is_void` is called on the I/O threads later, and must not block.
  void CloseConnections(std::function<bool(const core::Caller&)> is_void);

  /// Closes everything and joins. Idempotent; does nothing before Start(). Responders that are
  /// still held stay safe to use and to drop.
  void Stop();

  [[nodiscard]] ServerStats Stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::rpc
