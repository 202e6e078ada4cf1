#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/policy/changes.h"

namespace lanemq::core {

// Bundles as JSON: what requests are proposed with, and what their rows keep.
//
//   {"changes": [
//     {"kind": "create_topic", "name": "orders.paid", "owner": "orders", "tier": "page",
//      "description": "...", "partitions": 4, "config": {"retention.ms": "86400000"},
//      "traffic": {"messages_per_day": 1000000, "message_bytes": 800, "ordering": "per_key"}},
//     {"kind": "alter_topic", "name": ..., "tier": ..., "description": ..., "set": {...},
//      "unset": ["retention.ms"], "traffic": {...}},
//     {"kind": "add_partitions", "name": ..., "partitions": 8},
//     {"kind": "delete_topic", "name": ...},
//     {"kind": "put_group", "name": ..., "owner": ..., "tier": ..., "description": ...},
//     {"kind": "delete_group", "name": ...},
//     {"kind": "put_grant", "resource": "topic", "name": ..., "is_prefix": false,
//      "principal": "service:billing", "actions": ["consume"], "expires_at_us": 1800000000000000},
//     {"kind": "revoke_grant", "resource": "topic", "name": ..., "is_prefix": false,
//      "principal": "service:billing"},
//     {"kind": "set_owner", "resource": "topic", "name": ..., "team": "orders"},
//     {"kind": "set_quota", "team": ..., "topics": 10, "partitions": 100, ...},
//     {"kind": "put_team", "name": ..., "description": ..., "oncall_route": ...,
//      "members": [{"person": "ann", "role": "lead"}]},
//     {"kind": "delete_team", "name": ...}]}
//
// "resource" is "topic" or "group". What has no value is missing or null; settings of topics may be
// whole numbers, too.

inline constexpr std::size_t kBundleBytesMax = std::size_t{4} << 20;

/// How much of a text is read.
struct BundleLimits {
  std::size_t bytes_max = kBundleBytesMax;
  std::size_t changes_max = kBundleChangesMax;
};

/// Without fields that have no value. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string BundleToText(const Bundle& bundle);
/// One change of it, as an element of "changes".
[[nodiscard]] std::string ChangeToText(const Change& change);

/// Back. kInvalidRequest names every fault, or the first of very many: not JSON, too large, too
/// deep, an unknown field or kind with the nearest one there is, a value of another type, a name
/// that is missing. Whether what it says may be is for Decide().
Result<Bundle> BundleFromText(std::string_view text, const BundleLimits& limits = {});

}  // namespace lanemq::core
