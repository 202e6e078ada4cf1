#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/time.h"
#include "common/core/access/access_types.h"

namespace lanemq::core {

/// The grants to one principal, found by what they are on.
class GrantIndex {
 public:
  /// Requires a grant on topics or groups that outlives the index.
  void Add(const Grant& grant);

  /// One that allows the action and has not ended by `now`; nullopt: ended ones count, too. Null
  /// when there is none. One hash look-up, and one per length that prefixes have.
  [[nodiscard]] const Grant* Find(Action action, const Resource& resource,
                                  std::optional<WallTime> now) const;

 private:
  using Grants = std::unordered_map<std::string_view, std::vector<const Grant*>>;
  struct OfKind {
    Grants exact;
    Grants prefixes;
    std::vector<std::size_t> lengths;  ///< Of the prefixes: ascending, each once.
  };

  std::array<OfKind, 2> kinds_;  ///< Topics, groups.
};

/// Whether a grant counts at `now`.
[[nodiscard]] constexpr bool HasEnded(const std::optional<WallTime>& expires_at, WallTime now) {
  return expires_at && *expires_at <= now;
}

}  // namespace lanemq::core
