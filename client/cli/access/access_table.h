#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "common/base/time.h"

/// How who may do what looks: pure, from what was asked.
namespace lanemq::cli {

[[nodiscard]] Table TeamsTable(const std::vector<idl::Team>& teams);
[[nodiscard]] Table ServicesTable(const std::vector<idl::Service>& services);
/// With whether each still counts.
[[nodiscard]] Table TokensTable(const std::vector<idl::Token>& tokens, WallTime now);
[[nodiscard]] Table GrantsTable(const std::vector<idl::Grant>& grants, WallTime now);
[[nodiscard]] Table OwnersTable(const std::vector<idl::Owner>& owners);
/// Newest first, as they came. What was before and after is for AuditJson(). Ids are of the log
/// that keeps the event: a data node's, or the metadata database's.
[[nodiscard]] Table AuditTable(const std::vector<idl::AuditEvent>& events);

/// All of an event as one JSON object, on one line.
[[nodiscard]] std::string AuditJson(const idl::AuditEvent& event);
/// As they came.
[[nodiscard]] Table HygieneTable(const std::vector<idl::HygieneFinding>& findings);
/// A new token as one JSON object, on one line. `file`: where it was written instead of showing it.
[[nodiscard]] std::string IssuedJson(const idl::IssueTokenResponse& issued,
                                     const std::string& file);

/// "topic orders", "topics beginning with 'orders.'", "every topic".
[[nodiscard]] std::string ObjectText(const std::string& kind, const std::string& name,
                                     bool is_prefix);

}  // namespace lanemq::cli
