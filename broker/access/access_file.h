#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "common/core/access/access_types.h"

namespace lanemq::broker {

/// Writes who may do what to `path`, as SaveCatalog() does. It has hashes of tokens, no token: what
/// it says is not secret, but whoever can change it lets himself in, so that only this user can.
/// `is_whole` false: the metaserver that told it did not know of people and quotas.
Status SaveAccess(const std::filesystem::path& path, const core::AccessRecords& records,
                  bool is_whole);

/// A book on disk.
struct SavedAccess {
  core::AccessRecords records;
  bool is_whole = true;  ///< False also when it was written before there were people.
};

/// What SaveAccess() wrote. kNotFound when there is none; kCorruptMessage when the checksum or the
/// content is wrong.
Result<SavedAccess> LoadAccess(const std::filesystem::path& path);

}  // namespace lanemq::broker
