#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tests/checker/facts.h"

namespace lanemq::checker {
namespace {

/// A time, and a value that holds from then on.
struct Step {
  MonotonicTime at;
  std::int64_t value;
};

// Turns steps into their running maximum, by time.
void Accumulate(std::vector<Step>& steps) {
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.at < b.at; });
  std::int64_t highest = -1;
  for (Step& step : steps) step.value = highest = std::max(highest, step.value);
}

// The highest value of a step at or before `at`; -1 when there is none.
std::int64_t HighestAt(const std::vector<Step>& steps, MonotonicTime at) {
  const auto after =
      std::upper_bound(steps.begin(), steps.end(), at,
                       [](MonotonicTime t, const Step& step) { return t < step.at; });
  return after == steps.begin() ? -1 : std::prev(after)->value;
}

/// One group and partition.
struct GroupHistory {
  std::vector<Step> readable;  ///< One beyond what a reader was given, or where it was put.
  std::vector<Step> begun;     ///< Commits, when they began.
  std::vector<Step> acked;     ///< Commits, when they were acknowledged.
  std::set<std::int64_t> values;
};

std::map<std::pair<std::string, std::int32_t>, GroupHistory> ByGroup(const Facts& facts) {
  std::map<std::pair<std::string, std::int32_t>, GroupHistory> groups;
  for (const ReaderEvents& reader : facts.readers) {
    if (reader.group.empty()) continue;
    for (const Session& session : reader.sessions) {
      groups[{reader.group, session.partition}].readable.push_back({session.at, session.start});
    }
    for (const Read& read : reader.reads) {
      groups[{reader.group, read.partition}].readable.push_back({read.at, read.offset + 1});
    }
    for (const Commit& commit : reader.commits) {
      GroupHistory& group = groups[{reader.group, commit.partition}];
      group.begun.push_back({commit.begun, commit.offset});
      group.values.insert(commit.offset);
      if (commit.is_acked) group.acked.push_back({commit.ended, commit.offset});
    }
  }
  for (auto& [key, group] : groups) {
    Accumulate(group.readable);
    Accumulate(group.begun);
    Accumulate(group.acked);
  }
  return groups;
}

}  // namespace

void CheckCommits(const Facts& facts, Violations& violations) {
  const auto groups = ByGroup(facts);
  for (const ReaderEvents& reader : facts.readers) {
    if (reader.group.empty()) continue;
    const auto text = [&](std::int32_t partition, std::string_view what, std::int64_t offset,
                          std::string_view but, std::int64_t other) {
      return fmt::format("group {} partition {}: {} {} ({}), {} {}", reader.group, partition, what,
                         offset, reader.name, but, other);
    };
    for (const Commit& commit : reader.commits) {
      const GroupHistory& group = groups.at({reader.group, commit.partition});
      const std::int64_t most = HighestAt(group.readable, commit.begun);
      if (commit.offset <= most) continue;
      violations.Add(Rule::kCommitAhead, [&] {
        return text(commit.partition, "committed", commit.offset, "readers were at most at", most);
      });
    }
    for (const Observation& seen : reader.observations) {
      const auto found = groups.find({reader.group, seen.partition});
      const GroupHistory& group = found == groups.end() ? GroupHistory{} : found->second;
      const std::int64_t least = HighestAt(group.acked, seen.begun);
      if (seen.offset < least) {
        violations.Add(Rule::kCommitLost, [&] {
          return text(seen.partition, "found", seen.offset, "acknowledged was", least);
        });
      }
      if (seen.offset >= 0 && (!group.values.contains(seen.offset) ||
                               HighestAt(group.begun, seen.ended) < seen.offset)) {
        violations.Add(Rule::kCommitPhantom, [&] {
          return text(seen.partition, "found", seen.offset, "highest commit so far",
                      HighestAt(group.begun, seen.ended));
        });
      }
    }
  }
}

}  // namespace lanemq::checker
