#pragma once

#include <string>

#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// The description of the API, OpenAPI 3.1 in YAML: every route, with the IDL's words.
[[nodiscard]] std::string OpenApiYaml(const Schema& schema);

}  // namespace lanemq::portal
