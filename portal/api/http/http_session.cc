// clang-format off
#include <utility>  // Asio of this version uses std::exchange without it.
// clang-format on
#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "common/base/log.h"
#include "portal/api/http/http_server_impl.h"

namespace lanemq::portal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
template <typename Stream>
constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

// Room for a body is reserved so far ahead of the bytes that have come: a promise alone holds
// little.
constexpr std::size_t kBodyStep = 64u << 10;

HttpRequest ToRequest(http::request<http::string_body> message, const std::string& peer,
                      bool is_secure) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = peer;
  request.is_secure = is_secure;
  return request;
}

// Whether a proxy in front could see the end of this request elsewhere than Beast does.
bool IsAmbiguous(const http::request_parser<http::string_body>& parser) {
  const auto& fields = parser.get();
  const std::size_t codings = fields.count(http::field::transfer_encoding);
  if (codings == 0) return false;
  const bool is_chunked = codings == 1 && parser.chunked() &&
                          beast::iequals(fields[http::field::transfer_encoding], "chunked");
  return !is_chunked || fields.count(http::field::content_length) > 0;
}

// What the handler says; 500 when it throws, since one request must not end the process.
HttpReply AnswerOf(HttpServerShared& shared, const HttpRequest& request) {
  try {
    return shared.handler(request);
  } catch (const std::exception& e) {
    // Its text may quote what the client sent, a secret say.
    LANEMQ_LOG(ERROR, "http.handler_failed", {"exception", typeid(e).name()});
    shared.stats.failed.fetch_add(1, std::memory_order_relaxed);
    return shared.answer_malformed(500, "the gateway failed at this request");
  }
}

