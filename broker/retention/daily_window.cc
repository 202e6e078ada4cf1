#include "broker/retention/daily_window.h"

#include <optional>
#include <string>

namespace lanemq::broker {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0, 1, 3, 4}) {
    if (!IsDigit(text[i])) return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(hours * 60 + minutes);
}

}  // namespace

bool DailyWindow::Has(WallTime now) const {
  if (from == until) return true;
  constexpr std::int64_t kDay = 24LL * 60 * 60 * 1'000'000;
  const std::chrono::microseconds time{((now.micros % kDay) + kDay) % kDay};
  if (from < until) return time >= from && time < until;
  return time >= from || time < until;
}

Result<DailyWindow> ParseDailyWindow(std::string_view text) {
  if (text.empty()) return DailyWindow{};
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto from = ParseTimeOfDay(text.substr(0, dash));
    const auto until = ParseTimeOfDay(text.substr(dash + 1));
    if (from && until && *from != *until) return DailyWindow{*from, *until};
  }
  return Error{ErrorCode::kInvalidConfig,
               "\"" + std::string(text) + "\" is not a part of the day like 01:30-05:00 (UTC)"};
}

}  // namespace lanemq::broker
