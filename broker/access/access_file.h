#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "common/core/access/access_types.h"

namespace lanemq::broker {

/// Writes who may do what to `path`, as SaveCatalog() does. It has hashes of tokens, no token: what
/// it says is not secret, but whoever can change it lets himself in, so that only this user can.
Status SaveAccess(const std::filesystem::path& path, const core::AccessRecords& records);

/// What SaveAccess() wrote. kNotFound when there is none; kCorruptMessage when the checksum or the
/// content is wrong.
Result<core::AccessRecords> LoadAccess(const std::filesystem::path& path);

}  // namespace lanemq::broker
