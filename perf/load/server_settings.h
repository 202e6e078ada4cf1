#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "tests/support/database_server.h"

namespace lanemq::perf {

/// Gives the server a buffer pool of so many MiB. The settings that a benchmark's figures depend
/// on, in one line for its reader, line end included.
Result<std::string> SetUpServer(testing::DatabaseServer& server, std::int64_t buffer_pool_mib);

}  // namespace lanemq::perf
