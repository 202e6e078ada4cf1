#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/access/access_book.h"
#include "common/guard/guard.h"
#include "metaserver/coordinator/coordinator.h"

namespace lanemq::metaserver {

/// Makes members leave that may not consume with their group any more, so that others get their
/// partitions within seconds rather than when a session ends, which may take half an hour.
///
/// A member whose service or person lost the right goes at the next look. One whose token alone has
/// ended goes when its owner has no other, or has not come back with another within `grace`: tokens
/// are replaced while members run. With the guard off or observing nobody goes.
/// Thread safety: Start(), Stop() and Look() from one owner. One thread.
class GroupAccess {
 public:
  struct Options {
    std::chrono::milliseconds every{1'000};
    /// From when its token is found to have ended.
    std::chrono::milliseconds grace{10'000};
    std::size_t members_at_once = 1'000;  ///< Told to go per look; the others at the next.
  };

  /// The coordinator, the guard and the clock must outlive it.
  GroupAccess(Options options, Coordinator& coordinator, const Guard& guard, const Clock& clock)
      : options_(options), coordinator_(coordinator), guard_(guard), clock_(clock) {}
  ~GroupAccess() { Stop(); }

  void Start();
  /// Idempotent.
  void Stop();
  /// One look: what the thread does again and again. How many members were told to go. For tests.
  std::size_t Look();

 private:
  using MemberKey = std::pair<std::string, std::string>;  ///< Group, member id.
  /// Of one look.
  struct Round {
    const core::AccessBook& book;
    WallTime wall_now;
    MonotonicTime now;
    std::optional<std::set<std::string, std::less<>>> token_owners = {};  ///< Made when needed.
    std::map<MemberKey, MonotonicTime> void_since = {};
  };

  void Run();
  /// Why the member has to go; empty: it may stay.
  [[nodiscard]] std::string_view WhyNot(Round& round, const GroupSlot::NotedMember& member) const;
  static bool HasToken(Round& round, const core::Principal& principal);
  void Expel(GroupSlot& slot, const GroupSlot::NotedMember& member, std::string_view why);

  const Options options_;
  Coordinator& coordinator_;
  const Guard& guard_;
  const Clock& clock_;
  std::map<MemberKey, MonotonicTime> void_since_;  ///< Of the last look.

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
