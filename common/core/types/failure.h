#pragma once

#include <cstdint>
#include <string>

#include "common/base/time.h"
#include "common/core/types/ids.h"
#include "common/core/types/record.h"

namespace lanemq::core {

inline constexpr std::size_t kFailureReasonBytesMax = 64;  ///< Longer ones are refused.
inline constexpr std::size_t kFailureErrorBytesMax =
    2'048;  ///< Longer ones are cut, at a character.

/// Why a record failed.
struct FailureNote {
  std::string reason;  ///< A word to search and count by: "timeout", "card_declined".
  std::string error;   ///< For people.
};

/// The history of a record that failed.
struct FailureHistory {
  std::int32_t attempts = 0;  ///< Calls of the handler so far.
  FailureNote first;          ///< Its reason is not kept: empty.
  FailureNote last;
  WallTime first_at;  ///< The data node's clock.
  WallTime last_at;
};

/// A failed or dead record is known by its group and where it was read.
struct FailedId {
  std::string group;
  PartitionKey key;
  Offset offset;
  auto operator<=>(const FailedId&) const = default;
};

}  // namespace lanemq::core
