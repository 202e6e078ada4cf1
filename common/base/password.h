#pragma once

#include <string>
#include <string_view>

namespace lanemq {

/// What a password is kept as: argon2id with a random salt (64 MiB, 3 passes, 1 lane), encoded
/// with its parameters as "$argon2id$v=19$m=65536,t=3,p=1$...". Takes about a tenth of a second.
/// Thread safety: any thread.
[[nodiscard]] std::string HashPassword(std::string_view password);

/// Whether `encoded` is of this password. Of another encoding, or a damaged one, it is not.
/// Takes as long as HashPassword(), whatever the answer. Thread safety: any thread.
[[nodiscard]] bool VerifyPassword(const std::string& encoded, std::string_view password);

}  // namespace lanemq
