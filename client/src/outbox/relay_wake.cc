#include "lanemq/relay_wake.h"

#include <cstring>
#include <netdb.h>
#include <unistd.h>
#include <utility>

#include "client/src/options/endpoints.h"
#include "client/src/outbox/wake_sockets.h"

namespace lanemq {
namespace client {
namespace {

constexpr int kAddressesPerNameMax = 4;

int OpenSocket(int family) {
  return ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

}  // namespace

Result<std::unique_ptr<WakeSockets>> WakeSockets::Open(const std::vector<std::string>& addresses) {
  std::vector<rpc::Endpoint> endpoints;
  for (const std::string& address : addresses) {
    LANEMQ_ASSIGN_OR_RETURN(rpc::Endpoint endpoint, ParseEndpoint(address));
    endpoints.push_back(std::move(endpoint));
  }
  std::unique_ptr<WakeSockets> sockets(new WakeSockets());
  for (const rpc::Endpoint& endpoint : endpoints) {
    sockets->Resolve(endpoint.host, std::to_string(endpoint.port));
  }
  return sockets;
}

WakeSockets::~WakeSockets() {
  if (ipv4_ >= 0) ::close(ipv4_);
  if (ipv6_ >= 0) ::close(ipv6_);
}

void WakeSockets::Resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return;
  int taken = 0;
  for (const addrinfo* at = found; at != nullptr && taken < kAddressesPerNameMax;
       at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    int& socket = at->ai_family == AF_INET ? ipv4_ : ipv6_;
    if (socket < 0) socket = OpenSocket(at->ai_family);
    Target target;
    std::memcpy(&target.address, at->ai_addr, at->ai_addrlen);
    target.size = at->ai_addrlen;
    targets_.push_back(target);
    ++taken;
  }
  ::freeaddrinfo(found);
}

int WakeSockets::Send() const {
  int sent = 0;
  for (const Target& target : targets_) {
    const int socket = target.address.ss_family == AF_INET ? ipv4_ : ipv6_;
    const auto* address = static_cast<const sockaddr*>(static_cast<const void*>(&target.address));
    const auto size = ::sendto(socket, kRelayWakeDatagram.data(), kRelayWakeDatagram.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL, address, target.size);
    if (size == static_cast<ssize_t>(kRelayWakeDatagram.size())) ++sent;
  }
  return sent;
}

}  // namespace client

Result<int> WakeRelays(const std::vector<std::string>& addresses) {
  LANEMQ_ASSIGN_OR_RETURN(const auto sockets, client::WakeSockets::Open(addresses));
  return sockets->Send();
}

}  // namespace lanemq
