#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// Where a listing over data nodes goes on: the node, and the letter after which.
struct PageToken {
  struct Place {
    core::PartitionKey key;
    core::Offset offset;
    bool operator==(const Place&) const = default;
  };
  core::NodeId node;
  std::optional<Place> after;  ///< nullopt: from the node's beginning.
  bool operator==(const PageToken&) const = default;
};

/// As text that clients pass back and do not look into.
[[nodiscard]] std::string ToText(const PageToken& token);
/// kInvalidRequest for text that ToText() does not write.
Result<PageToken> PageTokenFromText(std::string_view text);

}  // namespace lanemq::broker
