#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace lanemq {

/// An address of IPv6, or of IPv4 as ::ffff:a.b.c.d; the bytes as they are sent.
using IpAddress = std::array<std::uint8_t, 16>;

/// nullopt: `text` is no address (it may be a name).
[[nodiscard]] std::optional<IpAddress> ParseIpAddress(const std::string& text);
[[nodiscard]] bool IsIpv4(const IpAddress& address);
/// ::1, and all of 127.0.0.0/8.
[[nodiscard]] bool IsLoopback(const IpAddress& address);

}  // namespace lanemq
