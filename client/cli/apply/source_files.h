#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/cli/apply/documents.h"

namespace lanemq::cli {

inline constexpr std::size_t kFilesMax = 10'000;
inline constexpr std::size_t kObjectsMax = 100'000;

/// Reads files, folders (every .yaml, .yml and .json below them, by name, without hidden ones) and
/// "-" (stdin). Faults: what cannot be read, what the files say wrong, objects that are there
/// twice, more than the limits.
[[nodiscard]] Documents ReadSources(const std::vector<std::string>& sources, Faults& faults);

}  // namespace lanemq::cli
