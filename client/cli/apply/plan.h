#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/apply/documents.h"
#include "common/core/policy/bundle_json.h"
#include "common/core/policy/changes.h"
#include "common/core/policy/policy_world.h"

/// From what there is to what files say there should be. Pure.
namespace lanemq::cli {

/// One field of an object; empty: there is none.
struct FieldDifference {
  std::string field;
  std::string before;
  std::string after;
  bool operator==(const FieldDifference&) const = default;
};

struct Difference {
  enum class Kind : std::uint8_t { kMade, kChanged, kRemoved };
  Kind kind = Kind::kChanged;
  std::string object_kind;  ///< "topic", "group", "grant", "team", "quota".
  std::string name;
  std::vector<FieldDifference> fields;  ///< Of what is removed: none.
  bool operator==(const Difference&) const = default;
};

struct Plan {
  /// In an order in which they may also be applied in parts: teams, quotas, topics, groups, grants,
  /// then what goes.
  std::vector<core::Change> changes;
  std::vector<Difference> differences;  ///< The same for people; one per object.

  [[nodiscard]] bool RemovesAnything() const;
};

/// The fewest changes after which `actual` is as the documents say. `pruned_team`: what this team
/// owns, and grants on that, go when no document names them; empty: nothing goes. Grants on a
/// topic that goes go with it, without a change of their own. Grants on prefixes, teams and quotas
/// never go by themselves.
///
/// `actual` has to have whatever the documents name and, to prune, all that the team owns.
/// `faults`: fewer partitions than there are.
[[nodiscard]] Plan MakePlan(const core::PolicyWorld& actual, const Documents& documents,
                            std::string_view pruned_team, Faults& faults);

/// Leaves room for what is around the changes in a request.
inline constexpr std::size_t kRequestBytesMax = core::kBundleBytesMax - 1'024;

/// The changes in bundles of at most so many changes and bytes of JSON, in the same order.
[[nodiscard]] std::vector<core::Bundle> InBundles(const std::vector<core::Change>& changes,
                                                  std::size_t changes_max = core::kBundleChangesMax,
                                                  std::size_t bytes_max = kRequestBytesMax);

}  // namespace lanemq::cli
