#include "common/core/catalog/topic_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "common/core/types/edit_distance.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kWeekMs = 7LL * 24 * 60 * 60 * 1'000;
constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kSchemaPrefixBytesMax = 48;

// In the order of core::UnreadPolicy.
constexpr std::array<std::string_view, 3> kUnreadChoices = {"block", "warn", "allow"};

constexpr std::array<TopicConfigKey, 4> kKeys = {{
    {kMaxMessageBytes, 1, static_cast<std::int64_t>(kMessageBytesHardMax), false, 1 << 20,
     "largest message body"},
    {kRetentionBytes, 1, kNoLimit, true, -1, "bytes a partition keeps"},
    {kRetentionMs, 1, kNoLimit, true, kWeekMs, "how long messages are kept"},
    {kRetentionUnread, 0, 2, false, 1, "what retention does to messages that a group has not read",
     kUnreadChoices},
}};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, 300)) quoted += (c >= ' ' && c <= '~') ? c : '?';
  return quoted + "'";
}

const TopicConfigKey* FindKey(std::string_view name) {
  const auto* found = std::find_if(kKeys.begin(), kKeys.end(),
                                   [&](const TopicConfigKey& key) { return key.name == name; });
  return found == kKeys.end() ? nullptr : found;
}

Error Invalid(std::string message) { return {ErrorCode::kInvalidConfig, std::move(message)}; }

std::optional<std::int64_t> ToNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The place of `value` among the choices.
std::optional<std::int64_t> ToChoice(const TopicConfigKey& key, std::string_view value) {
  const auto found = std::find(key.choices.begin(), key.choices.end(), value);
  if (found == key.choices.end()) return std::nullopt;
  return found - key.choices.begin();
}

Status CheckValue(const TopicConfigKey& key, std::string_view value) {
  if (!key.choices.empty()) {
    if (ToChoice(key, value)) return {};
    std::string names;
    for (const std::string_view choice : key.choices) {
      names += (names.empty() ? "" : ", ") + std::string(choice);
    }
    return Invalid(std::string(key.name) + ": " + Quoted(value) + " is not one of " + names);
  }
  const std::optional<std::int64_t> number = ToNumber(value);
  if (!number) {
    return Invalid(std::string(key.name) + ": " + Quoted(value) + " is not a whole number");
  }
  if (key.may_be_unlimited && *number == -1) return {};
  if (*number < key.min || *number > key.max) {
    const std::string upper = key.max == kNoLimit ? " or more" : " to " + std::to_string(key.max);
    return Invalid(std::string(key.name) + ": " + Quoted(value) + " is not " +
                   std::to_string(key.min) + upper +
                   (key.may_be_unlimited ? ", nor -1 (without limit)" : ""));
  }
  return {};
}

}  // namespace

std::span<const TopicConfigKey> TopicConfigKeys() { return kKeys; }

std::int64_t TopicConfigValue(const TopicConfig& config, std::string_view name) {
  const TopicConfigKey* key = FindKey(name);
  LANEMQ_CHECK(key != nullptr);
  const auto found = config.find(std::string(name));
  if (found == config.end()) return key->fallback;
  const auto value = key->choices.empty() ? ToNumber(found->second) : ToChoice(*key, found->second);
  return value.value_or(key->fallback);
}

Status CheckTopicName(std::string_view name) {
  const auto refuse = [&](std::string why) -> Status {
    return Error{ErrorCode::kInvalidTopic, "topic name " + Quoted(name) + " " + std::move(why)};
  };
  if (name.empty()) return refuse("is empty");
  if (name.size() > kTopicNameBytesMax) {
    return refuse("has " + std::to_string(name.size()) + " bytes, at most 249 are allowed");
  }
  if (name == "." || name == "..") return refuse("is not allowed");
  if (!std::all_of(name.begin(), name.end(), IsNameByte)) {
    return refuse("has characters other than a-z A-Z 0-9 . _ -");
  }
  return {};
}

Status CheckPartitionCount(std::int32_t partitions) {
  if (partitions >= 1 && partitions <= kPartitionsPerTopicMax) return {};
  return Error{ErrorCode::kInvalidPartitions, std::to_string(partitions) +
                                                  " partitions: a topic has 1 to " +
                                                  std::to_string(kPartitionsPerTopicMax)};
}

Status CheckTopicConfigName(std::string_view name) {
  if (FindKey(name) != nullptr) return {};
  const auto* nearest =
      std::min_element(kKeys.begin(), kKeys.end(), [&](const auto& a, const auto& b) {
        return EditDistance(name.substr(0, 64), a.name) < EditDistance(name.substr(0, 64), b.name);
      });
  return Invalid("there is no setting " + Quoted(name) + "; did you mean " +
                 std::string(nearest->name) + "?");
}

Status CheckTopicConfig(const TopicConfig& config) {
  for (const auto& [name, value] : config) {
    LANEMQ_RETURN_IF_ERROR(CheckTopicConfigName(name));
    LANEMQ_RETURN_IF_ERROR(CheckValue(*FindKey(name), value));
  }
  return {};
}

Status CheckTopicDescription(std::string_view description) {
  if (description.size() <= kTopicDescriptionBytesMax) return {};
  return Error{ErrorCode::kInvalidRequest,
               "the description has " + std::to_string(description.size()) + " bytes, at most " +
                   std::to_string(kTopicDescriptionBytesMax) + " are allowed"};
}

Status CheckNodeName(std::string_view name) {
  if (!name.empty() && name.size() <= kNodeNameBytesMax &&
      std::all_of(name.begin(), name.end(), IsNameByte)) {
    return {};
  }
  return Error{ErrorCode::kInvalidRequest,
               "node name " + Quoted(name) + " is not 1 to 64 of a-z A-Z 0-9 . _ -"};
}

Status CheckDataNode(const DataNode& node) {
  LANEMQ_RETURN_IF_ERROR(CheckNodeName(node.name));
  const auto refuse = [](std::string why) -> Status {
    return Error{ErrorCode::kInvalidRequest, std::move(why)};
  };
  const bool is_host = !node.host.empty() && node.host.size() <= kHostBytesMax &&
                       std::all_of(node.host.begin(), node.host.end(),
                                   [](char c) { return IsNameByte(c) || c == ':' || c == '%'; });
  if (!is_host) return refuse("host " + Quoted(node.host) + " is not a host name or address");
  if (node.port < 1 || node.port > 65'535) {
    return refuse("port " + std::to_string(node.port) + " is not 1 to 65535");
  }
  const bool is_prefix =
      !node.schema_prefix.empty() && node.schema_prefix.size() <= kSchemaPrefixBytesMax &&
      std::all_of(node.schema_prefix.begin(), node.schema_prefix.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!is_prefix) {
    return refuse("schema prefix " + Quoted(node.schema_prefix) + " is not 1 to 48 of a-z 0-9 _");
  }
  if (node.schemas_max < 1 || node.schemas_max > kSchemasPerNodeMax) {
    return refuse(std::to_string(node.schemas_max) + " schemas: a node has 1 to 10");
  }
  if (node.tables_per_schema_max < 1 || node.tables_per_schema_max > kTablesPerSchemaMax) {
    return refuse(std::to_string(node.tables_per_schema_max) + " tables a schema: 1 to 99");
  }
  return {};
}

}  // namespace lanemq::core
