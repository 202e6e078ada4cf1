#pragma once

#include <cstdint>
#include <string>

namespace lanemq::core {

/// Kinds of principals are in their text: "service:billing", "person:ann", "team:payments".
enum class PrincipalKind : std::uint8_t { kAnonymous, kService, kPerson, kTeam };

/// Who does something, or may.
struct Principal {
  PrincipalKind kind = PrincipalKind::kAnonymous;
  std::string name;
  bool operator==(const Principal&) const = default;
};

/// Who is there, as a connection keeps it. Not a verdict on what he may do.
struct Caller {
  Principal principal;
  std::string token_id;  ///< Empty: a certificate said it, or nobody (authentication is off).
  /// The service of kind gateway that calls for him, as its own token has proved. Empty: he calls
  /// himself.
  std::string gateway = {};
  std::string client_address = {};  ///< With a gateway: where its client is, as it says.
  bool operator==(const Caller&) const = default;
};

}  // namespace lanemq::core
