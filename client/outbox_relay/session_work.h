#pragma once

#include <utility>

#include "common/core/lease/lease_trust.h"
#include "common/core/outbox/relay_planner.h"
#include "common/core/types/outbox.h"

namespace lanemq::client {

/// A session that a relay holds: its own, or a dead relay's whose plan it finishes.
struct SessionWork {
  SessionWork(core::OutboxSession s, core::RelayPlanner p, core::LeaseTrust::Options trust_options)
      : session(s), planner(std::move(p)), trust(trust_options) {}

  core::OutboxSession session;
  core::RelayPlanner planner;
  core::LeaseTrust trust;
  MonotonicTime renew_at;
  MonotonicTime adopted_at;        ///< Of an adopted one.
  bool has_freed_buckets = false;  ///< Of an adopted one: they do not wait for its plan.
};

}  // namespace lanemq::client
