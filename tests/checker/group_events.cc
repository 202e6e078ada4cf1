#include "tests/checker/group_events.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace lanemq::checker {
namespace {

constexpr std::array kWords = {
#define LANEMQ_X(enumerator, word, meaning) std::string_view(word),
    LANEMQ_GROUP_EVENTS(LANEMQ_X)
#undef LANEMQ_X
};

std::string_view NextField(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

template <typename T>
bool Parse(std::string_view field, T& out) {
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out);
  return error == std::errc() && end == field.data() + field.size();
}

std::optional<GroupEvent> ParseEvent(std::string_view line) {
  GroupEvent event;
  if (!Parse(NextField(line), event.at_ns)) return std::nullopt;
  const std::string_view word = NextField(line);
  std::size_t kind = 0;
  while (kind < kWords.size() && kWords[kind] != word) ++kind;
  if (kind == kWords.size()) return std::nullopt;
  event.kind = static_cast<GroupEventKind>(kind);
  if (!Parse(NextField(line), event.partition)) return std::nullopt;
  if (!Parse(NextField(line), event.offset)) return std::nullopt;
  event.text = line;
  return event;
}

}  // namespace

std::string FormatGroupEvent(const GroupEvent& event) {
  return fmt::format("{} {} {} {} {}\n", event.at_ns, kWords[static_cast<std::size_t>(event.kind)],
                     event.partition, event.offset, event.text);
}

Result<GroupMemberLog> ParseGroupLog(std::string name, std::string_view text) {
  GroupMemberLog log{std::move(name), {}};
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
