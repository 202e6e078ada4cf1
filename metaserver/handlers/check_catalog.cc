#include "metaserver/catalog/catalog_check.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int32_t kFindingsMax = 10'000;

idl::CatalogFinding ToWire(const CatalogDifference& difference) {
  idl::CatalogFinding out;
  out.kind = difference.kind;
  out.data_node = difference.node;
  out.object = difference.object;
  out.detail = difference.detail;
  out.advice = difference.advice;
  if (difference.rows) out.__set_rows(*difference.rows);
  if (difference.age) out.__set_age_us(difference.age->count());
  return out;
}

}  // namespace

Result<idl::CheckCatalogResponse> CheckCatalog(Services& services,
                                               const idl::CheckCatalogRequest& request) {
  CatalogCheck::Request wanted;
  if (request.__isset.nodes) wanted.nodes = request.nodes;
  if (request.__isset.max_findings) {
    if (request.max_findings < 1 || request.max_findings > kFindingsMax) {
      return Error{ErrorCode::kInvalidRequest, "max_findings is 1 to 10000"};
    }
    wanted.differences_max = static_cast<std::size_t>(request.max_findings);
  }
  CatalogCheck check({}, services.catalog, services.groups, services.nodes, services.clock);
  LANEMQ_ASSIGN_OR_RETURN(const CatalogCheck::Report report, check.Run(wanted));
  idl::CheckCatalogResponse out;
  for (const CatalogDifference& difference : report.differences) {
    out.findings.push_back(ToWire(difference));
  }
  out.is_whole = report.is_whole;
  out.nodes_checked = report.nodes_checked;
  out.partitions_checked = report.partitions_checked;
  return out;
}

}  // namespace lanemq::metaserver
