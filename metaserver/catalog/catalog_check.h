#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/group_store.h"
#include "common/core/store/node_admin.h"
#include "metaserver/catalog/catalog_differences.h"
#include "metaserver/catalog/catalog_service.h"

namespace lanemq::metaserver {

/// Compares the catalogue with what data nodes have. Changes nothing.
///
/// Blocking. Thread safety: Run() from any thread.
class CatalogCheck {
 public:
  struct Options {
    std::chrono::milliseconds timeout{20'000};      ///< For all of it.
    std::chrono::milliseconds node_timeout{5'000};  ///< For one data node.
    /// Tables that nobody names, whose rows and age are looked at, of one data node.
    std::size_t looked_at_max = 200;
  };
  struct Request {
    std::vector<std::string> nodes;  ///< Empty: all that are not disabled.
    std::size_t differences_max = 1'000;
  };
  struct Report {
    std::vector<CatalogDifference> differences;  ///< By data node, in the catalogue's order.
    bool is_whole = true;                        ///< False: there are more, or the time was over.
    std::int32_t nodes_checked = 0;
    std::int32_t partitions_checked = 0;
  };

  CatalogCheck(Options options, CatalogService& catalog, core::GroupStore& groups,
               core::NodeAdmin& nodes, const Clock& clock)
      : options_(options), catalog_(catalog), groups_(groups), nodes_(nodes), clock_(clock) {}

  /// A data node that does not answer is a difference, too. Errors: kNotFound: a name of the
  /// request; those of the catalogue's and the groups' store.
  Result<Report> Run(const Request& request);

 private:
  struct Looked {
    core::DataNode node;
    Result<core::NodeInventory> inventory;
  };

  Result<CatalogFacts> ReadFacts(Deadline deadline);
  Result<std::vector<core::DataNode>> Chosen(const CatalogFacts& facts, const Request& request);
  void FindOutAges(const core::DataNode& node, Deadline deadline,
                   std::vector<CatalogDifference>& differences);

  const Options options_;
  CatalogService& catalog_;
  core::GroupStore& groups_;
  core::NodeAdmin& nodes_;
  const Clock& clock_;
};

}  // namespace lanemq::metaserver
