#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/apply/faults.h"
#include "common/core/access/quota_text.h"
#include "common/core/policy/changes.h"

/// What files say there should be. Pure.
namespace lanemq::cli {

// A field that is not there is left as it is; of a new object it is empty, or the default. An empty
// text (or null) takes away what there is. Lists, and a topic's settings, are meant as a whole.

struct TopicDocument {
  Place place;
  std::string name;
  std::optional<std::string> owner;
  std::optional<std::string> tier;
  std::optional<std::string> description;
  std::optional<std::int32_t> partitions;  ///< From 1 on.
  std::optional<core::TopicConfig> config;
  std::optional<core::Traffic> traffic;
};

struct GroupDocument {
  Place place;
  std::string name;
  std::optional<std::string> owner;
  std::optional<std::string> tier;
  std::optional<std::string> description;
};

struct GrantDocument {
  Place place;
  core::Grant grant;      ///< Normalized. Its end says something with has_end alone.
  bool says_end = false;  ///< Whether and when it ends was said.
};

struct TeamDocument {
  Place place;
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> oncall_route;
  std::optional<std::vector<core::TeamMember>> members;  ///< By person.
};

struct QuotaDocument {
  Place place;
  std::string team;
  /// In the order of core::kQuotaFields. Outer: whether it was said; inner: whether there is one.
  std::array<std::optional<std::optional<std::int64_t>>, core::kQuotaFields.size()> limits;
};

struct Documents {
  std::vector<TopicDocument> topics;
  std::vector<GroupDocument> groups;
  std::vector<GrantDocument> grants;
  std::vector<TeamDocument> teams;
  std::vector<QuotaDocument> quotas;

  [[nodiscard]] std::size_t size() const {
    return topics.size() + groups.size() + grants.size() + teams.size() + quotas.size();
  }
};

/// "grant topic orders.* to service:billing": what tells an object from others of its kind.
[[nodiscard]] std::string NameOf(const core::Grant& grant);

/// Adds the objects of a file: documents with `kind`, or lists of them under `items`.
void ReadDocuments(std::string_view text, const std::string& file, Documents& documents,
                   Faults& faults);

/// Finds objects that are there twice, in one file or several.
void CheckDuplicates(const Documents& documents, Faults& faults);

}  // namespace lanemq::cli
