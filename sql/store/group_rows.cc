#include "sql/store/group_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

using core::Generation;
using core::GroupState;
using core::StoredGroup;
using core::StoredMember;
using core::TopicPartition;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::array<std::pair<GroupState, std::string_view>, 3> kStates = {{
    {GroupState::kEmpty, "Empty"},
    {GroupState::kCompletingRebalance, "CompletingRebalance"},
    {GroupState::kStable, "Stable"},
}};

/// Columns of read_group.
enum Column : unsigned {
  kGroupId,
  kState,
  kGeneration,
  kProtocol,
  kLeader,
  kEmptySince,
  kReason,
  kMoved,
  kMemberId,
  kInstanceId,
  kClientId,
  kHost,
  kSessionTimeout,
  kRebalanceTimeout,
  kProtocols,
  kTopics,
  kOwned,
  kOwnedGeneration,
  kAssignment,
};

std::optional<std::string> Dump(const json& value) {
  try {
    return value.dump();
  } catch (const json::exception&) {  // A text that is not UTF-8.
    return std::nullopt;
  }
}

/// A topic's partitions; nullopt unless it is an array of partition numbers.
std::optional<std::vector<std::int32_t>> NumbersFromJson(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::int32_t> numbers;
  numbers.reserve(value.size());
  for (const json& entry : value) {
    if (!entry.is_number_unsigned()) return std::nullopt;
    const auto number = entry.get<std::uint64_t>();
    if (number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    numbers.push_back(static_cast<std::int32_t>(number));
  }
  return numbers;
}

Error Damaged(std::string_view group_id, std::string_view column, std::string_view member_id = {}) {
  const std::string of_member =
      member_id.empty() ? std::string() : fmt::format(", member '{}'", member_id);
  return {ErrorCode::kCorruptMessage,
          fmt::format("stored group '{}'{}: column {} is damaged", group_id, of_member, column)};
}

Error NotUtf8(const StoredGroup& group, const StoredMember& member, std::string_view column) {
  return {ErrorCode::kInvalidRequest,
          fmt::format("group '{}', member '{}': a name in {} is not UTF-8", group.group_id,
                      member.member.member_id, column)};
}

void AppendNumber(std::int64_t number, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",{}", number);
}

void AppendBytes(std::string_view bytes, std::string& out) {
  out.push_back(',');
  AppendQuoted(bytes, out);
}

/// `('group','member',...)` in the order of kMembersHead.
Result<std::string> MemberRow(const StoredGroup& group, const StoredMember& stored) {
  const auto protocols = ToJson(stored.protocols);
  if (!protocols) return NotUtf8(group, stored, "protocols");
  const auto topics = ToJson(stored.member.subscription.topics);
  if (!topics) return NotUtf8(group, stored, "topics");
  const auto owned = ToJson(stored.member.subscription.owned);
  if (!owned) return NotUtf8(group, stored, "owned");
  const auto assignment = ToJson(stored.assignment);
  if (!assignment) return NotUtf8(group, stored, "assignment");
  std::string row = "(";
  AppendQuoted(group.group_id, row);
  AppendBytes(stored.member.member_id, row);
  AppendBytes(stored.member.instance_id, row);
  AppendBytes(stored.client_id, row);
  AppendBytes(stored.host, row);
  AppendNumber(stored.session_timeout.count(), row);
  AppendNumber(stored.rebalance_timeout.count(), row);
  AppendBytes(*protocols, row);
  AppendBytes(*topics, row);
  AppendBytes(*owned, row);
  AppendNumber(stored.member.subscription.owned_generation.value, row);
  AppendBytes(*assignment, row);
  row.push_back(')');
  return row;
}

constexpr std::string_view kMembersHead =
    "INSERT INTO group_members (group_id,member_id,instance_id,client_id,host,session_timeout_ms,"
    "rebalance_timeout_ms,protocols,topics,owned,owned_generation,assignment) VALUES ";
constexpr std::string_view kMembersTail =
    " ON DUPLICATE KEY UPDATE instance_id=VALUES(instance_id),client_id=VALUES(client_id),"
    "host=VALUES(host),session_timeout_ms=VALUES(session_timeout_ms),"
    "rebalance_timeout_ms=VALUES(rebalance_timeout_ms),protocols=VALUES(protocols),"
    "topics=VALUES(topics),owned=VALUES(owned),owned_generation=VALUES(owned_generation),"
    "assignment=VALUES(assignment)";

}  // namespace

Result<std::string_view> ToSql(GroupState state) {
  for (const auto& [known, name] : kStates) {
    if (known == state) return name;
  }
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("groups are not stored in state {}", static_cast<int>(state))};
}

std::optional<GroupState> StateFromSql(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(kStates.size())) return std::nullopt;
  return kStates[static_cast<std::size_t>(number - 1)].first;
}

std::optional<std::string> ToJson(std::span<const std::string> texts) {
  json array = json::array();
  for (const std::string& text : texts) array.push_back(text);
  return Dump(array);
}

