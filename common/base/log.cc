#include "common/base/log.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/base/log_json.h"

namespace lanemq {
namespace {

std::atomic<LogFormat> log_format{LogFormat::kText};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::DEBUG:
      return spdlog::level::debug;
    case LogLevel::INFO:
      return spdlog::level::info;
    case LogLevel::WARN:
      return spdlog::level::warn;
    case LogLevel::ERROR:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// Values come from outside: a line that is not ours could begin in one, and terminals obey them.
bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool NeedsQuotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=") != std::string_view::npos ||
         std::ranges::any_of(value, IsControl);
}

void AppendValue(std::string& line, std::string_view value) {
  if (!NeedsQuotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '\n') {
      line += ' ';
    } else if (IsControl(c)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
  }
  line += '"';
}

}  // namespace

void SetUpLogging(std::string_view program, LogLevel level, LogFormat format) {
  auto logger = spdlog::get(std::string(program));
  if (!logger) logger = spdlog::stderr_logger_mt(std::string(program));
  logger->set_level(ToSpdlog(level));
  logger->flush_on(spdlog::level::warn);
  // Of a JSON line the logger writes the head, so that its time is the one that it sorts by.
  logger->set_pattern(format == LogFormat::kJson
                          ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n",%v})"
                          : "%Y-%m-%dT%H:%M:%S.%eZ %l %n %v",
                      spdlog::pattern_time_type::utc);
  log_format = format;
  spdlog::set_default_logger(logger);
}

LogFormat LogFormatFromString(std::string_view text) {
  return text == "json" ? LogFormat::kJson : LogFormat::kText;
}

LogLevel LogLevelFromString(std::string_view text) {
  if (text == "debug") return LogLevel::DEBUG;
  if (text == "warn") return LogLevel::WARN;
  if (text == "error") return LogLevel::ERROR;
  return LogLevel::INFO;
}

bool LogEnabled(LogLevel level) {
  return spdlog::default_logger_raw()->should_log(ToSpdlog(level));
}

void LogEvent(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (log_format == LogFormat::kJson) {
    spdlog::default_logger_raw()->log(ToSpdlog(level), JsonMembers(event, fields));
    return;
  }
  std::string line(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    AppendValue(line, field.value);
  }
  spdlog::default_logger_raw()->log(ToSpdlog(level), line);
}

}  // namespace lanemq
