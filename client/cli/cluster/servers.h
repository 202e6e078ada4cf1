#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/cluster/connect.h"
#include "common/rpc/client.h"

namespace lanemq::cli {

/// A server of the cluster.
struct Server {
  std::string role;  ///< "metaserver", "broker 7".
  rpc::Endpoint endpoint;
};

/// Metaservers, then brokers but dead ones, as the metadata has them; of one address when `only` is
/// not empty.
[[nodiscard]] std::vector<Server> ServersOf(const idl::MetadataResponse& metadata,
                                            const std::string& only = {});

/// Runs `tell`, (Cluster&, const Server&) -> Status, for each server, or for the one of address
/// `only`. The first exit code that is neither kDone nor kPartlyFailed (some have not answered) has
/// been explained: there is nothing to show.
template <typename Tell>
ExitCode ForServers(Session& session, const std::string& only, const Tell& tell) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto metadata = (*cluster)->Metadata();
  if (!metadata.ok()) return session.Fail(metadata.error());
  const auto servers = ServersOf(*metadata, only);
  if (servers.empty()) {
    return session.Fail({ErrorCode::kNotFound, "there is no server '" + only + "'"},
                        "lanemq server list");
  }
  std::size_t failures = 0;
  Error last;
  for (const Server& server : servers) {
    const Status told = tell(**cluster, server);
    if (told.ok()) continue;
    ++failures;
    last = told.error().Wrap(server.endpoint.ToString());
    session.out().Note(last.ToString());
  }
  if (failures == servers.size()) return session.Fail(last);
  return failures == 0 ? ExitCode::kDone : ExitCode::kPartlyFailed;
}

}  // namespace lanemq::cli
