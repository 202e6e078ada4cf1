#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "common/core/store/offset_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// Where committed offsets are. Both are called from several threads at once.
struct OffsetNodes {
  /// The data nodes that are not disabled; an error when that is not known at the moment.
  std::function<Result<std::vector<core::DataNode>>()> list;
  /// The offsets on one of them.
  std::function<std::unique_ptr<core::OffsetStore>(core::NodeId)> on;
};

}  // namespace lanemq::metaserver
