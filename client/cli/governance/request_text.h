#pragma once

#include <governance_types.h>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "common/core/policy/changes.h"

/// How requests for changes look: pure, from what was asked. Control characters are made visible.
namespace lanemq::cli {

/// A line for each change: what is made with `+`, changed with `~`, removed with `-`.
[[nodiscard]] std::vector<std::string> BundleLines(const core::Bundle& bundle);

/// A row for each request.
[[nodiscard]] Table RequestsTable(const std::vector<idl::ChangeRequest>& requests);

/// All of a request, what it waits for, and what can be done about it, for people.
[[nodiscard]] std::string RequestText(const idl::ChangeRequest& request);
/// The same as one JSON object, on one line.
[[nodiscard]] std::string RequestJson(const idl::ChangeRequest& request);

}  // namespace lanemq::cli
