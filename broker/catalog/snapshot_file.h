#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::broker {

/// Writes the catalogue to `path`, so that a later reader sees the old or the new one in whole:
/// a temporary file, fsync, rename, fsync of the folder. kUnknownServerError with the reason when
/// the file cannot be written.
Status SaveCatalog(const std::filesystem::path& path, const core::CatalogSnapshot& snapshot);

/// The catalogue that SaveCatalog() wrote. kNotFound when there is none; kCorruptMessage when the
/// checksum or the content is wrong.
Result<core::CatalogSnapshot> LoadCatalog(const std::filesystem::path& path);

}  // namespace lanemq::broker
