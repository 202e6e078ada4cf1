#pragma once

#include <cstddef>
#include <string_view>

#include "common/core/types/failure.h"

namespace lanemq::core {

/// The longest prefix of `text` of at most `max` bytes that does not end within a UTF-8 character.
/// Text that is not UTF-8 is cut at `max`.
[[nodiscard]] std::string_view CutErrorText(std::string_view text,
                                            std::size_t max = kFailureErrorBytesMax);

}  // namespace lanemq::core
