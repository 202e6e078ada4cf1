#include "common/core/policy/policy_check.h"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "common/core/access/access_text.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kListMax = 50;
constexpr std::size_t kTextBytesMax = 100;
constexpr std::int64_t kSegmentsMax = 20;
constexpr std::int64_t kGrantDaysMax = 3'650;
constexpr std::int64_t kRequestDaysMax = 365;

class Checker {
 public:
  [[nodiscard]] Status Take() const {
    if (faults_.empty()) return {};
    return Error{ErrorCode::kInvalidConfig, "policy: " + faults_};
  }

  void Add(std::string_view fault) {
    faults_ += (faults_.empty() ? "" : "; ") + std::string(fault);
  }

  void Number(std::string_view what, std::int64_t number, std::int64_t min, std::int64_t max) {
    if (number >= min && number <= max) return;
    Add(max == kMost ? fmt::format("{} is {}, not {} or more", what, number, min)
                     : fmt::format("{} is {}, not {} to {}", what, number, min, max));
  }
  void Number(std::string_view what, const std::optional<std::int64_t>& number, std::int64_t min,
              std::int64_t max) {
    if (number) Number(what, *number, min, max);
  }
  void Range(std::string_view what, const NumberRange& range, std::int64_t min, std::int64_t max) {
    Number(fmt::format("{}.min", what), range.min, min, max);
    Number(fmt::format("{}.max", what), range.max, min, max);
    if (range.min && range.max && *range.min > *range.max) {
      Add(fmt::format("{}: min {} is more than max {}", what, *range.min, *range.max));
    }
  }
  void List(std::string_view what, const std::vector<std::string>& list) {
    Count(what, list.size());
    for (const std::string& text : list) {
      if (text.empty()) Add(fmt::format("{} has an empty text", what));
      Text(what, text);
    }
  }
  void Count(std::string_view what, std::size_t count) {
    if (count > kListMax)
      Add(fmt::format("{} has {} entries, not {} at most", what, count, kListMax));
  }
  void Text(std::string_view what, std::string_view text) {
    if (text.size() > kTextBytesMax) {
      Add(fmt::format("{} has a text of {} bytes, not {} at most", what, text.size(),
                      kTextBytesMax));
    }
    if (std::any_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; })) {
      Add(fmt::format("{}: {} has characters that are not printable ASCII", what, Quoted(text)));
    }
  }

  void Names(std::string_view what, const NameRule& rule) {
    const auto name = [&](std::string_view field) { return fmt::format("{}.{}", what, field); };
    constexpr std::int64_t kBytesMax = kTopicNameBytesMax;
    Number(name("segments_max"), rule.segments_max, 1, kSegmentsMax);
    Number(name("segments_min"), rule.segments_min, 1,
           std::max<std::int64_t>(rule.segments_max, 1));
    Number(name("segment_bytes_max"), rule.segment_bytes_max, 1, kBytesMax);
    Number(name("segment_bytes_min"), rule.segment_bytes_min, 1,
           std::max<std::int64_t>(rule.segment_bytes_max, 1));
    Number(name("bytes_max"), rule.bytes_max, 1, kBytesMax);
    if (rule.segments_min >= 1 && rule.segments_min <= kSegmentsMax &&
        rule.segment_bytes_min >= 1 && rule.segment_bytes_min <= kBytesMax &&
        rule.segments_min * (rule.segment_bytes_min + 1) - 1 > rule.bytes_max) {
      Add(fmt::format("{} allows no name: its shortest one is longer than bytes_max", what));
    }
    if (rule.punctuation.find_first_not_of("-_") != std::string::npos ||
        rule.punctuation.size() > 2) {
      Add(fmt::format("{} is {}, not '-', '_', both or nothing", name("punctuation"),
                      Quoted(rule.punctuation)));
    }
    List(name("prefixes"), rule.prefixes);
    if (rule.begins_with_owner && !rule.prefixes.empty()) {
      Add(fmt::format("{} has prefixes and begins_with_owner: one of them", what));
    }
  }

  void Approvals(const ApprovalRules& rules) {
    for (const auto& [kind, rule] : rules) {
      const std::string what = fmt::format("approvals.{}", ToString(kind));
      Number(what + ".partitions_max", rule.partitions_max, 0, kMost);
      Number(what + ".messages_per_day_max", rule.messages_per_day_max, 0, kMost);
      Number(what + ".stored_bytes_max", rule.stored_bytes_max, 0, kMost);
      List(what + ".tiers", rule.tiers);
      Count(what + ".actions", rule.actions.size());
      Count(what + ".approvers", rule.approvers.size());
      for (const Approver& approver : rule.approvers) {
        if (approver.kind != Approver::Kind::kTeamLeads) continue;
        if (approver.team.empty()) Add(what + ".approvers has a team without a name");
        Text(what + ".approvers", approver.team);
      }
    }
  }

 private:
  std::string faults_;
};

}  // namespace

Status CheckPolicy(const Policy& policy) {
  Checker checker;
  checker.Text("environment", policy.environment);
  if (policy.topic_names) checker.Names("topic_names", *policy.topic_names);
  if (policy.group_names) checker.Names("group_names", *policy.group_names);
  checker.List("reserved_suffixes", policy.reserved_suffixes);
  checker.Range("partitions", policy.partitions, 1, kPartitionsPerTopicMax);
  checker.Range("retention_ms", policy.retention_ms, 1, kMost);
  checker.Number("message_bytes_max", policy.message_bytes_max, 1,
                 static_cast<std::int64_t>(kMessageBytesHardMax));
  checker.List("tiers", policy.tiers);
  checker.Number("grant_days_max", policy.grant_days_max, 1, kGrantDaysMax);
  checker.Number("sizing.messages_per_partition_and_day",
                 policy.sizing.messages_per_partition_and_day, 1, kMost);
  checker.Number("sizing.partitions", policy.sizing.partitions, policy.partitions.min.value_or(1),
                 policy.partitions.max.value_or(kPartitionsPerTopicMax));
  checker.Number("request_days_max", policy.request_days_max, 1, kRequestDaysMax);
  checker.Approvals(policy.approvals);
  return checker.Take();
}

}  // namespace lanemq::core
