#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace lanemq::portal {

/// A JSON document as YAML, in blocks; texts are quoted as in JSON, which YAML reads alike.
[[nodiscard]] std::string ToYaml(const nlohmann::ordered_json& document);

}  // namespace lanemq::portal
