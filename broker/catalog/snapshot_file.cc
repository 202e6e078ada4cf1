#include "broker/catalog/snapshot_file.h"

#include <string_view>

#include "broker/catalog/thrift_file.h"
#include "common/rpc/wire/catalog.h"
#include "lanemq_types.h"

namespace lanemq::broker {
namespace {

constexpr std::string_view kMagic = "LMQCAT1\n";

}  // namespace

Status SaveCatalog(const std::filesystem::path& path, const core::CatalogSnapshot& snapshot) {
  return SaveThrift(path, kMagic, wire::ToWire(snapshot));
}

Result<core::CatalogSnapshot> LoadCatalog(const std::filesystem::path& path) {
  LANEMQ_ASSIGN_OR_RETURN(const auto response, LoadThrift<idl::CatalogResponse>(path, kMagic));
  return wire::FromWire(response);
}

}  // namespace lanemq::broker
