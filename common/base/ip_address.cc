#include "common/base/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace lanemq {

std::optional<IpAddress> ParseIpAddress(const std::string& text) {
  IpAddress bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) != 1) return std::nullopt;
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &four, 4);
  return bytes;
}

bool IsIpv4(const IpAddress& address) {
  constexpr IpAddress kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kPrefix.begin(), kPrefix.begin() + 12, address.begin());
}

bool IsLoopback(const IpAddress& address) {
  if (IsIpv4(address)) return address[12] == 127;
  IpAddress loopback{};
  loopback[15] = 1;
  return address == loopback;
}

}  // namespace lanemq
