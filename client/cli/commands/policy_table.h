#pragma once

#include <lanemq_types.h>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/output/table.h"

/// How a group's retry policies look: pure, from what was asked.
namespace lanemq::cli {

/// What the data nodes say.
struct PolicyPicture {
  std::string group;
  std::vector<idl::GroupPolicy> policies;  ///< One per topic and data node that has it.
  /// Those that should have them; empty: not known.
  std::vector<idl::DataNode> nodes;
};

/// A line per topic and different policy, "*" being all topics without one of their own; the
/// default where the group has none.
[[nodiscard]] Table PoliciesTable(const PolicyPicture& picture);
/// The same with every field, as {"items": [...]} or an object a line.
[[nodiscard]] std::string PoliciesJson(const PolicyPicture& picture, bool has_lines);
/// One sentence for each topic about which data nodes differ.
[[nodiscard]] std::vector<std::string> PolicyWarnings(const PolicyPicture& picture);

/// The newest policy of the topic (empty: of all topics) alone.
[[nodiscard]] std::optional<idl::RetryPolicy> PolicyOf(const PolicyPicture& picture,
                                                       const std::string& topic);
/// What holds for the topic: its own, else the group's, else the defaults.
[[nodiscard]] idl::RetryPolicy EffectivePolicy(const PolicyPicture& picture,
                                               const std::string& topic);

}  // namespace lanemq::cli
