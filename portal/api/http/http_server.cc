#include "portal/api/http/http_server.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <utility>

#include <boost/asio/post.hpp>

#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/rpc/tls_context.h"
#include "portal/api/http/http_server_impl.h"

namespace lanemq::portal {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kDrainLook{20};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler, MalformedReply answer_malformed)
      : shared_(std::make_shared<HttpServerShared>()),
        acceptor_(io_),
        pause_(io_),
        drain_(io_),
        work_(asio::make_work_guard(io_)) {
    shared_->options = std::move(options);
    shared_->handler = std::move(handler);
    shared_->answer_malformed = std::move(answer_malformed);
  }

  Status Start() {
    LANEMQ_CHECK(!thread_.joinable());
    const HttpServerOptions& options = shared_->options;
    error_code error;
    const auto address = asio::ip::make_address(options.host, error);
    const tcp::endpoint endpoint(address, options.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(1024, error);
    if (error) {
      return Error{ErrorCode::kInvalidConfig,
                   "listen on '" + options.host + ":" + std::to_string(options.port) +
                       "': " + error.message(),
                   0};
    }
    port_ = acceptor_.local_endpoint(error).port();
    shared_->pool = std::make_unique<ThreadPool>(ThreadPool::Options{
        .name = "http_work", .threads = options.threads, .queue_max = options.queue_max});
    Accept();
    thread_ = std::jthread([this] {
      pthread_setname_np(pthread_self(), "http_io");
      io_.run();
    });
    return {};
  }

  void Stop(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return;
    drain_until_ = Deadline::After(SystemClock::Instance(), patience);
    asio::post(io_, [this] { BeginDrain(); });
    thread_.join();
    // What is still at work posts its reply to an I/O context that nobody runs any more.
    shared_->pool->Stop();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const HttpServerStats& stats() const { return shared_->stats; }
  [[nodiscard]] std::size_t queue_depth() const {
    return shared_->pool ? shared_->pool->QueueDepth() : 0;
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // Out of descriptors, most likely.
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](const error_code& aborted) {
          if (!aborted) Accept();
        });
        return;
      }
      Take(std::move(socket));
      Accept();
    });
  }

  void Take(tcp::socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    const std::string address = peer.address().to_string();
    shared_->stats.accepted.fetch_add(1, std::memory_order_relaxed);
    if (!HasRoom(address)) {
      shared_->stats.refused_connections.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    socket.set_option(asio::socket_base::keep_alive(true), error);
    ServeHttp(shared_, std::move(socket), Tls(), address);
  }

  [[nodiscard]] bool HasRoom(const std::string& address) const {
    const HttpServerOptions& options = shared_->options;
    if (shared_->connections.size() >= options.connections_max) return false;
    if (options.is_proxy && options.is_proxy(address)) return true;
    const auto found = shared_->by_address.find(address);
    return found == shared_->by_address.end() ||
           found->second < options.connections_per_address_max;
  }

  // The newest certificate, in Asio's wrapping.
  std::shared_ptr<asio::ssl::context> Tls() {
    if (!shared_->options.tls) return nullptr;
    const std::shared_ptr<SSL_CTX> newest = shared_->options.tls->impl().context();
    if (newest != tls_source_) {
      // Asio's context frees what it is made of.
      LANEMQ_CHECK(SSL_CTX_up_ref(newest.get()) == 1);
      tls_ = std::make_shared<asio::ssl::context>(newest.get());
      tls_source_ = newest;
    }
    return tls_;
  }

  void BeginDrain() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    shared_->is_draining = true;
    const auto connections = shared_->connections;
    for (HttpConnection* connection : connections) connection->Drain();
    LookDrained();
  }

  void LookDrained() {
    const bool is_late = drain_until_.HasPassed(SystemClock::Instance());
    if (shared_->connections.empty() || is_late) {
      work_.reset();
      io_.stop();
      return;
    }
    drain_.expires_after(kDrainLook);
    drain_.async_wait([this](const error_code&) { LookDrained(); });
  }

  const std::shared_ptr<HttpServerShared> shared_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::steady_timer drain_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Deadline drain_until_;
  std::shared_ptr<SSL_CTX> tls_source_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

HttpServer::HttpServer(HttpServerOptions options, Handler handler, MalformedReply answer_malformed)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler),
                                   std::move(answer_malformed))) {}
HttpServer::~HttpServer() { impl_->Stop(std::chrono::milliseconds(0)); }
Status HttpServer::Start() { return impl_->Start(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
const HttpServerStats& HttpServer::stats() const { return impl_->stats(); }
std::size_t HttpServer::queue_depth() const { return impl_->queue_depth(); }
void HttpServer::Stop(std::chrono::milliseconds patience) { impl_->Stop(patience); }

}  // namespace lanemq::portal
