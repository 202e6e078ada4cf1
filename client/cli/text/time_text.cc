#include "client/cli/text/time_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kCenturyMicros = 100LL * 366 * 86'400 * kMicrosPerSecond;

struct Unit {
  std::string_view name;
  double micros;
};
// Longest names first: "ms" is not "m" followed by "s".
constexpr Unit kUnits[] = {{"us", 1},   {"ms", 1e3},    {"s", 1e6},
                           {"m", 60e6}, {"h", 3'600e6}, {"d", 86'400e6}};

Error BadTime(std::string_view text) {
  return {ErrorCode::kInvalidRequest,
          fmt::format("'{}' is not a time; try 2026-11-21T05:08:16Z, 1795237696 (seconds, "
                      "milliseconds or microseconds), -30m or now",
                      text)};
}

/// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> TakeDigits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || text[0] == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> ParseZone(std::string_view& text) {
  if (TakeChar(text, "Zz")) return 0;
  const bool is_east = !text.empty() && text[0] == '+';
  if (!TakeChar(text, "+-")) return std::nullopt;
  const auto hours = TakeDigits(text, 2);
  if (!hours || !TakeChar(text, ":")) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3'600 + *minutes * 60;
  return is_east ? seconds : -seconds;
}

/// The fraction of a second after its dot, in microseconds; further digits are cut off.
std::optional<std::int64_t> ParseFraction(std::string_view& text) {
  std::int64_t micros = 0;
  std::int64_t scale = 100'000;
  std::size_t used = 0;
  for (; used < text.size() && text[used] >= '0' && text[used] <= '9'; ++used) {
    micros += (text[used] - '0') * scale;
    scale /= 10;
  }
  if (used == 0) return std::nullopt;
  text.remove_prefix(used);
  return micros;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeChar(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeChar(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  if (text.empty()) return WallTime{days * 86'400 * kMicrosPerSecond};

  if (!TakeChar(text, "Tt ")) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeChar(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  int second = 0;
  std::int64_t fraction = 0;
  if (TakeChar(text, ":")) {
    const auto parsed = TakeDigits(text, 2);
    if (!parsed || *parsed > 59) return std::nullopt;
    second = *parsed;
    if (TakeChar(text, ".")) {
      const auto micros = ParseFraction(text);
      if (!micros) return std::nullopt;
      fraction = *micros;
    }
  }
  // Without a zone a time would mean something else on every machine.
  const auto zone = ParseZone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::int64_t seconds = days * 86'400 + *hour * 3'600 + *minute * 60 + second - *zone;
  return WallTime{seconds * kMicrosPerSecond + fraction};
}

std::optional<WallTime> ParseUnixTime(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  if (number < 100'000'000'000) return WallTime{number * kMicrosPerSecond};
  if (number < 100'000'000'000'000) return WallTime{number * 1'000};
  return WallTime{number};
}

}  // namespace

Result<WallTime> ParseTime(std::string_view text, WallTime now) {
  if (text == "now") return now;
  if (const auto time = ParseUnixTime(text)) return *time;
  if (const auto time = ParseRfc3339(text)) return *time;
  const std::string_view age = text.starts_with('-') ? text.substr(1) : text;
  const bool has_unit = !age.empty() && (age.back() < '0' || age.back() > '9');
  if (const auto ago = ParseDuration(age); has_unit && ago.ok()) {
    return WallTime{now.micros - ago->count()};
  }
  return BadTime(text);
}

Result<microseconds> ParseDuration(std::string_view text) {
  const Error bad{ErrorCode::kInvalidRequest,
                  fmt::format("'{}' is not a duration; try 500ms, 30s, 5m, 2h or 7d", text)};
  double micros = 0;
  std::string_view rest = text;
  if (rest.empty()) return bad;
  while (!rest.empty()) {
    double number = 0;
    if (rest[0] < '0' || rest[0] > '9') return bad;  // from_chars would take signs, "inf", "nan".
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return bad;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty() && micros == 0) {
      micros = number * 1e6;
      break;
    }
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (rest.starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (unit == nullptr) return bad;
    rest.remove_prefix(unit->name.size());
    micros += number * unit->micros;
  }
  if (micros > static_cast<double>(kCenturyMicros)) return bad;
  return microseconds{static_cast<std::int64_t>(micros)};
}

std::string FormatTime(WallTime time) {
  const std::chrono::sys_time<microseconds> point{microseconds{time.micros}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::int64_t of_day = (point - day).count();
  const std::int64_t seconds = of_day / kMicrosPerSecond;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     seconds / 3'600, seconds / 60 % 60, seconds % 60, of_day % kMicrosPerSecond);
}

std::string FormatDuration(microseconds duration) {
  const auto micros = static_cast<double>(duration.count());
  if (micros < 1e3) return fmt::format("{} us", duration.count());
  if (micros < 10e3) return fmt::format("{:.1f} ms", micros / 1e3);
  if (micros < 1e6) return fmt::format("{:.0f} ms", micros / 1e3);
  if (micros < 120e6) return fmt::format("{:.1f} s", micros / 1e6);
  if (micros < 7'200e6) return fmt::format("{:.0f} min", micros / 60e6);
  if (micros < 172'800e6) return fmt::format("{:.1f} h", micros / 3'600e6);
  return fmt::format("{:.1f} d", micros / 86'400e6);
}

std::string FormatCount(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::int64_t first = count < 0 ? 1 : 0;
  for (auto at = static_cast<std::int64_t>(text.size()) - 3; at > first; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

}  // namespace lanemq::cli
