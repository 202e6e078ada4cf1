#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lanemq {

/// Fills `bytes` with random numbers that nobody can guess, from the operating system. Ends the
/// process when it has none. Thread safety: any thread.
void SecureRandom(std::span<std::uint8_t> bytes);

/// The 32 bytes of the SHA-256 of `data`. Thread safety: any thread.
[[nodiscard]] std::string Sha256(std::string_view data);

}  // namespace lanemq
