#include "client/cli/text/group_flags.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;

constexpr std::size_t kReasonBytesMax = 1'024;
constexpr std::chrono::microseconds kIntervalMin = 100ms;
constexpr std::chrono::microseconds kIntervalMax = 1h;

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

/// Puts the flag's name before what is wrong with its value.
Error Of(std::string_view flag, const Error& error) {
  return {error.code, fmt::format("{}: {}", flag, error.message)};
}

std::vector<std::string_view> TargetsGiven(const ResetFlags& flags) {
  std::vector<std::string_view> given;
  const auto add = [&given](bool is_given, std::string_view flag) {
    if (is_given) given.push_back(flag);
  };
  add(flags.is_to_earliest, "--to-earliest");
  add(flags.is_to_latest, "--to-latest");
  add(flags.is_to_current, "--to-current");
  add(flags.to_offset.has_value(), "--to-offset");
  add(!flags.to_datetime.empty(), "--to-datetime");
  add(!flags.by_duration.empty(), "--by-duration");
  add(flags.shift_by.has_value(), "--shift-by");
  add(!flags.from_group.empty(), "--from-group");
  add(!flags.from_file.empty(), "--from-file");
  return given;
}

Status CheckTargetAndScope(const ResetFlags& flags) {
  const auto given = TargetsGiven(flags);
  if (given.empty()) {
    return Bad(
        "say where to: --to-earliest, --to-latest, --to-current, --to-offset N, --to-datetime TIME,"
        " --by-duration TIME, --shift-by N, --from-group GROUP or --from-file FILE");
  }
  if (given.size() > 1) {
    return Bad(fmt::format("{} exclude each other", fmt::join(given, " and ")));
  }
  const bool has_scope = flags.has_all_topics || !flags.topics.empty();
  if (!flags.from_file.empty() && has_scope) {
    return Bad("--from-file names its partitions itself: give no --topic or --all-topics with it");
  }
  if (flags.has_all_topics && !flags.topics.empty()) {
    return Bad("--topic and --all-topics exclude each other");
  }
  if (flags.from_file.empty() && !has_scope) {
    return Bad("say which partitions: --topic orders, --topic orders:0,2-3 or --all-topics");
  }
  if (flags.from_group == flags.group) return Bad("--from-group names the group itself");
  if (flags.to_offset && *flags.to_offset < 0) {
    return Bad(
        fmt::format("--to-offset {} is before every message; --to-earliest goes to the first",
                    *flags.to_offset));
  }
  if (flags.shift_by == 0) return Bad("--shift-by 0 would change nothing; --to-current says so");
  return {};
}

}  // namespace

Result<ResetOrder> ReadResetFlags(const ResetFlags& flags, WallTime now) {
  LANEMQ_RETURN_IF_ERROR(CheckTargetAndScope(flags));
  LANEMQ_RETURN_IF_ERROR(CheckReason(flags.reason));
  using Kind = ResetTarget::Kind;
  ResetOrder order;
  order.target.kind = Kind::kFound;
  order.from_group = flags.from_group;
  order.from_file = flags.from_file;
  if (flags.is_to_earliest) order.target.kind = Kind::kEarliest;
  if (flags.is_to_latest) order.target.kind = Kind::kLatest;
  if (flags.is_to_current) order.target.kind = Kind::kCurrent;
  if (flags.to_offset) order.target = {Kind::kOffset, *flags.to_offset};
  if (flags.shift_by) order.target = {Kind::kShift, *flags.shift_by};
  if (!flags.to_datetime.empty()) {
    const auto time = ParseTime(flags.to_datetime, now);
    if (!time.ok()) return Of("--to-datetime", time.error());
    order.time_us = std::max<std::int64_t>(time->micros, 0);
  }
  if (!flags.by_duration.empty()) {
    const auto age = ParseDuration(flags.by_duration);
    if (!age.ok()) return Of("--by-duration", age.error());
    order.time_us = std::max<std::int64_t>(now.micros - age->count(), 0);
  }
  return order;
}

Result<std::optional<WallTime>> ReadPauseEnd(const std::string& until, const std::string& duration,
                                             WallTime now) {
  if (!until.empty() && !duration.empty()) return Bad("--until and --for exclude each other");
  std::optional<WallTime> end;
  if (!until.empty()) {
    const auto time = ParseTime(until, now);
    if (!time.ok()) return Of("--until", time.error());
    if (time->micros <= now.micros) {
      return Bad(fmt::format("--until {} is over already; --for 30m pauses for so long", until));
    }
    end = *time;
  }
  if (!duration.empty()) {
    const auto span = ParseDuration(duration);
    if (!span.ok()) return Of("--for", span.error());
    if (span->count() <= 0) return Bad(fmt::format("--for {} is over at once", duration));
    end = WallTime{now.micros + span->count()};
  }
  return end;
}

Status CheckReason(std::string_view reason) {
  if (reason.size() <= kReasonBytesMax) return {};
  return Bad(fmt::format("--reason has {} bytes; {} is the most", reason.size(), kReasonBytesMax));
}

Result<std::chrono::microseconds> ReadWatchInterval(std::string_view text) {
  const auto interval = ParseDuration(text);
  if (!interval.ok()) return Of("--interval", interval.error());
  if (*interval >= kIntervalMin && *interval <= kIntervalMax) return *interval;
  return Bad(fmt::format("--interval {} is not between 100ms and 1h", text));
}

}  // namespace lanemq::cli
