#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/core/policy/policy_types.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// Which messages must be read in the order in which they were sent.
enum class Ordering : std::uint8_t { kNone, kPerKey, kAll };

/// What somebody expects to send.
struct Traffic {
  std::int64_t messages_per_day = 0;
  std::int64_t message_bytes = 0;  ///< On average: key, headers and body.
  Ordering ordering = Ordering::kNone;
  bool operator==(const Traffic&) const = default;
};

struct CreateTopicChange {
  std::string name;
  std::string owner;  ///< A team; empty: nobody's.
  std::string tier;
  std::string description;
  std::int32_t partitions = 1;
  TopicConfig config;
  std::optional<Traffic> traffic;
  bool operator==(const CreateTopicChange&) const = default;
};

/// nullopt, or not named: stays as it is.
struct AlterTopicChange {
  std::string name;
  std::optional<std::string> tier;
  std::optional<std::string> description;
  TopicConfig set;
  std::vector<std::string> unset;
  std::optional<Traffic> traffic;
  bool operator==(const AlterTopicChange&) const = default;
};

struct AddPartitionsChange {
  std::string name;
  std::int32_t partitions = 0;  ///< The new total.
  bool operator==(const AddPartitionsChange&) const = default;
};

struct DeleteTopicChange {
  std::string name;
  bool operator==(const DeleteTopicChange&) const = default;
};

/// Made, or changed as a whole.
struct PutGroupChange {
  std::string name;
  std::string owner;
  std::string tier;
  std::string description;
  bool operator==(const PutGroupChange&) const = default;
};

struct DeleteGroupChange {
  std::string name;
  bool operator==(const DeleteGroupChange&) const = default;
};

/// Made, or actions and end of the one of the same kind, name, prefix and principal changed.
struct PutGrantChange {
  Grant grant;
  bool operator==(const PutGrantChange&) const = default;
};

/// The one of this kind, name, prefix and principal.
struct RevokeGrantChange {
  ResourceKind kind = ResourceKind::kTopic;
  std::string name;
  bool is_prefix = false;
  Principal principal;
  bool operator==(const RevokeGrantChange&) const = default;
};

struct SetOwnerChange {
  ResourceKind kind = ResourceKind::kTopic;
  std::string name;
  std::string team;  ///< Empty: nobody's.
  bool operator==(const SetOwnerChange&) const = default;
};

/// As a whole.
struct SetQuotaChange {
  std::string team;
  TeamQuota quota;
  bool operator==(const SetQuotaChange&) const = default;
};

/// Made, or changed as a whole.
struct PutTeamChange {
  Team team;
  bool operator==(const PutTeamChange&) const = default;
};

struct DeleteTeamChange {
  std::string name;
  bool operator==(const DeleteTeamChange&) const = default;
};

/// The alternatives are in the order of ChangeKind.
using Change =
    std::variant<CreateTopicChange, AlterTopicChange, AddPartitionsChange, DeleteTopicChange,
                 PutGroupChange, DeleteGroupChange, PutGrantChange, RevokeGrantChange,
                 SetOwnerChange, SetQuotaChange, PutTeamChange, DeleteTeamChange>;
static_assert(std::variant_size_v<Change> == kChangeKindCount);

[[nodiscard]] inline ChangeKind KindOf(const Change& change) {
  return static_cast<ChangeKind>(change.index());
}

/// Changes that are decided on and applied together. Their order means nothing: what is made, is
/// made before it is referred to, and nothing is changed twice.
struct Bundle {
  std::vector<Change> changes;
  bool operator==(const Bundle&) const = default;
};

inline constexpr std::size_t kBundleChangesMax = 5'000;

}  // namespace lanemq::core
