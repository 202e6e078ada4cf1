#pragma once

#include <optional>

#include "common/core/store/catalog_store.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/text_metrics.h"

namespace lanemq::metaserver {

/// Something that works on each evaluation: alerts, facts of nodes, history. OnCall calls it on one
/// thread, in the order in which the parts were added.
class OnCallPart {
 public:
  virtual ~OnCallPart() = default;

  /// A term begins: this metaserver is on call from now on, and perhaps was not before. Whatever is
  /// remembered of an earlier term is worth nothing. Must not block for long.
  virtual void OnDuty() {}
  /// A picture was published. `fence`: to be put into every write; nullopt: the lease is not
  /// trusted at the moment (the metadata database does not answer): nothing may be written or sent.
  /// The next picture waits until it returns: what blocks belongs on a thread of its own.
  virtual void OnEvaluated(const LagPicture& picture, const std::optional<core::Fence>& fence) = 0;
  /// Whole families, as of now; after OnEvaluated().
  virtual void AddMetrics(TextMetrics& /*metrics*/) {}
  /// Another metaserver is on call, or this one stops.
  virtual void OffDuty() {}
};

}  // namespace lanemq::metaserver
