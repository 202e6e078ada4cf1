#pragma once

// clang-format off
#include <utility>  // Asio of this version uses std::exchange without it.
// clang-format on
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/thread_pool.h"
#include "portal/api/http/http_server.h"

namespace lanemq::portal {

/// A connection as the server sees it. On the server's I/O thread.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  /// The server stops: closes when idle, else after the reply.
  virtual void Drain() = 0;
};

/// What the connections of a server share. On the server's I/O thread, but for what says otherwise.
struct HttpServerShared {
  HttpServerOptions options;
  HttpServer::Handler handler;
  HttpServer::MalformedReply answer_malformed;
  HttpServerStats stats;  // Any thread.
  std::unique_ptr<ThreadPool> pool;
  std::set<HttpConnection*> connections;
  std::map<std::string, std::size_t> by_address;
  std::size_t body_bytes = 0;  // Reserved; see HttpServerOptions::bodies_bytes_max.
  std::map<std::string, std::size_t> body_bytes_by_address;
  bool is_draining = false;
};

/// Counts a connection while it lives. On the I/O thread.
class HttpConnectionCount {
 public:
  HttpConnectionCount(HttpServerShared& shared, HttpConnection* connection, std::string address);
  ~HttpConnectionCount();
  HttpConnectionCount(const HttpConnectionCount&) = delete;
  HttpConnectionCount& operator=(const HttpConnectionCount&) = delete;

 private:
  HttpServerShared& shared_;
  HttpConnection* const connection_;
  const std::string address_;
};

/// Serves a connection until it ends. `tls`: what it is greeted with; null: plain.
void ServeHttp(const std::shared_ptr<HttpServerShared>& shared, boost::asio::ip::tcp::socket socket,
               const std::shared_ptr<boost::asio::ssl::context>& tls, std::string address);

}  // namespace lanemq::portal