// The status for what Beast refuses to read.
int StatusOf(const error_code& error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

// One connection: read, hand to a thread of the pool, write, again.
template <typename Stream>
class Session final : public HttpConnection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <typename... Arguments>
  Session(std::shared_ptr<HttpServerShared> shared, std::string address, Arguments&&... arguments)
      : shared_(std::move(shared)),
        address_(address),
        count_(*shared_, this, std::move(address)),
        stream_(std::forward<Arguments>(arguments)...),
        buffer_(shared_->options.header_bytes_max + (64u << 10)) {}

  ~Session() override { ReleaseBody(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Begin() {
    if constexpr (kIsTls<Stream>) {
      ExpireAfter(shared_->options.header_deadline);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const error_code& error) {
                                if (!error) self->Await();
                              });
    } else {
      Await();
    }
  }

  void Drain() override {
    if (is_idle_) Close();
  }

 private:
  void ExpireAfter(std::chrono::milliseconds time) {
    beast::get_lowest_layer(stream_).expires_after(time);
  }
  void Close() {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

  // The first byte of a request may take its time; what follows it may not.
  void Await() {
    ReleaseBody();
    if (shared_->is_draining) return Close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->options.header_bytes_max));
    parser_->body_limit(shared_->options.body_bytes_max);
    if (buffer_.size() > 0) return ReadHeader();
    is_idle_ = true;
    ExpireAfter(shared_->options.idle_max);
    stream_.async_read_some(buffer_.prepare(4096), [self = this->shared_from_this()](
                                                       const error_code& error, std::size_t got) {
      self->is_idle_ = false;
      if (error) return;
      self->buffer_.commit(got);
      self->ReadHeader();
    });
  }

  void ReadHeader() {
    ExpireAfter(shared_->options.header_deadline);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](const error_code& error, std::size_t) {
          if (error) return self->OnUnreadable(error);
          if (IsAmbiguous(*self->parser_)) return self->RefuseUnreadable(400);
          if (!self->ReserveBody()) return self->ShedBody();
          if (self->parser_->get()[http::field::expect] == "100-continue") {
            return self->SayContinue();
          }
          self->ReadBody();
        });
  }

  // Room for what has come of the body and the next step of it. False: there is none.
  [[nodiscard]] bool ReserveBody() {
    if (parser_->is_done()) return true;
    const HttpServerOptions& options = shared_->options;
    const auto length = parser_->content_length();
    const std::size_t whole = length ? static_cast<std::size_t>(*length) : options.body_bytes_max;
    const std::size_t wanted = std::min(whole, parser_->get().body().size() + kBodyStep);
    if (wanted <= reserved_) return true;
    const std::size_t more = wanted - reserved_;
    if (more > options.bodies_bytes_max - shared_->body_bytes) return false;
    const auto found = shared_->body_bytes_by_address.find(address_);
    const std::size_t held = found == shared_->body_bytes_by_address.end() ? 0 : found->second;
    const bool is_proxy = options.is_proxy && options.is_proxy(address_);
    if (!is_proxy && held + more > options.bodies_bytes_per_address_max) return false;
    shared_->body_bytes_by_address[address_] = held + more;
    shared_->body_bytes += more;
    reserved_ = wanted;
    return true;
  }
  void ReleaseBody() {
    const std::size_t bytes = std::exchange(reserved_, 0);
    if (bytes == 0) return;
    shared_->body_bytes -= bytes;
    const auto found = shared_->body_bytes_by_address.find(address_);
    found->second -= bytes;
    if (found->second == 0) shared_->body_bytes_by_address.erase(found);
  }

  // There is no room for more of the body: what has come of it goes, too.
  void ShedBody() {
    BeforeOwnReply();
    Shed();
  }

  void Shed() {
    shared_->stats.shed.fetch_add(1, std::memory_order_relaxed);
    Write(shared_->answer_malformed(503, "the gateway has too much to do"));
  }

  // Clients with large bodies ask first, and would wait a while for nothing.
  void SayContinue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = this->shared_from_this()](const error_code& error, std::size_t) {
                        if (!error) self->ReadBody();
                      });
  }

  void ReadBody() {
    ExpireAfter(shared_->options.body_deadline);  // Of all its pieces together.
    ReadPiece();
  }

  void ReadPiece() {
    if (parser_->is_done()) return Hand();
    if (!ReserveBody()) return ShedBody();
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](const error_code& error, std::size_t) {
                            if (error) return self->OnUnreadable(error);
                            self->ReadPiece();
                          });
  }

  void OnUnreadable(const error_code& error) {
    if (error == beast::error::timeout) {
      shared_->stats.timed_out.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const bool is_http =
        error.category() == http::make_error_code(http::error::body_limit).category();
    if (!is_http || error == http::error::end_of_stream || error == http::error::partial_message) {
      return;
    }
    RefuseUnreadable(StatusOf(error));
  }

  void RefuseUnreadable(int status) {
    shared_->stats.malformed.fetch_add(1, std::memory_order_relaxed);
    BeforeOwnReply();
    Write(shared_->answer_malformed(status, "the request cannot be read"));
  }

  // What follows is no reply to a whole request: nothing more can be read after it.
  void BeforeOwnReply() {
    parser_.reset();
    ReleaseBody();
    keeps_alive_ = false;
    is_head_ = false;
    version_ = 11;
  }

  void Hand() {
    // The handler has deadlines of its own.
    beast::get_lowest_layer(stream_).expires_never();
    keeps_alive_ = parser_->get().keep_alive();
    version_ = parser_->get().version();
    is_head_ = parser_->get().method() == http::verb::head;
    auto request = std::make_shared<const HttpRequest>(
        ToRequest(parser_->release(), address_, kIsTls<Stream>));
    // Moved back, so that the connection never ends on the pool's thread.
    const bool is_taken =
        shared_->pool->TryPost([self = this->shared_from_this(), request]() mutable {
          auto reply = std::make_shared<HttpReply>(AnswerOf(*self->shared_, *request));
          const auto executor = self->stream_.get_executor();
          asio::post(executor, [self = std::move(self), reply] { self->Write(std::move(*reply)); });
        });
    if (is_taken) return;
    Shed();
  }

  void Write(HttpReply reply) {
    response_ = {};
    response_.result(static_cast<unsigned>(reply.status));
    response_.version(version_);
    for (auto& [name, value] : reply.headers) response_.insert(name, value);
    response_.keep_alive(keeps_alive_ && !shared_->is_draining);
    response_.body() = std::move(reply.body);
    const bool has_body = reply.status != 204 && reply.status != 304;
    if (has_body) response_.content_length(response_.body().size());
    if (!has_body || is_head_) response_.body().clear();
    ExpireAfter(shared_->options.write_deadline);
    http::async_write(stream_, response_,
                      [self = this->shared_from_this()](const error_code& error, std::size_t) {
                        if (error) return;
                        if (self->response_.need_eof()) return self->End();
                        self->Await();
                      });
  }

  // Says that nothing follows, and lets the client read what it was told before the socket closes.
  void End() {
    if constexpr (kIsTls<Stream>) {
      ExpireAfter(shared_->options.header_deadline);
      stream_.async_shutdown([self = this->shared_from_this()](const error_code&) {});
    } else {
      error_code ignored;
      stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      Linger();
    }
  }

  // A client that still sends would be told nothing but a reset if its bytes stayed unread.
  void Linger() {
    if (lingered_ > shared_->options.body_bytes_max) return;
    ExpireAfter(std::chrono::seconds(2));
    buffer_.clear();
    stream_.async_read_some(
        buffer_.prepare(16u << 10),
        [self = this->shared_from_this()](const error_code& error, std::size_t got) {
          self->lingered_ += got;
          if (!error) self->Linger();
        });
  }

  const std::shared_ptr<HttpServerShared> shared_;
  const std::string address_;
  const HttpConnectionCount count_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool is_idle_ = false;
  bool keeps_alive_ = false;
  bool is_head_ = false;
  unsigned version_ = 11;
  std::size_t lingered_ = 0;
  std::size_t reserved_ = 0;  // Of the bytes of all bodies.
};

}  // namespace

HttpConnectionCount::HttpConnectionCount(HttpServerShared& shared, HttpConnection* connection,
                                         std::string address)
    : shared_(shared), connection_(connection), address_(std::move(address)) {
  shared_.connections.insert(connection_);
  ++shared_.by_address[address_];
  shared_.stats.connections.fetch_add(1, std::memory_order_relaxed);
}

HttpConnectionCount::~HttpConnectionCount() {
  shared_.connections.erase(connection_);
  const auto found = shared_.by_address.find(address_);
  if (--found->second == 0) shared_.by_address.erase(found);
  shared_.stats.connections.fetch_sub(1, std::memory_order_relaxed);
}

void ServeHttp(const std::shared_ptr<HttpServerShared>& shared, asio::ip::tcp::socket socket,
               const std::shared_ptr<asio::ssl::context>& tls, std::string address) {
  if (tls) {
    std::make_shared<Session<TlsStream>>(shared, std::move(address), std::move(socket), *tls)
        ->Begin();
  } else {
    std::make_shared<Session<PlainStream>>(shared, std::move(address), std::move(socket))->Begin();
  }
}

}  // namespace lanemq::portal
