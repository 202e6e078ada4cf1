#pragma once

#include "client/cli/app/action.h"

namespace lanemq::cli {

/// `partition list`: what is on which data node.
void AddPlacementList(CLI::App& partition, Action& action);

}  // namespace lanemq::cli
