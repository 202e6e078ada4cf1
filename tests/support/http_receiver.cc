#include "tests/support/http_receiver.h"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cctype>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "common/base/mutex.h"

namespace lanemq::testing {
namespace {

constexpr std::size_t kRequestBytesMax = 8u << 20;

/// Waits for `events` until the receiver stops. False: it stops.
bool WaitUntil(int socket, short events, const std::atomic<bool>& is_stopping) {
  while (!is_stopping) {
    pollfd ready{socket, events, 0};
    if (poll(&ready, 1, 20) > 0) return true;
  }
  return false;
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// False: not all of it is there yet.
bool Parse(const std::string& bytes, HttpReceiver::Request& request) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  request = {};
  std::size_t line_at = 0;
  while (line_at < end) {
    const std::size_t line_end = bytes.find("\r\n", line_at);
    const std::string line = bytes.substr(line_at, line_end - line_at);
    if (line_at == 0) {
      const std::size_t first = line.find(' ');
      request.method = line.substr(0, first);
      request.path = line.substr(first + 1, line.rfind(' ') - first - 1);
    } else if (const std::size_t colon = line.find(": "); colon != std::string::npos) {
      request.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
    line_at = line_end + 2;
  }
  const auto length = request.headers.find("content-length");
  const std::size_t bytes_wanted = length == request.headers.end() ? 0 : std::stoul(length->second);
  if (bytes.size() < end + 4 + bytes_wanted) return false;
  request.body = bytes.substr(end + 4, bytes_wanted);
  return true;
}

}  // namespace

class HttpReceiver::Impl {
 public:
  Status Start() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || bind(listener_, raw, size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, raw, &size) != 0) {
      return Error{ErrorCode::kUnknownServerError, "cannot listen"};
    }
    port_ = ntohs(address.sin_port);
    SetAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    acceptor_ = std::jthread([this] { Accept(); });
    return {};
  }

  ~Impl() {
    is_stopping_ = true;
    if (acceptor_.joinable()) acceptor_.join();
    connections_.clear();  // Joins.
    if (listener_ >= 0) close(listener_);
  }

  void SetAnswer(std::string raw) {
    MutexLock lock(mutex_);
    answer_ = std::move(raw);
  }
  void SetManner(Manner manner) {
    MutexLock lock(mutex_);
    manner_ = manner;
  }
  [[nodiscard]] std::vector<Request> Requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  void Accept() {
    while (WaitUntil(listener_, POLLIN, is_stopping_)) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      connections_.emplace_back([this, connection] {
        Serve(connection);
        close(connection);
      });
    }
  }

  void Serve(int connection) {
    std::string bytes;
    Request request;
    while (!Parse(bytes, request)) {
      char buffer[4'096];
      if (bytes.size() > kRequestBytesMax || !WaitUntil(connection, POLLIN, is_stopping_)) return;
      const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) return;
      bytes.append(buffer, static_cast<std::size_t>(got));
    }
    Manner manner = Manner::kAnswer;
    std::string answer;
    {
      MutexLock lock(mutex_);
      requests_.push_back(request);
      manner = manner_;
      answer = answer_;
    }
    if (manner == Manner::kClose) return;
    if (manner == Manner::kAnswer) return Send(connection, answer, answer.size());
    if (manner == Manner::kDrip) return Send(connection, answer, 1);
    char byte = 0;
    while (WaitUntil(connection, POLLIN, is_stopping_)) {
      if (recv(connection, &byte, 1, 0) <= 0) return;
    }
  }

  void Send(int connection, const std::string& answer, std::size_t at_once) {
    for (std::size_t at = 0; at < answer.size() && !is_stopping_;) {
      const ssize_t sent =
          send(connection, answer.data() + at, std::min(at_once, answer.size() - at), MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += static_cast<std::size_t>(sent);
      if (at_once == 1) poll(nullptr, 0, 50);
    }
    shutdown(connection, SHUT_WR);
  }

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_stopping_{false};
  mutable Mutex mutex_;
  Manner manner_ LANEMQ_GUARDED_BY(mutex_) = Manner::kAnswer;
  std::string answer_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<Request> requests_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::jthread> connections_;  ///< The acceptor's own while it runs.
  std::jthread acceptor_;
};

HttpReceiver::HttpReceiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpReceiver::~HttpReceiver() = default;

Result<std::unique_ptr<HttpReceiver>> HttpReceiver::Start() {
  auto impl = std::make_unique<Impl>();
  LANEMQ_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpReceiver>(new HttpReceiver(std::move(impl)));
}

int HttpReceiver::port() const { return impl_->port(); }
std::string HttpReceiver::Url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", port(), path);
}
void HttpReceiver::SetManner(Manner manner) { impl_->SetManner(manner); }
void HttpReceiver::SetAnswer(std::string raw) { impl_->SetAnswer(std::move(raw)); }
void HttpReceiver::SetAnswer(int status, const std::string& body) {
  SetAnswer(
      fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body));
}
std::vector<HttpReceiver::Request> HttpReceiver::Requests() const { return impl_->Requests(); }

}  // namespace lanemq::testing
