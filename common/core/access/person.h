#pragma once

#include <optional>
#include <string>

#include "common/base/time.h"
#include "common/core/access/access_types.h"

namespace lanemq::core {

/// A person with what is said of him. Of all this only `person` is in the book.
struct PersonProfile {
  Person person;
  std::string display_name;
  std::string email;
  std::string oidc_subject;  ///< What the provider of identities calls him; empty: a password.
  bool operator==(const PersonProfile&) const = default;
};

/// A person and how he signed in.
struct PersonAccount {
  PersonProfile profile;
  WallTime created_at;
  std::optional<WallTime> last_sign_in_at;
  int failures = 0;  ///< Wrong passwords in a row.
  std::optional<WallTime> last_failed_at;
};

}  // namespace lanemq::core
