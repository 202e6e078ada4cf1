#pragma once

#include <string>

#include "common/core/types/catalog.h"

namespace lanemq::core {

/// What is told to whoever asks for a topic in state kDeleting, or wants its name: when it can be
/// brought back, since when, until when, and how that and its opposite are done. Pure.
[[nodiscard]] std::string DeletedText(const Topic& topic);

}  // namespace lanemq::core
