#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/access/access_types.h"

namespace lanemq::core {

/// All tokens of people, sessions among them, at one version. With the book of `rights_version`,
/// or of any version up to this one between which and it nothing else has changed, it is the book
/// of `version`: what changes with each signing in is a small part of all.
struct PeopleTokens {
  std::int64_t version = 0;
  std::int64_t rights_version = 0;  ///< As AccessRecords has it.
  std::string cluster_id;
  std::vector<Token> tokens;  ///< By id.
};

[[nodiscard]] PeopleTokens PeopleTokensOf(const AccessRecords& records);

/// `records` with these tokens of people, at their version. `records.rights_version` is theirs.
[[nodiscard]] AccessRecords WithPeopleTokens(AccessRecords records, PeopleTokens people);

/// Whether `records` has a token of a person that `people` has not: somebody was signed out.
[[nodiscard]] bool LosesToken(const AccessRecords& records, const PeopleTokens& people);

}  // namespace lanemq::core
