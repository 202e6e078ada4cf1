#pragma once

#include <chrono>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::broker {

/// A part of each day, UTC; over midnight when it ends before it begins. The default is all of it.
struct DailyWindow {
  std::chrono::minutes from{0};   ///< Since midnight, below 24 h.
  std::chrono::minutes until{0};  ///< Not part of it; equal to `from`: the whole day.

  [[nodiscard]] bool Has(WallTime now) const;
  bool operator==(const DailyWindow&) const = default;
};

/// "HH:MM-HH:MM"; empty: the whole day. kInvalidConfig otherwise.
[[nodiscard]] Result<DailyWindow> ParseDailyWindow(std::string_view text);

}  // namespace lanemq::broker
