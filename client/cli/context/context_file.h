#pragma once

#include <string>
#include <string_view>

#include "client/cli/context/connection_settings.h"
#include "common/base/result.h"

namespace lanemq::cli {

/// Where contexts are kept: contexts.json in $XDG_CONFIG_HOME/lanemq, else in ~/.config/lanemq.
/// Empty where there is no home.
[[nodiscard]] std::string ContextPath();

/// A file that is not there has none. kInvalidConfig, with its name, when it cannot be read or is
/// damaged.
[[nodiscard]] Result<Contexts> LoadContexts(const std::string& path);
/// Replaces the file, and makes its folder. The owner alone may read it.
Status SaveContexts(const std::string& path, const Contexts& contexts);

/// What is in the file. Fields that this version does not know are an error: they may be what keeps
/// a connection safe.
[[nodiscard]] Result<Contexts> ContextsFromJson(std::string_view text);
[[nodiscard]] std::string ToJson(const Contexts& contexts);

}  // namespace lanemq::cli
