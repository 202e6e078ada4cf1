#include "portal/api/rpc_link/link.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "common/rpc/tls_stream.h"

namespace lanemq::portal {
namespace {

using boost::system::error_code;

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kReadBytes = 64u << 10;

Error Unreachable(const rpc::Endpoint& endpoint, std::string_view why) {
  return {ErrorCode::kBrokerNotAvailable, endpoint.ToString() + ": " + std::string(why), 0};
}

error_code Errno() { return {errno, boost::system::system_category()}; }

std::uint32_t LengthOf(std::string_view bytes) {
  std::uint32_t length = 0;
  for (const char c : bytes.substr(0, kLengthBytes)) {
    length = length << 8 | static_cast<std::uint8_t>(c);
  }
  return length;
}

}  // namespace

/// A socket that does not block, with or without TLS, and a deadline that is waited for.
class Link::Stream {
 public:
  explicit Stream(int socket) : socket_(socket) {}
  ~Stream() {
    if (tls_) tls_->SayGoodbye();
    tls_.reset();
    ::close(socket_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  static Result<std::unique_ptr<Stream>> Connect(const rpc::Endpoint& endpoint, Deadline deadline) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed =
        ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
    if (failed != 0) return Unreachable(endpoint, ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    std::string why = "no address";
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
      const int socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (socket < 0) return Unreachable(endpoint, std::strerror(errno));
      auto stream = std::make_unique<Stream>(socket);
      const auto error = stream->Reach(*at, deadline);
      if (!error) return stream;
      why = error.message();
    }
    return Unreachable(endpoint, why);
  }

  Status ShakeHands(const rpc::TlsClient& tls, const rpc::Endpoint& endpoint, Deadline deadline) {
    tls_ = std::make_unique<rpc::TlsStream>(tls, endpoint.host, socket_);
    for (;;) {
      switch (tls_->Advance()) {
        case rpc::TlsStream::Handshake::kDone:
          return {};
        case rpc::TlsStream::Handshake::kFailed:
          return Unreachable(endpoint, tls_->error());
        case rpc::TlsStream::Handshake::kWantsRead:
          if (!Await(POLLIN, deadline)) return Unreachable(endpoint, "no time left");
          break;
        case rpc::TlsStream::Handshake::kWantsWrite:
          if (!Await(POLLOUT, deadline)) return Unreachable(endpoint, "no time left");
          break;
      }
    }
  }

  /// Sends all of `bytes`; `sent` is how many have left, also after an error.
  error_code Write(std::string_view bytes, Deadline deadline, std::size_t& sent) {
    sent = 0;
    while (sent < bytes.size()) {
      error_code error;
      sent += WriteSome(bytes.substr(sent), error);
      if (error == boost::asio::error::would_block) {
        if (!Await(POLLOUT, deadline)) return boost::asio::error::timed_out;
      } else if (error) {
        return error;
      }
    }
    return {};
  }

  /// Reads something. End of the stream is an error.
  error_code Read(std::span<std::uint8_t> to, Deadline deadline, std::size_t& got) {
    for (;;) {
      error_code error;
      got = ReadSome(to, error);
      if (got > 0) return {};
      if (error != boost::asio::error::would_block) return error;
      if (!Await(POLLIN, deadline)) return boost::asio::error::timed_out;
    }
  }

  [[nodiscard]] bool IsQuiet() const {
    pollfd poll{socket_, POLLIN, 0};
    return ::poll(&poll, 1, 0) == 0 && !(tls_ && tls_->has_more());
  }

 private:
  error_code Reach(const addrinfo& address, Deadline deadline) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(socket_, address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return Errno();
    if (!Await(POLLOUT, deadline)) return boost::asio::error::timed_out;
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    return {error, boost::system::system_category()};
  }

  // False: the time was up.
  [[nodiscard]] bool Await(short events, Deadline deadline) const {
    for (;;) {
      const auto left = deadline.Left(SystemClock::Instance());
      const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      pollfd poll{socket_, events, 0};
      const int ready = ::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(ms, 60'000)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return true;  // What is done next fails, and says why.
      if (deadline.HasPassed(SystemClock::Instance())) return false;
    }
  }

  std::size_t WriteSome(std::string_view bytes, error_code& error) {
    if (tls_) {
      const boost::asio::const_buffer piece(bytes.data(), bytes.size());
      return tls_->WriteSome(std::span(&piece, 1), error);
    }
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    error = Errno();
    if (errno == EINTR || errno == EAGAIN) error = boost::asio::error::would_block;
    return 0;
  }

  std::size_t ReadSome(std::span<std::uint8_t> to, error_code& error) {
    if (tls_) return tls_->ReadSome(to, error);
    const ssize_t got = ::recv(socket_, to.data(), to.size(), 0);
    if (got > 0) return static_cast<std::size_t>(got);
    error = got == 0 ? error_code(boost::asio::error::eof) : Errno();
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) error = boost::asio::error::would_block;
    return 0;
  }

  const int socket_;
  std::unique_ptr<rpc::TlsStream> tls_;
};

Link::Link(std::unique_ptr<Stream> stream, const LinkOptions& options)
    : stream_(std::move(stream)), reply_bytes_max_(options.reply_bytes_max) {}
Link::~Link() = default;

Result<std::unique_ptr<Link>> Link::Open(const rpc::Endpoint& endpoint, const LinkOptions& options,
                                         Deadline deadline) {
  const Deadline soon = Deadline::After(SystemClock::Instance(), options.connect_timeout);
  deadline.at = std::min(deadline.at, soon.at);
  LANEMQ_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, Stream::Connect(endpoint, deadline));
  if (options.tls) {
    LANEMQ_RETURN_IF_ERROR(stream->ShakeHands(*options.tls, endpoint, deadline));
  }
  return std::unique_ptr<Link>(new Link(std::move(stream), options));
}

bool Link::IsFresh() const { return stream_->IsQuiet(); }

Result<std::string> Link::RoundTrip(std::string_view frame, Deadline deadline) {
  const auto failed = [](const error_code& error) {
    const bool is_late = error == boost::asio::error::timed_out;
    return Error{is_late ? ErrorCode::kRequestTimedOut : ErrorCode::kNetworkException,
                 is_late ? "the server did not answer in time" : error.message(), 0};
  };
  std::size_t sent = 0;
  if (const error_code error = stream_->Write(frame, deadline, sent)) {
    if (sent == 0) return Error{ErrorCode::kBrokerNotAvailable, error.message(), 0};
    return failed(error);
  }
  std::string reply;
  std::vector<std::uint8_t> piece(kReadBytes);
  while (reply.size() < kLengthBytes || reply.size() < kLengthBytes + LengthOf(reply)) {
    if (reply.size() >= kLengthBytes && LengthOf(reply) > reply_bytes_max_) {
      return Error{ErrorCode::kMessageTooLarge, "the server's reply is too large", 0};
    }
    std::size_t got = 0;
    if (const error_code error = stream_->Read(piece, deadline, got)) return failed(error);
    reply.append(reinterpret_cast<const char*>(piece.data()), got);
  }
  // One call at a time: nothing follows its reply.
  if (reply.size() != kLengthBytes + LengthOf(reply)) {
    return Error{ErrorCode::kNetworkException, "the server sent what nobody asked for", 0};
  }
  reply.erase(0, kLengthBytes);
  return reply;
}

}  // namespace lanemq::portal
