#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/base/mutex.h"

namespace lanemq::rpc {

/// What limits per address go by: an IPv4 address, the network of 64 bits of an IPv6 one (as bytes:
/// a key, not a text), and what is no address as it is.
[[nodiscard]] std::string NetworkOf(const std::string& text);

/// Where connections are counted until they have said who they are: so many of one address, and so
/// many together. What counts as one address of IPv6 is its network of 64 bits, since whoever has
/// one of its addresses has all.
///
/// Thread safety: every method from any thread. Places may outlive the Lobby's other users.
class Lobby : public std::enable_shared_from_this<Lobby> {
 public:
  /// A connection's place, given back at its end.
  class Place {
   public:
    Place() = default;
    ~Place() { Leave(); }
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// False: it was never given, or it was given back.
    [[nodiscard]] bool is_taken() const { return lobby_ != nullptr; }
    void Leave();

   private:
    friend class Lobby;
    Place(std::shared_ptr<Lobby> lobby, std::string key)
        : lobby_(std::move(lobby)), key_(std::move(key)) {}
    std::shared_ptr<Lobby> lobby_;
    std::string key_;
  };

  Lobby(std::size_t per_address_max, std::size_t total_max)
      : per_address_max_(per_address_max), total_max_(total_max) {}

  /// `address` as text, without a port. A place that is not taken: there is no room.
  [[nodiscard]] Place Enter(const std::string& address);
  [[nodiscard]] std::size_t size() const;

 private:
  void Leave(const std::string& key);

  const std::size_t per_address_max_;
  const std::size_t total_max_;
  mutable Mutex mutex_;
  std::size_t total_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::size_t> by_address_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::rpc
