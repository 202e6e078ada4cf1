#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/time.h"
#include "common/core/lag/lag_verdict.h"
#include "common/core/types/ids.h"

namespace lanemq::metaserver {

/// How the last round of a data node went.
struct NodeRound {
  core::NodeId node;
  std::string name;
  bool is_ok = false;
  WallTime at;             ///< The node's clock in the newest round that succeeded; {0}: none has.
  MonotonicTime finished;  ///< By this process, of the same round.
  MonotonicTime began_to_sample;      ///< Of the first round, whether or not it succeeded.
  std::chrono::microseconds took{0};  ///< Of the newest round.
  std::int64_t rows_dropped = 0;      ///< Of the newest round that succeeded.
  std::int64_t rounds = 0;            ///< Succeeded, since this metaserver is on call.
  std::int64_t failures = 0;          ///< The same, of those that failed.
  std::int64_t failures_in_a_row = 0;
  std::string error;          ///< Of the last round, when it failed.
  bool has_answered = false;  ///< It failed, but the node answered: not with what was asked.
};

/// Production of one topic.
struct TopicRate {
  core::TopicId topic;
  std::string topic_name;
  std::int64_t produced = 0;  ///< Messages ever, as the ends of its partitions say: grows.
  double rate = 0;            ///< Messages per second, of five minutes.
  std::int32_t groups = 0;    ///< That have an offset in it.
  bool is_whole = false;      ///< Every partition was read; otherwise the figures are too low.
  /// The least that was produced in one of the last 24 full hours; nullopt: not all are known.
  std::optional<std::int64_t> least_hourly;
  bool is_rate_known = false;  ///< Of every partition: two readings, 10 s apart, at the least.
  std::int64_t stored = 0;     ///< Offsets from the starts of its partitions to their ends.
};

/// One evaluation: everything of it is of the same rounds. Immutable once published.
struct LagPicture {
  std::int64_t number = 0;  ///< Grows with each evaluation of this process.
  MonotonicTime evaluated;
  WallTime wall;
  std::vector<core::GroupTopicLag> groups;  ///< By group and topic id.
  std::vector<TopicRate> topics;            ///< By id; active ones.
  std::vector<NodeRound> nodes;             ///< By id; those that are sampled.
  std::int64_t rows_dropped = 0;            ///< Beyond the limits, of all nodes.
  /// Every node that is in use was read at least once, and nothing was beyond the limits: a group
  /// that is not in `groups` has no offsets any more.
  bool is_whole = false;
};

/// The newest picture, from the thread that makes it to those that show it. nullptr: this
/// metaserver is not on call. Thread safety: every method from any thread.
class LagBoard {
 public:
  void Publish(std::shared_ptr<const LagPicture> picture) {
    MutexLock lock(mutex_);
    picture_ = std::move(picture);
  }
  [[nodiscard]] std::shared_ptr<const LagPicture> Current() const {
    MutexLock lock(mutex_);
    return picture_;
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const LagPicture> picture_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
