#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/store/governance_store.h"
#include "sql/driver/connection.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

// What is known of topics and groups beside catalogue and book, as rows of the metadata schema.
// Errors are the driver's. What changes any of it tells the audit log, once for each thing that was
// changed.

using FactsOfTopics = std::map<std::string, core::GovernanceFacts::OfTopic, std::less<>>;
using FactsOfGroups = std::map<std::string, core::GovernanceFacts::OfGroup, std::less<>>;

/// Of those of these names of which something is known.
Result<FactsOfTopics> FindTopicFacts(Connection& connection, std::span<const std::string> names);
Status SaveTopicFacts(AccessChange& change, const FactsOfTopics& facts);
Status SaveGroupFacts(AccessChange& change, const FactsOfGroups& facts);
Status DeleteGroupFacts(AccessChange& change, std::string_view name);
Result<core::GovernanceFacts> ReadFacts(Connection& connection);

}  // namespace lanemq::sql
