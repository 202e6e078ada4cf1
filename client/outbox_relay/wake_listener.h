#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "common/base/result.h"

namespace lanemq::client {

/// Hears the datagrams with which applications say that they have committed something.
///
/// What a datagram contains is not looked at: all it can do is make the relay look at its tables.
/// However many come, `on_wake` runs once for all that have arrived, and at most every
/// `kPauseBetween`. One thread of its own. Thread safety: one owner; counts from any thread.
class WakeListener {
 public:
  static constexpr std::chrono::milliseconds kPauseBetween{1};

  /// `on_wake` must not block.
  explicit WakeListener(std::function<void()> on_wake) : on_wake_(std::move(on_wake)) {}
  ~WakeListener() { Stop(); }
  WakeListener(const WakeListener&) = delete;
  WakeListener& operator=(const WakeListener&) = delete;

  /// Binds "host:port" ("[::1]:0" for IPv6; an empty host is every IPv4 address) and listens; once.
  /// kInvalidConfig: the address cannot be used.
  Status Start(const std::string& address);
  /// Idempotent; no `on_wake` runs afterwards.
  void Stop();

  /// Bound to, with the port that the system chose.
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::int64_t datagrams() const { return datagrams_; }
  [[nodiscard]] std::int64_t wakes() const { return wakes_; }

 private:
  void Run();
  /// How many datagrams there were.
  std::int64_t Drain() const;
  Status Bind(const std::string& host, const std::string& port);
  void CloseAll();

  const std::function<void()> on_wake_;
  std::string address_;
  std::uint16_t port_ = 0;
  int socket_ = -1;
  int stop_event_ = -1;
  std::atomic<std::int64_t> datagrams_{0};
  std::atomic<std::int64_t> wakes_{0};
  std::jthread thread_;
};

/// What to tell others: `advertised` ("host", "host:port"; the port of `bound` where it has none),
/// or, when it is empty, `bound`; a wildcard host becomes the loopback address.
[[nodiscard]] std::string WakeAddressToTell(const std::string& bound,
                                            const std::string& advertised);

}  // namespace lanemq::client
