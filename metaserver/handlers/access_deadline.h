#pragma once

#include <chrono>

#include "common/base/clock.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

/// How long a change of who may do what may take; callers wait longer.
[[nodiscard]] inline Deadline ForAccess(const Services& services) {
  return Deadline::After(services.clock, std::chrono::seconds{5});
}

}  // namespace lanemq::metaserver
