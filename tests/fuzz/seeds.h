#pragma once

#include <string>
#include <vector>

namespace lanemq::fuzz {

/// Inputs of FuzzRpc() from which mutations start: valid requests of every method in both
/// protocols, several in a stream, replies, and the known attacks.
[[nodiscard]] std::vector<std::string> Seeds();

}  // namespace lanemq::fuzz
