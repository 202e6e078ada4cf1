#pragma once

#include <string>
#include <vector>

namespace lanemq::core {

/// The protocols of one member, preferred first.
using ProtocolList = std::vector<std::string>;

/// The protocol that most members prefer among those all can do; of equally many, the one the first
/// list names earlier. Empty when there is none that all can do, or no list.
[[nodiscard]] std::string SelectProtocol(const std::vector<const ProtocolList*>& members);

/// Whether a member with `joining` leaves the group with a protocol all can do. True without
/// `others`.
[[nodiscard]] bool HasCommonProtocol(const ProtocolList& joining,
                                     const std::vector<const ProtocolList*>& others);

}  // namespace lanemq::core
