#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/time.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_types.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/oncall/lag_board.h"

namespace lanemq::metaserver {

/// What a look may go by.
struct ObservationInput {
  const LagPicture& picture;
  const core::AlertSettings& settings;
  const core::AlertMemory& memory;  ///< As it was before this evaluation.
  MonotonicTime now;
  double time_scale = 1;  ///< Durations that are thresholds are this many times as long.

  /// The kind's rule as it is in force. `kind` is one of core::AlertKinds().
  [[nodiscard]] core::AlertRule Rule(std::string_view kind) const;
  /// The threshold of a kind whose unit is a duration, scaled.
  [[nodiscard]] std::chrono::milliseconds Threshold(std::string_view kind,
                                                    std::chrono::milliseconds unit) const;
};

/// Looks at one part of the cluster for what alerts are about. Called on the alert engine's thread
/// at each evaluation; answers from memory: what has to be read is read elsewhere.
class ObservationSource {
 public:
  virtual ~ObservationSource() = default;
  /// A term begins: what was remembered is of another time.
  virtual void OnTerm() {}
  /// Adds what is true and what is unknown; a kind of which every subject was looked at is named in
  /// `seen.complete`, so that what is not listed is false. What could not be read is unknown, never
  /// false.
  virtual void Observe(const ObservationInput& input, core::AlertObservations& seen) = 0;
};

/// Groups, topics and the sampling itself: from the picture.
class LagObservations final : public ObservationSource {
 public:
  /// `catalog` answers the newest: where partitions are, and what topics say of retention.
  explicit LagObservations(std::function<SnapshotCache::SnapshotPtr()> catalog)
      : catalog_(std::move(catalog)) {}
  void OnTerm() override;
  void Observe(const ObservationInput& input, core::AlertObservations& seen) override;

 private:
  /// A number that grows, and when this process last saw it grow.
  struct Growth {
    std::int64_t value = 0;
    MonotonicTime at;
    bool has_grown = false;  ///< Since the term began.
    std::int64_t seen = 0;   ///< Evaluation that last looked at it.
  };

  void ObserveGroups(const ObservationInput& input, core::AlertObservations& seen);
  void ObserveTopics(const ObservationInput& input, core::AlertObservations& seen);
  const Growth& Note(const std::string& topic, std::int64_t value, const ObservationInput& input);

  const std::function<SnapshotCache::SnapshotPtr()> catalog_;
  std::map<std::string, Growth, std::less<>> produced_;  ///< By topic.
  bool knows_all_ = false;  ///< Every node was read at least once in this term.
};

/// "45 s", "12 min", "3.5 h", "2.1 days".
[[nodiscard]] std::string DurationText(std::chrono::milliseconds length);

}  // namespace lanemq::metaserver
