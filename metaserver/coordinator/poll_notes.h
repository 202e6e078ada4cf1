#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"

namespace lanemq::metaserver {

/// What members told with their newest heartbeats about the application behind them. Not stored and
/// of no weight for the group: for people who look for a handler that hangs.
/// Not thread-safe; one owner.
class PollNotes {
 public:
  struct Note {
    MonotonicTime heard;
    std::optional<std::chrono::milliseconds> poll_age;  ///< Then; nullopt: not told.
  };

  /// Of a member that is one.
  void Heard(const std::string& member_id, std::optional<std::chrono::milliseconds> poll_age,
             MonotonicTime now) {
    notes_[member_id] = {now, poll_age};
    if (notes_.size() < prune_at_) return;
    std::erase_if(notes_, [&](const auto& note) { return now - note.second.heard > kKept; });
    prune_at_ = 2 * notes_.size() + kPruneAt;
  }
  [[nodiscard]] std::optional<Note> Find(std::string_view member_id) const {
    const auto found = notes_.find(member_id);
    if (found == notes_.end()) return std::nullopt;
    return found->second;
  }

 private:
  static constexpr std::size_t kPruneAt = 64;
  /// Longer than the longest session.
  static constexpr std::chrono::hours kKept{25};

  std::map<std::string, Note, std::less<>> notes_;
  std::size_t prune_at_ = kPruneAt;
};

}  // namespace lanemq::metaserver
