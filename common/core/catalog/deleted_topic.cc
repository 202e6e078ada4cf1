#include "common/core/catalog/deleted_topic.h"

#include <chrono>

#include <fmt/format.h>

namespace lanemq::core {
namespace {

/// UTC, by the second.
std::string TimeText(WallTime time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds{time.micros}};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const auto s = floor<std::chrono::seconds>(at - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{date.year()},
                     unsigned{date.month()}, unsigned{date.day()}, s / 3'600, s / 60 % 60, s % 60);
}

}  // namespace

std::string DeletedText(const Topic& topic) {
  if (!topic.deletion) return fmt::format("topic '{}' is being deleted", topic.name);
  return fmt::format(
      "topic '{0}' was deleted by {1} at {2} and is kept until {3}: `lanemq topic undelete {0}` "
      "brings it back, `lanemq topic purge {0}` removes it for good",
      topic.name, topic.deletion->by.empty() ? "somebody" : topic.deletion->by,
      TimeText(topic.deletion->deleted_at), TimeText(topic.deletion->purge_at));
}

}  // namespace lanemq::core
