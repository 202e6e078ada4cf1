#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ServerInfo> ServerInfo(Services& services, const idl::ServerInfoRequest&) {
  const auto snapshot = services.cache.Current();
  idl::ServerInfo out;
  out.role = "metaserver";
  out.version = services.version;
  out.__set_cluster_id(snapshot->cluster_id);
  out.now_us = services.clock.WallNow().micros;
  out.metadata_version = snapshot->version;
  out.__set_is_draining(services.is_draining);
  return out;
}

}  // namespace lanemq::metaserver
