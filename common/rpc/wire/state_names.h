#pragma once

#include <string>

#include "lanemq_types.h"

namespace lanemq::wire {

/// What people read for a state: "creating", "writable", "draining", ...; "unknown" for a state of
/// a newer server.
[[nodiscard]] std::string StateName(idl::TopicState::type state);
[[nodiscard]] std::string StateName(idl::NodeState::type state);
[[nodiscard]] std::string StateName(idl::BrokerState::type state);

}  // namespace lanemq::wire
