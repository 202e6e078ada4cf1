#pragma once

#include <set>
#include <string>
#include <string_view>

#include "portal/api/http/message.h"

namespace lanemq::portal {

/// Whom to believe about who is behind them.
struct ProxyTrust {
  bool is_on = false;             ///< False: X-Forwarded-... means nothing.
  std::set<std::string> proxies;  ///< Addresses, beside this machine's own.

  [[nodiscard]] bool Trusts(std::string_view address) const;
};

/// Where a request comes from, and whether all of its way was encrypted as far as it is known.
struct ClientOrigin {
  std::string address;
  bool is_secure = false;
};

/// The connection's other end; behind proxies that are trusted, the last address of X-Forwarded-For
/// that is none of theirs, and the scheme of X-Forwarded-Proto.
[[nodiscard]] ClientOrigin OriginOf(const HttpRequest& request, const ProxyTrust& trust);

/// "10.1.2.3", "2001:db8:0:0": what one client has for itself.
[[nodiscard]] std::string NetworkOf(const std::string& address);

/// Whether it is an address, not a name; without brackets.
[[nodiscard]] bool IsAddress(const std::string& text);
/// 127.0.0.0/8 and ::1.
[[nodiscard]] bool IsLoopback(const std::string& text);

}  // namespace lanemq::portal
