#pragma once

#include <string>

#include "common/core/access/access_types.h"

namespace lanemq::metaserver {

struct NewToken {
  core::Token token;  ///< Id and hash alone.
  std::string text;   ///< The whole token: for who is to have it, and for nobody else.
};

/// A token that nobody can guess.
[[nodiscard]] NewToken MakeNewToken();

}  // namespace lanemq::metaserver
