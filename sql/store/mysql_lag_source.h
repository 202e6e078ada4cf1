#pragma once

#include "common/core/store/lag_source.h"
#include "sql/driver/connection.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Sees a round from inside its transaction, for tests: what is read here is of the same snapshot.
/// Called from the thread that samples; more than once when the round is taken again.
class LagRoundObserver {
 public:
  virtual ~LagRoundObserver() = default;
  /// The groups' rows were read, no message table was yet.
  virtual void OnGroupsRead() {}
  /// Before the transaction ends. An error fails the round.
  virtual Status OnSampled(Connection&, const core::LagRound&) { return {}; }
};

/// Lag on one data node.
class MySqlLagSource final : public core::LagSource {
 public:
  /// `nodes` must outlive the source, `observer` too; null: nobody looks.
  MySqlLagSource(DataNodes& nodes, core::NodeId node, LagRoundObserver* observer = nullptr)
      : nodes_(nodes), node_(node), observer_(observer) {}

  Result<core::LagRound> Sample(const core::LagQuery& query, Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
  LagRoundObserver* const observer_;
};

}  // namespace lanemq::sql
