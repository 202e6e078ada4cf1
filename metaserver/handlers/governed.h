#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/core/policy/changes.h"
#include "common/core/types/audit.h"
#include "metaserver/governance/governance.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

/// kMetadataUnavailable while the server starts.
Result<Governance*> GovernanceOf(Services& services);

/// Who asks: the actor of the note, which the server itself has found.
[[nodiscard]] core::Principal CallerOf(const core::AuditNote& note);

/// Whether the caller may make this change of a topic by a direct call: see
/// Governor::CheckDirect(). Nobody is asked where the guard asks nobody, and what there is no topic
/// for is the catalogue's to refuse.
Status CheckDirect(Services& services, const core::AuditNote& note, const core::Change& change);

/// Whose a topic will be that the caller makes: of its owner's row, else of the only team that he
/// is in; empty: nobody's.
[[nodiscard]] std::string OwnerToBe(Services& services, const core::AuditNote& note,
                                    const std::string& topic);

/// The topic of this name in the newest catalogue that this server knows; nullptr: none.
[[nodiscard]] const core::Topic* FindTopic(const core::CatalogSnapshot& snapshot,
                                           const std::string& name);
/// The same, and it stays. Of a deleted one the catalogue is read anew: it may be back since, or
/// gone, and is decided on as any other then. Blocks.
[[nodiscard]] std::shared_ptr<const core::Topic> FindTopicNow(Services& services,
                                                              const std::string& name);

}  // namespace lanemq::metaserver
