#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/rpc/tls.h"
#include "portal/api/http/message.h"

namespace lanemq::portal {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;               ///< 0: the system chooses; see HttpServer::port().
  std::shared_ptr<rpc::TlsServer> tls;  ///< Null: plain HTTP.
  std::size_t connections_max = 2'000;
  std::size_t connections_per_address_max = 100;
  std::function<bool(const std::string&)> is_proxy;  ///< Those have no limit per address.
  std::size_t header_bytes_max = 16u << 10;
  std::size_t body_bytes_max = 4u << 20;
  /// Of all bodies together that are being read or worked on; one more is answered 503.
  std::size_t bodies_bytes_max = 256u << 20;
  /// The same of one address, an eighth of it. Proxies have the limit of all alone.
  std::size_t bodies_bytes_per_address_max = 32u << 20;
  std::chrono::milliseconds header_deadline = std::chrono::seconds(10);  ///< From its first byte.
  std::chrono::milliseconds body_deadline = std::chrono::seconds(30);
  std::chrono::milliseconds idle_max = std::chrono::seconds(30);
  std::chrono::milliseconds write_deadline = std::chrono::seconds(30);
  std::size_t threads = 32;     ///< That run the handler.
  std::size_t queue_max = 256;  ///< Requests that wait for one; one more is answered 503.
};

/// Counters; any thread.
struct HttpServerStats {
  std::atomic<std::int64_t> connections = 0;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused_connections = 0;  ///< Above one of the limits.
  std::atomic<std::uint64_t> shed = 0;    ///< The queue was full, or there was no room for a body.
  std::atomic<std::uint64_t> failed = 0;  ///< The handler threw; answered 500.
  std::atomic<std::uint64_t> malformed = 0;  ///< No HTTP, or above a limit.
  std::atomic<std::uint64_t> timed_out = 0;  ///< Too slow with a header or a body.
};

/// HTTP/1.1 for whoever may come: one thread for all connections, and a bounded number of threads
/// that run the handler, which may block.
///
/// Thread safety: one owner; the handler is called on many threads at once.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  /// `answer_malformed` makes the reply to what is no request, or to one that the handler failed at
  /// by an exception (500): with the status and why. It is called on any thread.
  using MalformedReply = std::function<HttpReply(int status, const std::string& why)>;

  HttpServer(HttpServerOptions options, Handler handler, MalformedReply answer_malformed);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// kInvalidConfig when the address cannot be used.
  Status Start();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const HttpServerStats& stats() const;
  [[nodiscard]] std::size_t queue_depth() const;
  /// Takes no more connections, closes idle ones, and waits so long for the requests at work.
  /// Idempotent; does nothing before Start().
  void Stop(std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::portal
