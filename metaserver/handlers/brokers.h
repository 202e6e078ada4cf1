#pragma once

#include "common/base/result.h"
#include "lanemq_types.h"
#include "metaserver/handlers/context.h"

namespace lanemq::metaserver {

/// Records that a broker lives. While the metadata database is away it is answered all the same,
/// from the cached catalogue: nobody is evicted then. Blocking.
Result<idl::BrokerHeartbeatResponse> HandleBrokerHeartbeat(
    const HandlerContext& context, const idl::BrokerHeartbeatRequest& request);
Result<idl::UnregisterBrokerResponse> HandleUnregisterBroker(
    const HandlerContext& context, const idl::UnregisterBrokerRequest& request);

// These answer from the cache, without waiting.
[[nodiscard]] idl::ListBrokersResponse HandleListBrokers(const HandlerContext& context,
                                                         const idl::ListBrokersRequest& request);
[[nodiscard]] idl::CatalogResponse HandleCatalog(const HandlerContext& context,
                                                 const idl::CatalogRequest& request);
[[nodiscard]] idl::MetadataResponse HandleMetadata(const HandlerContext& context,
                                                   const idl::MetadataRequest& request);
[[nodiscard]] idl::ServerInfo HandleServerInfo(const HandlerContext& context);

}  // namespace lanemq::metaserver
