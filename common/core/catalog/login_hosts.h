#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// Hosts that may be shown the login which servers have in their own files. Whoever may add a data
/// node names any host he likes, and a server there learns what it is signed in with: enough to
/// sign in elsewhere meanwhile, and for some accounts the password.
class LoginHosts {
 public:
  /// This machine only: localhost, 127.0.0.0/8, ::1.
  LoginHosts() = default;
  /// Besides this machine what `text` names, with commas in between: names ("db1.example"), all
  /// names below one ("*.db.example"), addresses, networks ("10.1.0.0/16", "fd00:1::/32"), or "*",
  /// every host. Names are compared as they are written, whatever they resolve to.
  /// Errors: kInvalidConfig, with the part that is none of these.
  static Result<LoginHosts> Parse(std::string_view text);

  [[nodiscard]] bool Has(std::string_view host) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address;  ///< IPv4 as ::ffff:a.b.c.d.
    std::size_t bits;                      ///< Of the address, that count: 0 to 128.
  };

  bool is_everywhere_ = false;
  std::vector<std::string> names_;     ///< In lower case.
  std::vector<std::string> suffixes_;  ///< In lower case, with the dot.
  std::vector<Network> networks_;
};

/// Whether servers may sign in at `node` with the login of their own files: it has one of its own,
/// or its host is one of `hosts`, or it is the host of one of the nodes that are `known`, where
/// they do so already. Errors: kFailedPrecondition, with what to do.
Status CheckServersLogin(const LoginHosts& hosts, std::span<const DataNode> known,
                         const DataNode& node);

}  // namespace lanemq::core
