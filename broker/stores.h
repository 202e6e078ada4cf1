#pragma once

#include <memory>
#include <span>

#include "common/core/store/data_loss_store.h"
#include "common/core/store/dead_letter_store.h"
#include "common/core/store/delayed_store.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/message_store.h"
#include "common/core/store/message_tracer.h"
#include "common/core/store/offset_store.h"
#include "common/core/store/retention_store.h"
#include "common/core/store/retry_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::broker {

/// The databases behind a broker. main.cc gives the MySQL ones, tests may give others.
/// Thread safety: every method from any thread.
class Stores {
 public:
  virtual ~Stores() = default;
  /// The catalogue's data nodes have changed.
  virtual void UpdateNodes(std::span<const core::DataNode> nodes) = 0;
  /// Whether a data node does not answer for which the catalogue has no credentials: a metaserver
  /// of an older version may have left them out.
  [[nodiscard]] virtual bool MayLackLogin() const { return false; }
  virtual core::MessageStore& messages() = 0;
  virtual std::unique_ptr<core::OffsetStore> OffsetsOn(core::NodeId node) = 0;
  virtual std::unique_ptr<core::RetryStore> RetriesOn(core::NodeId node) = 0;
  virtual std::unique_ptr<core::DeadLetterStore> DeadLettersOn(core::NodeId node) = 0;
  virtual std::unique_ptr<core::DelayedStore> DelayedOn(core::NodeId node) = 0;
  virtual std::unique_ptr<core::MessageTracer> TracerOn(core::NodeId node) = 0;
  /// Leases of the data node's own duties.
  virtual std::unique_ptr<core::LeaseStore> LeasesOn(core::NodeId node) = 0;
  /// Null, as the next: this broker does no retention there.
  virtual std::unique_ptr<core::RetentionStore> RetentionOn(core::NodeId node) = 0;
  virtual std::unique_ptr<core::DataLossStore> DataLossesOn(core::NodeId node) = 0;
};

}  // namespace lanemq::broker
