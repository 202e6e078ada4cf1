#include "common/rpc/admin_server.h"

#include <map>
#include <optional>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include "common/base/check.h"
#include "common/base/log.h"

namespace lanemq::rpc {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Handlers = std::map<std::string, AdminServer::Handler>;
using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

AdminReply ListPaths(const Handlers& handlers) {
  AdminReply reply;
  for (const auto& [path, handler] : handlers) reply.body += path + "\n";
  return reply;
}

AdminReply Answer(const Handlers& handlers, const Request& request) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return {405, "GET and HEAD only\n"};
  }
  const std::string target(request.target());
  const std::size_t mark = target.find('?');
  const std::string path = target.substr(0, mark);
  const auto it = handlers.find(path);
  if (it != handlers.end()) {
    return it->second(mark == std::string::npos ? "" : target.substr(mark + 1));
  }
  if (path == "/") return ListPaths(handlers);
  return {404, "not found; / lists what there is\n"};
}

// One HTTP connection: read, answer, again.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const AdminOptions& options, const Handlers& handlers,
          std::size_t& count)
      : stream_(std::move(socket)), options_(options), handlers_(handlers), count_(count) {
    ++count_;
  }
  ~Session() { --count_; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
    parser_->body_limit(0);
    stream_.expires_after(options_.request_deadline);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->Write();
                     });
  }

 private:
  void Write() {
    const Request& request = parser_->get();
    AdminReply reply = Answer(handlers_, request);
    response_ = Response(static_cast<http::status>(reply.status), request.version());
    response_.set(http::field::content_type, reply.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(request.keep_alive());
    response_.body() = std::move(reply.body);
    response_.prepare_payload();
    if (request.method() == http::verb::head) response_.body().clear();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (error) return;
                        if (self->response_.need_eof()) {
                          error_code ignored;
                          self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                          return;
                        }
                        self->Read();
                      });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{64u << 10};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  const AdminOptions& options_;
  const Handlers& handlers_;
  std::size_t& count_;
};

}  // namespace

class AdminServer::Impl {
 public:
  explicit Impl(AdminOptions options)
      : options_(std::move(options)), acceptor_(io_), retry_timer_(io_) {}

  Status Start() {
    LANEMQ_CHECK(!thread_.joinable());
    error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    const tcp::endpoint endpoint(address, options_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(64, error);
    if (error) {
      acceptor_.close();
      return Error{ErrorCode::kInvalidConfig,
                   "admin: listen on '" + options_.host + ":" + std::to_string(options_.port) +
                       "': " + error.message(),
                   0};
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    thread_ = std::jthread([this] {
      pthread_setname_np(pthread_self(), "admin");
      io_.run();
    });
    LANEMQ_LOG(INFO, "admin.listening", {"host", options_.host}, {"port", port_});
    return {};
  }

  void Stop() {
    if (!thread_.joinable()) return;
    // Sessions are dropped with the io_context; they hold nothing but memory and a socket.
    io_.stop();
    thread_.join();
  }

  void Handle(std::string path, Handler handler) {
    LANEMQ_CHECK(!thread_.joinable());
    handlers_[std::move(path)] = std::move(handler);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        retry_timer_.expires_after(std::chrono::milliseconds(100));
        retry_timer_.async_wait([this](const error_code&) { Accept(); });
        return;
      }
      if (sessions_ < options_.connections_max) {
        std::make_shared<Session>(std::move(socket), options_, handlers_, sessions_)->Read();
      }
      Accept();
    });
  }

  const AdminOptions options_;
  Handlers handlers_;
  std::size_t sessions_ = 0;  // On the thread.
  std::uint16_t port_ = 0;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer retry_timer_;
  std::jthread thread_;
};

AdminServer::AdminServer(AdminOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
AdminServer::~AdminServer() { impl_->Stop(); }
void AdminServer::Handle(std::string path, Handler handler) {
  impl_->Handle(std::move(path), std::move(handler));
}
Status AdminServer::Start() { return impl_->Start(); }
std::uint16_t AdminServer::port() const { return impl_->port(); }
void AdminServer::Stop() { impl_->Stop(); }

AdminServer::Handler MetricsHandler(std::shared_ptr<prometheus::Collectable> metrics) {
  return [metrics = std::move(metrics)](const std::string&) {
    AdminReply reply;
    reply.body = prometheus::TextSerializer().Serialize(metrics->Collect());
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return reply;
  };
}

}  // namespace lanemq::rpc
