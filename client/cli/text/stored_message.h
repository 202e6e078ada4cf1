#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <string>

#include "client/cli/text/message_format.h"

namespace lanemq::cli {

/// What is in a stored message; it refers to `topic` and `message`.
[[nodiscard]] MessageView ViewOf(const std::string& topic, std::int32_t partition,
                                 const idl::StoredMessage& message);

}  // namespace lanemq::cli
