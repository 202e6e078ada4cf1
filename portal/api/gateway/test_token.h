#pragma once

#include <string>

namespace lanemq::portal {

/// Texts that look like tokens: each letter another one.
inline std::string TokenOf(char letter) {
  return "lmq_" + std::string(10, letter) + "_" + std::string(43, letter);
}

}  // namespace lanemq::portal
