#pragma once

#include "client/cli/app/action.h"

namespace lanemq::cli {

/// `lanemq topic history`.
void AddTopicHistory(CLI::App& topic, Action& action);

}  // namespace lanemq::cli
