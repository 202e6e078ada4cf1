#include "tests/checker/failure_events.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace lanemq::checker {
namespace {

constexpr std::array kWords = {
#define LANEMQ_X(enumerator, word, meaning) std::string_view(word),
    LANEMQ_FAILURE_EVENTS(LANEMQ_X)
#undef LANEMQ_X
};

std::string_view NextField(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

template <typename T>
bool Take(std::string_view& line, T& out) {
  const std::string_view field = NextField(line);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out);
  return error == std::errc() && end == field.data() + field.size();
}

std::optional<FailureEvent> ParseEvent(std::string_view line) {
  FailureEvent event;
  if (!Take(line, event.at_us)) return std::nullopt;
  const auto* const word = std::find(kWords.begin(), kWords.end(), NextField(line));
  if (word == kWords.end()) return std::nullopt;
  event.kind = static_cast<FailureEventKind>(word - kWords.begin());
  if (!Take(line, event.partition) || !Take(line, event.offset) || !Take(line, event.attempt) ||
      !Take(line, event.id.producer) || !Take(line, event.id.number) ||
      !Take(line, event.fingerprint)) {
    return std::nullopt;
  }
  event.reason = line;
  return event;
}

}  // namespace

std::string FormatFailureEvent(const FailureEvent& event) {
  return fmt::format("{} {} {} {} {} {} {} {} {}\n", event.at_us,
                     kWords[static_cast<std::size_t>(event.kind)], event.partition, event.offset,
                     event.attempt, event.id.producer, event.id.number, event.fingerprint,
                     event.reason);
}

Result<HandlerLog> ParseHandlerLog(std::string name, std::string_view text) {
  HandlerLog log{std::move(name), {}};
  while (true) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return log;
    auto event = ParseEvent(text.substr(0, end));
    if (!event) {
      return Error{ErrorCode::kCorruptMessage,
                   fmt::format("{}: no event: {}", log.name, text.substr(0, end))};
    }
    log.events.push_back(*std::move(event));
    text.remove_prefix(end + 1);
  }
}

}  // namespace lanemq::checker
