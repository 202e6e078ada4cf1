#include "client/outbox_relay/wake_listener.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/outbox_relay/options.h"
#include "common/base/log.h"

namespace lanemq::client {
namespace {

// Of one drain: a flood must not keep the thread from seeing the stop.
constexpr int kDatagramsPerDrain = 10'000;

struct HostAndPort {
  std::string host;
  std::string port;
};

// The last colon divides, but within the brackets of an IPv6 address.
HostAndPort Split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::size_t bracket = address.rfind(']');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  HostAndPort parts{address.substr(0, has_port ? colon : address.size()),
                    has_port ? address.substr(colon + 1) : std::string()};
  if (parts.host.size() > 1 && parts.host.front() == '[' && parts.host.back() == ']') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

std::string Join(const std::string& host, const std::string& port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + port;
}

Error CannotListen(const std::string& address, std::string_view why) {
  return Error{ErrorCode::kInvalidConfig,
               "cannot listen on '" + address + "' for wake-ups: " + std::string(why)};
}

}  // namespace

Status WakeListener::Start(const std::string& address) {
  LANEMQ_ASSIGN_OR_RETURN(const ListenAddress at, ParseListen(address));
  LANEMQ_RETURN_IF_ERROR(Bind(at.host.empty() ? "0.0.0.0" : at.host, std::to_string(at.port)));
  stop_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_event_ < 0) {
    const int error = errno;
    CloseAll();
    return CannotListen(address, std::strerror(error));
  }
  thread_ = std::jthread([this] { Run(); });
  return {};
}

Status WakeListener::Bind(const std::string& host, const std::string& port) {
  const std::string wanted = Join(host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); failed != 0) {
    return CannotListen(wanted, gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
    const int fd = socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, at->ai_addr, at->ai_addrlen) == 0) {
      socket_ = fd;
    } else {
      error = errno;
      if (fd >= 0) close(fd);
    }
  }
  if (socket_ < 0) return CannotListen(wanted, std::strerror(error));
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  std::array<char, NI_MAXHOST> name{};
  std::array<char, NI_MAXSERV> service{};
  auto* address = reinterpret_cast<sockaddr*>(&bound);
  if (getsockname(socket_, address, &size) != 0 ||
      getnameinfo(address, size, name.data(), name.size(), service.data(), service.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    CloseAll();
    return CannotListen(wanted, "its address cannot be told");
  }
  address_ = Join(name.data(), service.data());
  port_ = static_cast<std::uint16_t>(std::stoi(service.data()));
  return {};
}

void WakeListener::Stop() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    if (write(stop_event_, &one, sizeof(one)) < 0) {
      LANEMQ_LOG(WARN, "outbox_relay.wake_stop_failed", {"error", std::strerror(errno)});
    }
    thread_.join();
  }
  CloseAll();
}

void WakeListener::CloseAll() {
  if (socket_ >= 0) close(socket_);
  if (stop_event_ >= 0) close(stop_event_);
  socket_ = stop_event_ = -1;
}

std::int64_t WakeListener::Drain() const {
  std::array<char, 16> ignored{};
  for (std::int64_t count = 0; count < kDatagramsPerDrain; ++count) {
    // Errors of the socket (an ICMP reply, say) are taken off it like datagrams.
    if (recv(socket_, ignored.data(), ignored.size(), 0) < 0 &&
        (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return count;
    }
  }
  return kDatagramsPerDrain;
}

void WakeListener::Run() {
  std::array<pollfd, 2> wait{pollfd{stop_event_, POLLIN, 0}, pollfd{socket_, POLLIN, 0}};
  while (true) {
    if (poll(wait.data(), wait.size(), -1) < 0) continue;  // A signal.
    if (wait[0].revents != 0) return;
    const std::int64_t arrived = Drain();
    if (arrived == 0) continue;
    datagrams_ += arrived;
    ++wakes_;
    on_wake_();
    // Those that arrive meanwhile are one.
    if (poll(wait.data(), 1, static_cast<int>(kPauseBetween.count())) > 0) return;
  }
}

std::string WakeAddressToTell(const std::string& bound, const std::string& advertised) {
  if (bound.empty()) return {};
  HostAndPort parts = Split(bound);
  if (!advertised.empty()) {
    const HostAndPort wanted = Split(advertised);
    return Join(wanted.host, wanted.port.empty() ? parts.port : wanted.port);
  }
  if (parts.host == "0.0.0.0") parts.host = "127.0.0.1";
  if (parts.host == "::") parts.host = "::1";
  return Join(parts.host, parts.port);
}

}  // namespace lanemq::client
