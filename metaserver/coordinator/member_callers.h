#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/time.h"
#include "common/core/types/caller.h"

namespace lanemq::metaserver {

/// Who the members of one group are, as their newest calls said. Not stored: a coordinator that
/// takes a group over hears it with the next heartbeats.
/// Not thread-safe; one owner.
class MemberCallers {
 public:
  struct Note {
    std::shared_ptr<const core::Caller> caller;
    MonotonicTime heard;
  };

  /// `caller` null: nobody has to say who he is; nothing is kept.
  void Heard(const std::string& member_id, std::shared_ptr<const core::Caller> caller,
             MonotonicTime now) {
    if (caller == nullptr) return;
    notes_[member_id] = {std::move(caller), now};
    if (notes_.size() < prune_at_) return;
    std::erase_if(notes_, [&](const auto& note) { return now - note.second.heard > kKept; });
    prune_at_ = 2 * notes_.size() + kPruneAt;
  }
  void Drop(std::string_view member_id) {
    const auto found = notes_.find(member_id);
    if (found != notes_.end()) notes_.erase(found);
  }
  [[nodiscard]] const std::map<std::string, Note, std::less<>>& notes() const { return notes_; }

 private:
  static constexpr std::size_t kPruneAt = 64;
  /// Longer than the longest session.
  static constexpr std::chrono::hours kKept{25};

  std::map<std::string, Note, std::less<>> notes_;
  std::size_t prune_at_ = kPruneAt;
};

}  // namespace lanemq::metaserver
