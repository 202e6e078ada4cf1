#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.h"
#include "common/core/group/group_machine.h"

namespace lanemq::core {

/// Which version of the group is durable: one write in flight, the newest version wins.
class GroupWrites {
 public:
  enum class Outcome {
    kForeign,     ///< Not the write in flight.
    kDurable,     ///< durable() has grown.
    kSuperseded,  ///< Failed, but a newer version is to be written anyway.
    kFailed,
  };

  /// The group has changed and is to be written. Returns the new version.
  std::uint64_t Touch() { return ++newest_; }
  /// The id of a write of the newest version, if one is due.
  std::optional<GroupPersistId> Start();
  /// After a failure the newest version is written again a second later.
  Outcome Finish(GroupPersistId id, bool is_ok, MonotonicTime now);
  void OnTime(MonotonicTime now);

  [[nodiscard]] std::uint64_t newest() const { return newest_; }
  [[nodiscard]] bool IsDurable(std::uint64_t version) const { return version <= durable_; }
  [[nodiscard]] std::optional<MonotonicTime> retry_at() const { return retry_at_; }

 private:
  struct Write {
    GroupPersistId id = 0;
    std::uint64_t version = 0;
  };
  std::uint64_t newest_ = 0;
  std::uint64_t attempted_ = 0;
  std::uint64_t durable_ = 0;
  GroupPersistId last_id_ = 0;
  std::optional<Write> in_flight_;
  std::optional<MonotonicTime> retry_at_;
};

}  // namespace lanemq::core
