#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lanemq::sql {

/// A right that an account has: in every schema ("*"), or in those that a pattern of LIKE names.
struct AccountRight {
  std::string schemas;
  std::string right;  ///< As information_schema has it: "SELECT", "LOCK TABLES".
};

/// Who signs in with the account that is looked at.
enum class AccountOf {
  kMetaserver,  ///< The metaservers' own; brokers have another one.
  kAllServers,  ///< Kept in the catalogue, and so every server's.
};

/// What the account needs on a data node and has not: "CREATE on lanemq_node and lanemq_00", in the
/// order in which a DBA would write them. Empty: nothing is missing.
///
/// Generous where MySQL is particular: the rights of all patterns that fit a schema are taken
/// together. `schemas` is 1 to 10.
[[nodiscard]] std::vector<std::string> MissingRights(std::span<const AccountRight> rights,
                                                     std::string_view prefix, int schemas,
                                                     AccountOf account);

}  // namespace lanemq::sql