std::optional<std::string> ToJson(std::span<const TopicPartition> partitions) {
  std::map<std::string_view, std::vector<std::int32_t>> by_topic;
  for (const TopicPartition& partition : partitions) {
    by_topic[partition.topic].push_back(partition.partition);
  }
  json object = json::object();
  for (auto& [topic, numbers] : by_topic) {
    std::sort(numbers.begin(), numbers.end());
    object.emplace(std::string(topic), std::move(numbers));
  }
  return Dump(object);
}

std::optional<std::vector<std::string>> TextsFromJson(std::string_view text) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) return std::nullopt;  // Also what is no JSON at all.
  std::vector<std::string> texts;
  texts.reserve(parsed.size());
  for (json& entry : parsed) {
    if (!entry.is_string()) return std::nullopt;
    texts.push_back(std::move(entry.get_ref<std::string&>()));
  }
  return texts;
}

std::optional<std::vector<TopicPartition>> PartitionsFromJson(std::string_view text) {
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  std::vector<TopicPartition> partitions;
  for (const auto& [topic, value] : parsed.items()) {
    const auto numbers = NumbersFromJson(value);
    if (!numbers) return std::nullopt;
    for (const std::int32_t number : *numbers) partitions.push_back({topic, number});
  }
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

Result<std::vector<std::string>> SaveMembersTexts(const StoredGroup& group, std::size_t bytes_max) {
  std::vector<std::string> texts;
  bool is_open = false;
  for (const StoredMember& member : group.members) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string row, MemberRow(group, member));
    if (is_open && texts.back().size() + row.size() > bytes_max) {
      texts.back() += kMembersTail;
      is_open = false;
    }
    if (is_open) {
      texts.back() += ',';
    } else {
      texts.emplace_back(kMembersHead);
    }
    texts.back() += row;
    is_open = true;
  }
  if (is_open) texts.back() += kMembersTail;
  return texts;
}

std::string DeleteMembersText(std::string_view group_id, std::span<const std::string> member_ids) {
  // The index is forced: a scan would wait for rows that writers of other groups have locked.
  std::string text = "DELETE m FROM group_members AS m FORCE INDEX (PRIMARY) WHERE m.group_id=";
  AppendQuoted(group_id, text);
  text += " AND m.member_id IN (";
  for (const std::string& member_id : member_ids) {
    AppendQuoted(member_id, text);
    text.push_back(',');
  }
  text.back() = ')';
  return text;
}

bool GroupReader::Add(const Row& row) {
  if (groups_.empty() || groups_.back().group_id != row.String(kGroupId)) damage_ = AddGroup(row);
  if (damage_.ok() && !row.IsNull(kMemberId)) damage_ = AddMember(row);
  return damage_.ok();
}

Result<std::vector<StoredGroup>> GroupReader::Take() {
  if (!damage_.ok()) return damage_.error();
  return std::exchange(groups_, {});
}

Status GroupReader::AddGroup(const Row& row) {
  StoredGroup group;
  group.group_id = row.String(kGroupId);
  const auto state = StateFromSql(row.Int64(kState));
  if (!state) return Damaged(group.group_id, "state");
  group.state = *state;
  group.generation = Generation{row.Int64(kGeneration)};
  group.protocol = row.String(kProtocol);
  group.leader = row.String(kLeader);
  if (!row.IsNull(kEmptySince)) group.empty_since = WallTime{row.Int64(kEmptySince)};
  group.reason = row.String(kReason);
  if (!row.IsNull(kMoved)) group.moved = row.Int64(kMoved);
  groups_.push_back(std::move(group));
  return {};
}

Status GroupReader::AddMember(const Row& row) {
  StoredGroup& group = groups_.back();
  StoredMember stored;
  stored.member.member_id = row.String(kMemberId);
  stored.member.instance_id = row.String(kInstanceId);
  stored.client_id = row.String(kClientId);
  stored.host = row.String(kHost);
  stored.session_timeout = milliseconds{row.Int64(kSessionTimeout)};
  stored.rebalance_timeout = milliseconds{row.Int64(kRebalanceTimeout)};
  stored.member.subscription.owned_generation = Generation{row.Int64(kOwnedGeneration)};
  auto protocols = TextsFromJson(row.String(kProtocols));
  if (!protocols) return Damaged(group.group_id, "protocols", stored.member.member_id);
  stored.protocols = *std::move(protocols);
  auto topics = TextsFromJson(row.String(kTopics));
  if (!topics) return Damaged(group.group_id, "topics", stored.member.member_id);
  stored.member.subscription.topics = *std::move(topics);
  auto owned = PartitionsFromJson(row.String(kOwned));
  if (!owned) return Damaged(group.group_id, "owned", stored.member.member_id);
  stored.member.subscription.owned = *std::move(owned);
  auto assignment = PartitionsFromJson(row.String(kAssignment));
  if (!assignment) return Damaged(group.group_id, "assignment", stored.member.member_id);
  stored.assignment = *std::move(assignment);
  group.members.push_back(std::move(stored));
  return {};
}

}  // namespace lanemq::sql
