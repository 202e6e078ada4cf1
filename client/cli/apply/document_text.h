#pragma once

#include <string>
#include <string_view>

#include "client/cli/output/table.h"
#include "common/core/policy/changes.h"

/// What there is, as text that ReadDocuments() takes back. Pure. Of the bundle's changes those
/// count that make something: create_topic, put_group, put_grant, put_team, set_quota.
namespace lanemq::cli {

/// YAML: a document for each object, `---` between them, fields that have no value left out.
[[nodiscard]] std::string ToYaml(const core::Bundle& bundle);

/// {"items": [...]}, the same objects.
[[nodiscard]] std::string ToJson(const core::Bundle& bundle);

/// Objects of one kind ("topic", "group", "grant", "team", "quota") as rows.
[[nodiscard]] Table ToTable(const core::Bundle& bundle, std::string_view kind);

}  // namespace lanemq::cli
