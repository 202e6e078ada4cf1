#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/result.h"
#include "common/rpc/owned_bytes.h"

namespace lanemq::rpc {

/// A server to call.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
  [[nodiscard]] std::string ToString() const { return host + ":" + std::to_string(port); }
};

class TlsClient;

struct ClientOptions {
  std::string name = "rpc_client";  ///< In thread names and logs; at most 15 characters.
  /// Connections to one endpoint. A further one is opened when all have `spread_at` calls in
  /// flight.
  std::size_t connections_per_endpoint_max = 2;
  std::size_t spread_at = 16;
  /// Sent and unanswered calls of one connection. At most the server's limit is useful.
  std::size_t in_flight_per_connection_max = 64;
  /// Calls of one endpoint that wait for a connection or a place on one; one more is kQueueFull.
  std::size_t queued_per_endpoint_max = 10'000;
  std::size_t queued_bytes_per_endpoint_max = 64u << 20;  ///< Likewise.
  /// Bytes of one request frame; a larger one is kMessageTooLarge. The default is the server's.
  std::size_t request_bytes_max = 16'384'000;
  /// Bytes of one reply; the connection that brings a larger one is closed.
  std::size_t reply_bytes_max = 16'384'000;
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(3);
  /// After a failed connect, calls fail at once (kBrokerNotAvailable) for this long, doubled with
  /// each further failure up to the maximum, each time shortened by up to half at random.
  std::chrono::milliseconds reconnect_backoff = std::chrono::milliseconds(50);
  std::chrono::milliseconds reconnect_backoff_max = std::chrono::seconds(1);
  /// A connection unused for longer is not used again. Must be below the server's idle timeout.
  std::chrono::milliseconds idle_max = std::chrono::minutes(5);
  /// A connection is given up when this many calls in a row ran into their deadline while not a
  /// byte arrived.
  int silent_timeouts_max = 3;
  /// Null: plain TCP.
  std::shared_ptr<TlsClient> tls;
  /// Asked for the token when a connection is made, on the I/O thread: it is presented before
  /// everything else, and a new token counts from the next connection on. Absent or empty: none.
  /// A token that is refused fails the calls of its connection (kAuthenticationFailed), and closes
  /// it.
  std::function<std::string()> token;
  /// Runs reply callbacks (decoding included). False: refused, then the I/O thread runs it. Absent:
  /// the I/O thread runs them all, and they must not block.
  std::function<bool(std::function<void()>)> executor;
};

/// Gauges and counters of one client.
struct ClientStats {
  std::int64_t connections = 0;
  std::int64_t in_flight = 0;  ///< Sent and unanswered, and not given up.
  std::int64_t queued = 0;
  std::uint64_t calls = 0;
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t late_replies = 0;  ///< For calls already given up, or never made.
  std::uint64_t broken_connections = 0;
};

/// The asynchronous client transport: framed, strict binary, pipelined, replies matched by sequence
/// id. One I/O thread for all endpoints. Typed calls are in data_plane_client.h and
/// control_plane_client.h.
///
/// Errors of a call:
///   kBrokerNotAvailable  no connection could be made, or it broke before a byte of it was sent
///   kNetworkException    the connection broke after that: the call may have taken effect
///   kRequestTimedOut     no reply before the deadline
///   kQueueFull, kClosed, kMessageTooLarge   nothing was sent
///   anything else        declared by the server
///
/// Thread safety: every method from any thread. Callbacks are called exactly once, see
/// ClientOptions::executor. The destructor closes; it must not run inside a callback.
class RpcClient {
 public:
  /// The reply frame without its length prefix, valid during the callback.
  using ReplyCallback = std::function<void(Result<std::span<const std::uint8_t>>)>;
  enum class RunOn { kExecutor, kIoThread };

  explicit RpcClient(ClientOptions options = {});
  ~RpcClient();
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  /// Sends one encoded call. `frame` is 4 bytes of room for the length prefix, then a strict binary
  /// message whose sequence id, 4 bytes at `seqid_at`, is filled in by the client.
  /// An empty frame stands for one that did not fit into request_bytes_max: kMessageTooLarge.
  /// `run_on` kIoThread: the callback does not go through the executor, and must not block. After
  /// Close() callbacks run on the caller's thread.
  void Call(const Endpoint& endpoint, OwnedBytes frame, std::size_t seqid_at, Deadline deadline,
            ReplyCallback callback, RunOn run_on = RunOn::kExecutor);

  /// Fails what waits (kClosed) and what is in flight (kNetworkException), then joins. Idempotent.
  void Close();
  [[nodiscard]] ClientStats Stats() const;
  [[nodiscard]] const ClientOptions& options() const;
  /// True on the I/O thread: blocking there would wait for itself.
  [[nodiscard]] bool IsIoThread() const;

 private:
  class Impl;  // client_impl.h
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::rpc
