#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::broker {

/// Writes `body` to `path`, readable by this user alone, so that a later reader sees the old or the
/// new content in whole: a temporary file, fsync, rename, fsync of the folder. `magic`, 8 bytes,
/// says what the file is. kUnknownServerError with the reason when it cannot be written.
Status SaveChecked(const std::filesystem::path& path, std::string_view magic,
                   std::string_view body);

/// The body that SaveChecked() wrote. kNotFound when there is no such file; kCorruptMessage when it
/// is another one or its checksum is wrong.
Result<std::string> LoadChecked(const std::filesystem::path& path, std::string_view magic);

}  // namespace lanemq::broker
