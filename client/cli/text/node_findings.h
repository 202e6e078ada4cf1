#pragma once

#include <string>
#include <vector>

#include "lanemq_types.h"

namespace lanemq::cli {

/// From good to bad.
enum class Verdict { kOk, kWarning, kFailure };

/// One line of `lanemq doctor`.
struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string check;
  std::string subject;
  std::string detail;
};

/// Whether the data node can be reached, whether what it acknowledges survives a crash, and what
/// the metaserver warns of. `node` as listed with include_health.
[[nodiscard]] std::vector<Finding> FindingsOf(const idl::DataNode& node);

}  // namespace lanemq::cli
