#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::core {

/// MariaDB's bound of user names; MySQL has 32.
inline constexpr std::size_t kNodeUserBytesMax = 128;
inline constexpr std::size_t kNodePasswordBytesMax = 1'024;
/// Of the column that has it sealed.
inline constexpr std::size_t kSealedCredentialsBytesMax = 2'048;

/// How servers sign in at a data node.
struct NodeLogin {
  std::string user;
  std::string password;  ///< May be empty. Never logged, told or kept but sealed.
  bool operator==(const NodeLogin&) const = default;
};

/// Errors: kInvalidRequest unless the user has 1 to 128 bytes without control characters, and the
/// password 0 to 1,024 without a zero byte. The message does not have the password.
Status CheckNodeLogin(const NodeLogin& login);

/// One text of both, to be sealed. Requires a login that CheckNodeLogin() allows.
[[nodiscard]] std::string PackNodeLogin(const NodeLogin& login);
/// Errors: kCorruptMessage when PackNodeLogin() has not made it.
Result<NodeLogin> UnpackNodeLogin(std::string_view text);

}  // namespace lanemq::core
