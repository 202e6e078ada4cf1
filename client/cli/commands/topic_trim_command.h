#pragma once

#include "client/cli/app/action.h"

namespace lanemq::cli {

/// `lanemq topic trim`.
void AddTopicTrim(CLI::App& topic, Action& action);

}  // namespace lanemq::cli
