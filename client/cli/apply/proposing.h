#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/cluster/cluster.h"
#include "common/core/policy/changes.h"

namespace lanemq::cli {

struct ProposalFlags {
  std::string title;        ///< Empty: none.
  std::string break_glass;  ///< The reason; empty: as everybody else.
  std::chrono::microseconds wait = std::chrono::minutes(5);
};

/// Says on stderr what the metaserver would decide, changing nothing. kDenied: it would refuse one
/// of them; kNeedsApproval: one would wait for somebody.
ExitCode ShowDecisions(Session& session, Cluster& cluster, const std::vector<core::Bundle>& bundles,
                       const ProposalFlags& flags);

/// Makes a request of each bundle and waits until it is applied, before it goes on to the next; the
/// requests' numbers go to stdout. kNeedsApproval: the last of them waits for somebody, and what is
/// behind it was not asked for. kDenied: refused by the policy. kFailed: it was undone.
/// kUnavailable: it took longer than `wait`, and goes on.
ExitCode Propose(Session& session, Cluster& cluster, const std::vector<core::Bundle>& bundles,
                 const ProposalFlags& flags);

}  // namespace lanemq::cli
