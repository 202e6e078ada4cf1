#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

namespace lanemq {

/// ERROR: a person must act. WARN: the system acted. INFO: state changed. DEBUG: why.
enum class LogLevel { DEBUG, INFO, WARN, ERROR };

/// How a line looks: `time level program event name=value ...`, or one JSON object.
enum class LogFormat { kText, kJson };

/// One `name=value` of a log line. Anything fmt can print is a value.
struct LogField {
  std::string_view name;
  std::string value;
  bool is_bare = false;  ///< A number or a truth value: without quotes in JSON.

  template <typename T>
  LogField(std::string_view n, const T& v)
      : name(n),
        value(fmt::format("{}", v)),
        is_bare(std::is_arithmetic_v<T> && !std::is_same_v<T, char>) {}
};

/// Sends log lines to stderr from `level` up. Call once at the start of a process.
void SetUpLogging(std::string_view program, LogLevel level, LogFormat format = LogFormat::kText);
/// "json"; anything else is kText.
[[nodiscard]] LogFormat LogFormatFromString(std::string_view text);
/// "debug", "info", "warn" or "error"; anything else is INFO.
[[nodiscard]] LogLevel LogLevelFromString(std::string_view text);
[[nodiscard]] bool LogEnabled(LogLevel level);
void LogEvent(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

}  // namespace lanemq

/// Logs an event name with fields, not prose. Any thread.
///
///   LANEMQ_LOG(INFO, "broker.drained", {"broker", id}, {"in_flight", count});
#define LANEMQ_LOG(level, event, ...)                                      \
  do {                                                                     \
    if (::lanemq::LogEnabled(::lanemq::LogLevel::level)) {                 \
      ::lanemq::LogEvent(::lanemq::LogLevel::level, event, {__VA_ARGS__}); \
    }                                                                      \
  } while (false)
