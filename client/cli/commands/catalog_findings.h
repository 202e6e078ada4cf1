#pragma once

#include "client/cli/app/session.h"
#include "client/cli/cluster/cluster.h"
#include "client/cli/output/table.h"

namespace lanemq::cli {

/// Asks a metaserver to compare the catalogue with what data nodes have. `node` empty: all of them.
Result<idl::CheckCatalogResponse> CheckCatalogOf(Cluster& cluster, const std::string& node);

/// A row a difference, each with what to do.
[[nodiscard]] Table FindingsTable(const idl::CheckCatalogResponse& reply);

/// `lanemq doctor --catalog`: 0 no difference, 1 differences, 2 something is missing or
/// unreachable.
ExitCode ExamineCatalog(Session& session);

/// Whether acknowledged messages may be gone, or nobody can tell.
[[nodiscard]] bool IsGrave(const idl::CatalogFinding& finding);

}  // namespace lanemq::cli
