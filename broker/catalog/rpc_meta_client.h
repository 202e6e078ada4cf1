#pragma once

#include "broker/catalog/meta_client.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"

namespace lanemq::broker {

/// Metaservers over Thrift.
class RpcMetaClient final : public MetaClient {
 public:
  RpcMetaClient();
  Result<HeartbeatReply> Heartbeat(const core::Endpoint& server, const core::Broker& self,
                                   const KnownCatalog& known, Deadline deadline) override;
  Status Unregister(const core::Endpoint& server, core::BrokerId broker, std::int64_t incarnation,
                    Deadline deadline) override;
  Result<std::optional<core::CatalogSnapshot>> Catalog(const core::Endpoint& server,
                                                       std::int64_t known_version,
                                                       Deadline deadline) override;

 private:
  rpc::RpcClient transport_;
  rpc::ControlPlaneClient client_;
};

}  // namespace lanemq::broker
