#include "common/rpc/lobby.h"

#include <utility>

#include <boost/asio/ip/address.hpp>

namespace lanemq::rpc {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kNetworkBytes = 8;

}  // namespace

std::string NetworkOf(const std::string& text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  if (error || address.is_v4()) return text;
  const ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six).to_string();
  const auto bytes = six.to_bytes();
  return {bytes.begin(), bytes.begin() + kNetworkBytes};
}

Lobby::Place::Place(Place&& other) noexcept
    : lobby_(std::move(other.lobby_)), key_(std::move(other.key_)) {}

Lobby::Place& Lobby::Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  Leave();
  lobby_ = std::move(other.lobby_);
  key_ = std::move(other.key_);
  return *this;
}

void Lobby::Place::Leave() {
  if (const auto lobby = std::exchange(lobby_, nullptr)) lobby->Leave(key_);
}

Lobby::Place Lobby::Enter(const std::string& address) {
  std::string key = NetworkOf(address);
  {
    MutexLock lock(mutex_);
    if (total_ >= total_max_) return {};
    std::size_t& count = by_address_[key];  // Never 0 behind this: at most total_max_ entries.
    if (count >= per_address_max_) return {};
    ++count;
    ++total_;
  }
  return Place(shared_from_this(), std::move(key));
}

void Lobby::Leave(const std::string& key) {
  MutexLock lock(mutex_);
  const auto found = by_address_.find(key);
  if (--found->second == 0) by_address_.erase(found);
  --total_;
}

std::size_t Lobby::size() const {
  MutexLock lock(mutex_);
  return total_;
}

}  // namespace lanemq::rpc
