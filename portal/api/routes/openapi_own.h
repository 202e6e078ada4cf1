#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lanemq::portal {

// The parts of the API's description that are not in the IDL: what the gateway has of its own.

[[nodiscard]] nlohmann::ordered_json SchemaRef(std::string_view name);
/// The answer of whatever fails.
[[nodiscard]] nlohmann::ordered_json ProblemAnswer();
/// Sessions, and signing in with a provider of identities.
void AddOwnPaths(std::map<std::string, nlohmann::ordered_json>& paths);
void AddOwnSchemas(std::map<std::string, nlohmann::ordered_json>& schemas);
/// Of lists and of changes, by the name under components/parameters.
[[nodiscard]] nlohmann::ordered_json SharedParameters();

}  // namespace lanemq::portal
