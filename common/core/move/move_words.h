#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/move/move_machine.h"

namespace lanemq::core {

/// What is done, for people: "seal".
[[nodiscard]] std::string_view NameOf(MoveStep step);

/// A step that did not succeed.
[[nodiscard]] std::string Told(MoveStep step, const Error& error);

/// What differs; empty: nothing does.
[[nodiscard]] std::string DifferencesOf(const std::vector<MoveCount>& counts);

/// The text of a move that is taken back: why (empty: somebody asked for it), and what is in the
/// way now (empty: nothing).
[[nodiscard]] std::string BothErrors(const std::string& why, const std::string& fault);
/// The first part of it again, its beginning when it is long; empty exactly when that was empty.
[[nodiscard]] std::string WhyOf(const std::string& error);

}  // namespace lanemq::core
