#pragma once

#include "common/core/policy/decision.h"
#include "common/core/store/governance_store.h"
#include "governance_types.h"

namespace lanemq::metaserver {

[[nodiscard]] idl::Decision ToWire(const core::Decision& decision);
[[nodiscard]] idl::Cost ToWire(const core::Cost& cost);
/// With its bundle, or as lists have it.
[[nodiscard]] idl::ChangeRequest ToWire(const core::StoredRequest& stored, bool has_bundle);

}  // namespace lanemq::metaserver
