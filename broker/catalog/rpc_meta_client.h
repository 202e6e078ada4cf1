#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/catalog/meta_client.h"
#include "common/rpc/access_client.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"

namespace lanemq::rpc {
class TlsClient;
}

namespace lanemq::broker {

/// Metaservers over Thrift.
class RpcMetaClient final : public MetaClient {
 public:
  /// `tls` null: plain TCP. `token`: asked for the broker's own; may be empty.
  explicit RpcMetaClient(std::shared_ptr<rpc::TlsClient> tls = nullptr,
                         std::function<std::string()> token = {});
  Result<HeartbeatReply> Heartbeat(const core::Endpoint& server, const core::Broker& self,
                                   const KnownCatalog& known, Deadline deadline) override;
  Status Unregister(const core::Endpoint& server, core::BrokerId broker, std::int64_t incarnation,
                    Deadline deadline) override;
  Result<std::optional<core::CatalogSnapshot>> Catalog(const core::Endpoint& server,
                                                       std::int64_t known_version,
                                                       Deadline deadline) override;
  Result<AccessReply> Access(const core::Endpoint& server, const KnownAccess& known,
                             Deadline deadline) override;

 private:
  rpc::RpcClient transport_;
  rpc::ControlPlaneClient client_;
  rpc::AccessClient access_;
};

}  // namespace lanemq::broker
