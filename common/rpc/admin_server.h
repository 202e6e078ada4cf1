#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace prometheus {
class Collectable;
}

namespace lanemq::rpc {

struct AdminReply {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

struct AdminOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the system chooses; see AdminServer::port().
  std::size_t connections_max = 64;
  std::size_t header_bytes_max = 8u << 10;
  /// For one whole request and its reply, and for idle time between two requests.
  std::chrono::milliseconds request_deadline = std::chrono::seconds(10);
};

/// A small HTTP/1.1 server for people and monitoring: /healthz, /readyz, /metrics and the like.
/// GET and HEAD only. One thread of its own, on which the handlers run one after the other: they
/// answer from memory and do not block.
///
/// Thread safety: one owner. Handlers are added before Start().
class AdminServer {
 public:
  /// `query` is what follows the "?", or empty.
  using Handler = std::function<AdminReply(const std::string& query)>;

  explicit AdminServer(AdminOptions options);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// `path` exactly, for example "/healthz". A later one for the same path replaces it. Without a
  /// handler for "/", it lists the paths.
  void Handle(std::string path, Handler handler);
  /// kInvalidConfig when the address cannot be used.
  Status Start();
  [[nodiscard]] std::uint16_t port() const;
  /// Idempotent; does nothing before Start().
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Serves `metrics` (a prometheus::Registry, say) in Prometheus' text format.
[[nodiscard]] AdminServer::Handler MetricsHandler(std::shared_ptr<prometheus::Collectable> metrics);

}  // namespace lanemq::rpc
