#include "common/rpc/wire/catalog.h"

#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::CatalogResponse> Catalog(Services& services, const idl::CatalogRequest& request) {
  const auto snapshot = services.cache.Current();
  if (!request.__isset.known_version || request.known_version != snapshot->version) {
    return wire::ToWire(*snapshot);
  }
  idl::CatalogResponse out;
  out.version = snapshot->version;
  out.is_unchanged = true;
  out.__set_cluster_id(snapshot->cluster_id);
  return out;
}

}  // namespace lanemq::metaserver
