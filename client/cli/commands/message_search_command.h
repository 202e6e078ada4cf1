#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "client/cli/app/action.h"
#include "client/cli/text/message_format.h"
#include "lanemq_types.h"

namespace lanemq::cli {

/// `lanemq message search`, below `message`.
void AddMessageSearch(CLI::App& message, Action& action);

/// What is in a stored message; it refers to `topic` and `message`.
[[nodiscard]] MessageView ViewOf(const std::string& topic, std::int32_t partition,
                                 const idl::StoredMessage& message);

}  // namespace lanemq::cli
