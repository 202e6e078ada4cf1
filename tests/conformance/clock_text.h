#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace lanemq::testing {

/// `passed` after 2026-11-21 00:00:00, as SQL writes it.
inline std::string ClockText(std::chrono::microseconds passed) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> at{
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + passed};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::int64_t micros = (at - day).count();
  const std::int64_t s = micros / 1'000'000;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", int{date.year()},
                     unsigned{date.month()}, unsigned{date.day()}, s / 3'600, s / 60 % 60, s % 60,
                     micros % 1'000'000);
}

}  // namespace lanemq::testing
