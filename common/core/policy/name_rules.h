#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/policy/policy_types.h"

namespace lanemq::core {

/// What a name must be like: the policy's rule for its kind and the owner it is for.
struct NameContext {
  const NameRule* rule = nullptr;  ///< nullptr: Kafka's rules alone, which always hold.
  std::span<const std::string> reserved_suffixes;
  std::string_view owner;  ///< The owning team; empty: nobody.
};

/// What is wrong with a name, each a sentence's end ("has upper-case letters"); empty: nothing.
///
/// Pure; linear in the name's length times the number of prefixes and suffixes.
[[nodiscard]] std::vector<std::string> NameFaults(std::string_view name,
                                                  const NameContext& context);

/// The team's name as the first segment of names that begin with their owner: dots become '-'. May
/// be empty.
[[nodiscard]] std::string OwnerSegment(std::string_view team, const NameRule& rule);

/// The rule in words: "2 to 4 segments of a-z, 0-9 and '-' between dots, …".
[[nodiscard]] std::string NameRuleInWords(const NameContext& context);

/// A name as near as can be that has no faults: "Orders_Paid" becomes "orders-paid". nullopt when
/// nothing is left of it, or when somebody has to say more (an owner).
/// `number`: 0, or one to be told from equal names by: "orders-paid-2".
[[nodiscard]] std::optional<std::string> FixName(std::string_view name, const NameContext& context,
                                                 int number = 0);

}  // namespace lanemq::core
