#include "client/cli/text/reset_plan.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

std::optional<std::int64_t> LagOf(std::optional<std::int64_t> offset, std::int64_t log_end) {
  if (!offset) return std::nullopt;
  return std::max<std::int64_t>(log_end - *offset, 0);
}

std::int64_t AddWithinRange(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

/// Before it is moved into the log. nullopt: `note` says why there is none.
std::optional<std::int64_t> Wanted(const ResetTarget& target, const PartitionFacts& facts,
                                   std::string& note) {
  switch (target.kind) {
    case ResetTarget::Kind::kEarliest:
      return facts.log_start;
    case ResetTarget::Kind::kLatest:
      return facts.log_end;
    case ResetTarget::Kind::kCurrent:
      if (!facts.committed) note = "nothing committed, so to the log end";
      return facts.committed.value_or(facts.log_end);
    case ResetTarget::Kind::kOffset:
      return target.value;
    case ResetTarget::Kind::kShift:
      if (!facts.committed) {
        note = "nothing committed to shift from";
        return std::nullopt;
      }
      return AddWithinRange(*facts.committed, target.value);
    case ResetTarget::Kind::kFound:
      if (!facts.found) note = "no offset for it there";
      return facts.found;
  }
  return std::nullopt;
}

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && number >= 0;
}

struct Columns {
  std::size_t topic = 0;
  std::size_t partition = 1;
  std::size_t offset = 2;
};

/// nullopt: the line does not name columns.
std::optional<Columns> ParseHeading(const std::vector<std::string_view>& fields) {
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(fields, name) - fields.begin());
  };
  Columns columns{column("topic"), column("partition"), column("new_offset")};
  if (columns.offset == fields.size()) columns.offset = column("offset");
  if (std::max({columns.topic, columns.partition, columns.offset}) >= fields.size()) {
    return std::nullopt;
  }
  return columns;
}

}  // namespace

PlannedReset PlanReset(const ResetTarget& target, const PartitionFacts& facts) {
  PlannedReset plan;
  plan.name = facts.name;
  plan.old_offset = facts.committed;
  plan.old_lag = LagOf(facts.committed, facts.log_end);
  const auto wanted = Wanted(target, facts, plan.note);
  if (!wanted) return plan;
  plan.new_offset = std::clamp(*wanted, facts.log_start, std::max(facts.log_start, facts.log_end));
  if (*wanted < *plan.new_offset) plan.note = fmt::format("log starts after {}", *wanted);
  if (*wanted > *plan.new_offset) plan.note = fmt::format("log ends before {}", *wanted);
  plan.new_lag = LagOf(plan.new_offset, facts.log_end);
  return plan;
}

Result<std::map<PartitionName, std::int64_t>> ParseResetFile(std::string_view text) {
  std::map<PartitionName, std::int64_t> offsets;
  Columns columns;
  bool is_first = true;
  std::size_t number = 0;
  for (std::string_view line : SplitAt(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = SplitAt(line, ',');
    if (std::exchange(is_first, false)) {
      if (const auto heading = ParseHeading(fields)) {
        columns = *heading;
        continue;
      }
    }
    const auto bad = [&](std::string_view why) {
      return Error{ErrorCode::kInvalidRequest, fmt::format("line {}: {}", number, why)};
    };
    if (std::max({columns.topic, columns.partition, columns.offset}) >= fields.size()) {
      return bad("expected topic,partition,offset");
    }
    // A plan's partition that was to stay as it is has no new offset.
    if (fields[columns.offset].empty()) continue;
    PartitionName name{fields[columns.topic], 0};
    std::int64_t offset = 0;
    if (name.first.empty()) return bad("the topic is empty");
    if (!ParseNumber(fields[columns.partition], name.second)) return bad("not a partition number");
    if (!ParseNumber(fields[columns.offset], offset)) return bad("not an offset");
    if (!offsets.emplace(name, offset).second) {
      return bad(fmt::format("{}/{} is there twice", name.first, name.second));
    }
  }
  return offsets;
}

}  // namespace lanemq::cli
