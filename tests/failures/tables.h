#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "tests/checker/failure_checker.h"
#include "tests/e2e/cluster.h"

namespace lanemq::failures {

/// What the data node's tables say about the group and the topic, read in one transaction.
Result<checker::FailureTables> ReadTables(e2e::Cluster& cluster, const e2e::TestTopic& topic,
                                          const std::string& group);

/// Rows of the topic that wait for their due time.
Result<std::int64_t> CountDelayed(e2e::Cluster& cluster, const e2e::TestTopic& topic);

}  // namespace lanemq::failures
