#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "common/base/clock.h"
#include "common/core/store/node_admin.h"
#include "lanemq_types.h"

namespace lanemq::metaserver {

/// Bounds of AddHealth(): for one node, and for all of them together.
inline constexpr std::chrono::milliseconds kNodeHealthTimeout{3'000};
inline constexpr std::chrono::milliseconds kAllHealthTimeout{10'000};

/// Asks the nodes, one after the other, how they are. `out[i]` is `nodes[i]` on the wire.
/// Says nothing of disabled nodes, nor of those whose turn has not come when the time is over.
void AddHealth(core::NodeAdmin& admin, const Clock& clock, std::span<const core::DataNode> nodes,
               std::vector<idl::DataNode>& out);

/// "off"; "on, 1 replica"; "on, no replica": commits wait for nobody.
[[nodiscard]] std::string SemiSyncText(const core::SemiSync& semi_sync);

/// What is not as it should be, one sentence each, with what to do. Durability is not among it: the
/// settings are on the wire, and the command line judges them. Pure.
[[nodiscard]] std::vector<std::string> WarningsOf(const core::DataNode& node,
                                                  const core::NodeProbe& probe);

}  // namespace lanemq::metaserver
