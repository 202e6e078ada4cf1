#pragma once

#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/people_tokens.h"

namespace lanemq::idl {
class AccessBookResponse;
class Grant;
class Owner;
class Service;
class Team;
class Token;
}  // namespace lanemq::idl

namespace lanemq::wire {

// Of what people send, kinds, roles, actions and principals that do not exist are kInvalidRequest;
// core/access/access_rules.h checks the rest.
[[nodiscard]] idl::Team ToWire(const core::Team& team);
Result<core::Team> FromWire(const idl::Team& team);
[[nodiscard]] idl::Service ToWire(const core::Service& service);
Result<core::Service> FromWire(const idl::Service& service);
[[nodiscard]] idl::Grant ToWire(const core::Grant& grant);
Result<core::Grant> FromWire(const idl::Grant& grant);
[[nodiscard]] idl::Owner ToWire(const core::Owner& owner);
Result<core::Owner> FromWire(const idl::Owner& owner);
/// Without the hash.
[[nodiscard]] idl::Token ToWire(const core::Token& token);

/// The whole book as servers get it: hashes of tokens, but not who made them, when and why.
[[nodiscard]] idl::AccessBookResponse ToWire(const core::AccessRecords& records);
/// The same back, in the order that AccessRecords has. What a newer metaserver knows and this build
/// does not (a kind, an action) is left out: it allows nothing here.
[[nodiscard]] core::AccessRecords FromWire(const idl::AccessBookResponse& book);

/// The tokens of people alone, for who has the book of the same rights_version.
[[nodiscard]] idl::AccessBookResponse ToWire(const core::PeopleTokens& people);
/// Of a response that has people_tokens_only.
[[nodiscard]] core::PeopleTokens PeopleTokensFromWire(const idl::AccessBookResponse& book);

}  // namespace lanemq::wire
