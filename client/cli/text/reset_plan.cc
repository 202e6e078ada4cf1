#include "client/cli/text/reset_plan.h"

#include <algorithm>
#include <limits>

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

}  // namespace lanemq::cli
