#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/group/group_types.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Groups as rows of consumer_groups and group_members.

/// The name of the ENUM's value. Error: kInvalidRequest for states that are not stored.
Result<std::string_view> ToSql(core::GroupState state);
/// From the ENUM's number; nullopt when it has no such value.
[[nodiscard]] std::optional<core::GroupState> StateFromSql(std::int64_t number);

/// ["a","b"]. nullopt when a text is not UTF-8, which JSON cannot carry.
[[nodiscard]] std::optional<std::string> ToJson(std::span<const std::string> texts);
/// {"topic":[0,1]}, sorted. nullopt when a topic's name is not UTF-8.
[[nodiscard]] std::optional<std::string> ToJson(std::span<const core::TopicPartition> partitions);
/// The reverse; nullopt for everything that ToJson() does not write, but for blanks and order.
[[nodiscard]] std::optional<std::vector<std::string>> TextsFromJson(std::string_view json);
[[nodiscard]] std::optional<std::vector<core::TopicPartition>> PartitionsFromJson(
    std::string_view json);

/// INSERT statements that store every member of the group, new or changed; each about
/// `bytes_max` long, or one member. Error: kInvalidRequest.
Result<std::vector<std::string>> SaveMembersTexts(const core::StoredGroup& group,
                                                  std::size_t bytes_max);
/// The DELETE of these members. Requires at least one.
std::string DeleteMembersText(std::string_view group_id, std::span<const std::string> member_ids);

/// Puts the rows of read_group or read_slot together.
class GroupReader {
 public:
  /// Rows come by group, then member. False after the first damaged one.
  bool Add(const Row& row);
  /// Error: kCorruptMessage, naming group and column.
  Result<std::vector<core::StoredGroup>> Take();

 private:
  Status AddGroup(const Row& row);
  Status AddMember(const Row& row);

  std::vector<core::StoredGroup> groups_;
  Status damage_;
};

}  // namespace lanemq::sql
