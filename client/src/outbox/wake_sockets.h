#pragma once

#include <memory>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "common/base/result.h"

namespace lanemq::client {

/// UDP sockets that wake relays. Thread safety: Send() from any thread.
class WakeSockets {
 public:
  /// Resolves `addresses` (host:port); names that do not resolve are left out, those with several
  /// addresses are taken with up to four. kInvalidConfig: one is no host:port.
  static Result<std::unique_ptr<WakeSockets>> Open(const std::vector<std::string>& addresses);
  ~WakeSockets();
  WakeSockets(const WakeSockets&) = delete;
  WakeSockets& operator=(const WakeSockets&) = delete;

  /// One datagram to each; how many the network took. Never blocks.
  [[nodiscard]] int Send() const;
  [[nodiscard]] int targets() const { return static_cast<int>(targets_.size()); }

 private:
  struct Target {
    sockaddr_storage address{};
    socklen_t size = 0;
  };
  WakeSockets() = default;
  void Resolve(const std::string& host, const std::string& port);

  std::vector<Target> targets_;
  int ipv4_ = -1;
  int ipv6_ = -1;
};

}  // namespace lanemq::client
