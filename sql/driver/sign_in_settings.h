#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::sql {

/// How this process signs in at databases, and in no other way that a server asks for. It matters
/// to the client library that no name contains that of a way which is not meant.
///
/// None shows the password on the wire but caching_sha2_password and sha256_password: without TLS
/// they encrypt it with a key that the server may send itself. MySQL 9 has no other.
inline constexpr std::string_view kSignInWays =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec";

/// The path of a file with what the client library is to do when it signs in, for the settings that
/// the connector has no names for: kSignInWays. Without it, any server gets the password by asking.
///
/// Made once for the process, in memory; nobody can change it. Thread safety: from any thread.
/// Errors: kInvalidConfig: it cannot be made or read (a machine without /proc); do not sign in.
Result<std::string> SignInSettingsFile();

/// Why no session was opened. Classify(), and kDataNodeUnavailable for a server that asks for a way
/// which is none of kSignInWays: what the library says of it names another one.
[[nodiscard]] Error SignInError(int number, std::string_view text);

}  // namespace lanemq::sql
