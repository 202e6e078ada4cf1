#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/access_store.h"

namespace lanemq::metaserver {

/// The service that the first token is of.
inline constexpr const char* kSetUpService = "setup";

/// Whether nobody can administer the cluster: there is no person who is admin, and no service of
/// kind admin but perhaps kSetUpService, which has no token.
[[nodiscard]] bool NeedsSetUp(const core::AccessRecords& records);

/// Makes kSetUpService, of kind admin, and a token of it, which is written to `path` before it
/// counts: nobody else can read the file. A crash between the steps is made good by the next call.
/// kInvalidConfig: the file cannot be written. Otherwise the errors of AccessStore.
Status SetUp(core::AccessStore& store, const std::string& path, Deadline deadline);

}  // namespace lanemq::metaserver
