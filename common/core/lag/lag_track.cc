#include "common/core/lag/lag_track.h"

#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace lanemq::core {
namespace {

/// Another one whenever the fields change: a track of another version is new.
constexpr std::string_view kVersion = "1";
/// A time that is 0.
constexpr std::string_view kNever = "-";

/// Every field but `last_at` and `status`, in the order of the text.
template <typename Track, typename NumberVisitor, typename TimeVisitor>
void VisitFields(Track& track, NumberVisitor number, TimeVisitor time) {
  time(track.first_seen);
  time(track.status_since);
  number(track.committed);
  number(track.highest);
  number(track.reset_epoch);
  number(track.generation);
  time(track.moved_at);
  time(track.rose_at);
  time(track.rewound_at);
  number(track.first_end);
  time(track.grown_at);
  time(track.slow_since);
  time(track.excused_until);
  number(track.lost_commit);
  time(track.caught_up_at);
  number(track.point);
  number(track.point_lag);
  number(track.run_begin);
  number(track.run_lag);
  number(track.run_rises);
}

/// Takes words off the front of a text; once one is wrong, all are.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::string_view Next() {
    if (is_over_) is_ok_ = false;
    const std::size_t space = text_.find(' ');
    const std::string_view word = text_.substr(0, space);
    is_over_ = space == std::string_view::npos;
    text_ = is_over_ ? std::string_view() : text_.substr(space + 1);
    return word;
  }
  std::int64_t NextNumber() { return ToNumber(Next()); }
  std::int64_t ToNumber(std::string_view word) {
    std::int64_t number = 0;
    const char* const end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc() || at != end) is_ok_ = false;
    return number;
  }
  void Fail() { is_ok_ = false; }
  /// Every word was what it had to be, and there are no more.
  [[nodiscard]] bool IsDone() const { return is_ok_ && is_over_; }

 private:
  std::string_view text_;
  bool is_ok_ = true;
  bool is_over_ = false;
};

}  // namespace

// Times are told as the distance to the newest one: half the length.
std::string SaveTrack(const LagTrack& track) {
  std::string text = fmt::format("{} {} {} {:d}", kVersion, track.last_at, ToString(track.status),
                                 track.is_paused);
  const auto number = [&](std::int64_t value) {
    fmt::format_to(std::back_inserter(text), " {}", value);
  };
  VisitFields(track, number, [&](std::int64_t time) {
    if (time == 0) {
      (text += ' ') += kNever;
    } else {
      number(track.last_at - time);
    }
  });
  return text;
}

std::optional<LagTrack> LoadTrack(std::string_view text) {
  Words words(text);
  LagTrack track;
  if (words.Next() != kVersion) return std::nullopt;
  track.last_at = words.NextNumber();
  const auto status = LagStatusFromString(words.Next());
  if (!status) return std::nullopt;
  track.status = *status;
  const std::string_view paused = words.Next();
  if (paused != "0" && paused != "1") return std::nullopt;
  track.is_paused = paused == "1";
  VisitFields(
      track, [&](std::int64_t& value) { value = words.NextNumber(); },
      [&](std::int64_t& time) {
        const std::string_view word = words.Next();
        if (word == kNever) return;
        const std::int64_t before = words.ToNumber(word);
        if (__builtin_sub_overflow(track.last_at, before, &time)) words.Fail();
      });
  if (!words.IsDone()) return std::nullopt;
  return track;
}

std::string SaveTracks(const PartitionTracks& tracks) {
  std::string text;
  for (const auto& [index, track] : tracks) {
    fmt::format_to(std::back_inserter(text), "{} {}\n", index, SaveTrack(track));
  }
  return text;
}

PartitionTracks LoadTracks(std::string_view text) {
  PartitionTracks tracks;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    std::int32_t index = 0;
    const char* const line_end = line.data() + line.size();
    const auto [at, error] = std::from_chars(line.data(), line_end, index);
    if (error != std::errc() || index < 0 || at == line_end || *at != ' ') continue;
    const auto rest = line.substr(static_cast<std::size_t>(at - line.data()) + 1);
    if (const auto track = LoadTrack(rest)) tracks.emplace_back(index, *track);
  }
  return tracks;
}

}  // namespace lanemq::core
