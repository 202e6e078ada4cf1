#pragma once

#include "common/core/access/access_types.h"
#include "common/core/policy/policy_world.h"
#include "common/core/store/governance_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// What there is, as decisions see it: topics of the catalogue that are not being deleted, with
/// owners and facts; groups that have an owner or facts, or that grants name exactly; teams,
/// services, grants and quotas of the book. Which topics are in use is not known here: none. Pure;
/// linear in what there is.
[[nodiscard]] core::PolicyWorld BuildWorld(const core::CatalogSnapshot& snapshot,
                                           const core::AccessRecords& records,
                                           const core::GovernanceFacts& facts);

}  // namespace lanemq::metaserver
