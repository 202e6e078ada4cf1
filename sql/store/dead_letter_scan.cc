#include "sql/store/dead_letter_scan.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

constexpr std::size_t kIdsMax = 1'000;
constexpr std::int64_t kRowsPerStatement = 1'000;
/// 9999-01-01, about the last time that a column takes.
constexpr std::int64_t kMicrosMax = 253'370'764'800'000'000;

/// What scans say of a letter that another data node has, and counts.
bool IsCopy(const Row& row) { return row.Int64(6) != 0; }

LetterHead ToHead(const Row& row) {
  LetterHead head;
  head.place = {{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
                core::Offset{row.Int64(2)}};
  head.dead_at = WallTime{row.Int64(3)};
  head.reason = row.String(4);
  if (!row.IsNull(5)) head.key = row.String(5);
  return head;
}

bool Matches(const LetterQuery& query, const LetterHead& head) {
  const core::DeadLetterFilter& filter = query.filter;
  return (!filter.partition || head.place.key == *filter.partition) &&
         (!filter.topic || head.place.key.topic == *filter.topic) &&
         (!filter.reason || head.reason == *filter.reason) &&
         (!filter.key || head.key == filter.key) &&
         (!filter.from || head.dead_at >= *filter.from) &&
         (!filter.until || head.dead_at < *filter.until) &&
         (!query.dead_until || head.dead_at <= *query.dead_until);
}

/// Adds `head` if it matches; false when the scan has enough without it.
bool Take(const LetterQuery& query, std::size_t max, LetterHead head, LetterScan& scan) {
  if (!Matches(query, head)) return true;
  if (scan.heads.size() == max) {
    scan.next = scan.heads.back().place;
    return false;
  }
  scan.heads.push_back(std::move(head));
  return true;
}

/// The place before the first that the filter's topic or partition allows.
LetterPlace StartOf(const core::DeadLetterFilter& filter, const std::optional<LetterPlace>& after) {
  LetterPlace start;
  if (filter.topic) start.key.topic = *filter.topic;
  if (filter.partition) start = std::max(start, LetterPlace{*filter.partition, core::Offset{0}});
  return after ? std::max(start, *after) : start;
}

bool IsBeyond(const core::DeadLetterFilter& filter, const LetterPlace& place) {
  return (filter.topic && place.key.topic > *filter.topic) ||
         (filter.partition && place.key > *filter.partition);
}

/// The three ranges of the primary key behind a place, in order.
enum class Range { kPartition, kTopic, kGroup, kNone };

Range After(Range range, const core::DeadLetterFilter& filter) {
  if (range == Range::kPartition && !filter.partition) return Range::kTopic;
  if (range == Range::kTopic && !filter.topic) return Range::kGroup;
  return Range::kNone;
}

Status QueryRange(Connection& connection, std::string_view group, Range range,
                  const LetterPlace& at, std::int64_t limit, const RowVisitor& visit) {
  const std::int64_t topic = at.key.topic.value;
  const std::int64_t partition = at.key.partition;
  switch (range) {
    case Range::kPartition:
      return connection.Query(statements::kScanDeadLettersOfPartition,
                              {group, topic, partition, at.offset.value, limit}, visit);
    case Range::kTopic:
      return connection.Query(statements::kScanDeadLettersOfTopic, {group, topic, partition, limit},
                              visit);
    default:
      return connection.Query(statements::kScanDeadLettersOfGroup, {group, topic, limit}, visit);
  }
}

Result<LetterScan> ScanByPlace(Connection& connection, const LetterQuery& query,
                               const std::optional<LetterPlace>& after, std::size_t max) {
  LetterScan scan;
  LetterPlace at = StartOf(query.filter, after);
  Range range = at.key.topic.value == 0 ? Range::kGroup : Range::kPartition;
  std::int64_t looked_at = 0;
  // Without much of a filter the first statement is enough, and reads no more than the page.
  std::int64_t limit = static_cast<std::int64_t>(max) + 1;
  while (looked_at < kLettersLookedAtMax) {
    limit = std::min(limit, kLettersLookedAtMax - looked_at);
    std::int64_t rows = 0;
    bool is_over = false;
    const auto visit = [&](const Row& row) {
      LetterHead head = ToHead(row);
      const LetterPlace place = head.place;
      is_over = IsBeyond(query.filter, place) ||
                (!IsCopy(row) && !Take(query, max, std::move(head), scan));
      if (is_over) return false;
      at = place;
      ++rows;
      return true;
    };
    LANEMQ_RETURN_IF_ERROR(QueryRange(connection, query.filter.group, range, at, limit, visit));
    looked_at += rows;
    if (is_over) return scan;
    if (rows == limit) {
      range = Range::kPartition;  // It goes on in the partition where it stopped.
      limit = kRowsPerStatement;
    } else {
      range = After(range, query.filter);
      if (range == Range::kNone) return scan;
    }
  }
  scan.next = at;
  return scan;
}

/// nullopt: too many died in that time.
Result<std::optional<LetterScan>> ScanByTime(Connection& connection, const LetterQuery& query,
                                             const std::optional<LetterPlace>& after,
                                             std::size_t max) {
  const core::DeadLetterFilter& filter = query.filter;
  const std::int64_t from =
      std::clamp<std::int64_t>(filter.from ? filter.from->micros : 0, 0, kMicrosMax);
  const std::int64_t until =
      std::clamp<std::int64_t>(filter.until ? filter.until->micros : kMicrosMax, 0, kMicrosMax);
  std::vector<LetterHead> heads;
  std::int64_t rows = 0;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kScanDeadLettersByTime,
      {std::string_view(filter.group), from, until, kLettersLookedAtMax + 1}, [&](const Row& row) {
        ++rows;
        LetterHead head = ToHead(row);
        if (!IsCopy(row) && (!after || head.place > *after)) heads.push_back(std::move(head));
        return true;
      }));
  if (rows > kLettersLookedAtMax) return std::optional<LetterScan>();
  std::ranges::sort(heads, {}, &LetterHead::place);
  LetterScan scan;
  for (LetterHead& head : heads) {
    if (!Take(query, max, std::move(head), scan)) break;
  }
  return std::optional(std::move(scan));
}

/// The heads of `places`, which ascend, as they are.
Status ReadHeads(Connection& connection, std::string_view group, std::span<const LetterHead> wanted,
                 bool with_sizes, bool lock, const std::function<bool(LetterHead)>& visit) {
  bool is_over = false;
  return ForEachPartition(group, wanted, [&](const ChosenLetters& letters) -> Status {
    if (is_over) return {};
    connection.Text() = SelectHeadsText(letters, with_sizes, lock);
    return connection.QueryText("read_dead_letter_heads", [&](const Row& row) {
      if (IsCopy(row)) return true;
      LetterHead head = ToHead(row);
      head.body_bytes = row.Int64(7);
      is_over = !visit(std::move(head));
      return !is_over;
    });
  });
}

Result<LetterScan> ScanIds(Connection& connection, const LetterQuery& query,
                           const std::optional<LetterPlace>& after, std::size_t max) {
  std::vector<LetterHead> wanted;
  for (const core::FailedId& id : query.filter.ids) {
    const LetterPlace place{id.key, id.offset};
    if (id.group != query.filter.group || (after && place <= *after)) continue;
    wanted.emplace_back().place = place;
  }
  std::ranges::sort(wanted, {}, &LetterHead::place);
  const auto is_twice = [](const LetterHead& a, const LetterHead& b) { return a.place == b.place; };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), is_twice), wanted.end());
  LetterScan scan;
  LANEMQ_RETURN_IF_ERROR(
      ReadHeads(connection, query.filter.group, wanted, false, false,
                [&](LetterHead head) { return Take(query, max, std::move(head), scan); }));
  return scan;
}

}  // namespace

Status CheckFilter(const core::DeadLetterFilter& filter) {
  if (filter.group.empty()) {
    return Error{ErrorCode::kInvalidRequest, "dead letters: the filter names no group"};
  }
  if (filter.ids.size() > kIdsMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("dead letters: {} ids; at most {}", filter.ids.size(), kIdsMax)};
  }
  return {};
}

Result<LetterScan> ScanLetters(Connection& connection, const LetterQuery& query,
                               const std::optional<LetterPlace>& after, std::int32_t max) {
  const auto bounded = static_cast<std::size_t>(std::clamp(max, 1, kLettersTakenMax));
  if (!query.filter.ids.empty()) return ScanIds(connection, query, after, bounded);
  if (query.filter.from || query.filter.until) {
    LANEMQ_ASSIGN_OR_RETURN(auto by_time, ScanByTime(connection, query, after, bounded));
    if (by_time) return *std::move(by_time);
  }
  return ScanByPlace(connection, query, after, bounded);
}

Result<std::vector<LetterHead>> OldestLetters(Connection& connection, std::string_view group,
                                              WallTime until, std::int64_t max) {
  std::vector<LetterHead> heads;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kScanDeadLettersByTime,
      {group, std::int64_t{0}, std::clamp<std::int64_t>(until.micros, 0, kMicrosMax), max},
      [&](const Row& row) {
        if (!IsCopy(row)) heads.push_back(ToHead(row));
        return true;
      }));
  std::ranges::sort(heads, {}, &LetterHead::place);
  return heads;
}

Result<std::vector<LetterHead>> LockLetters(Connection& connection, const LetterQuery& query,
                                            std::span<const LetterHead> heads, bool with_sizes) {
  std::vector<core::PartitionKey> keys;
  for (const LetterHead& head : heads) {
    if (keys.empty() || keys.back() != head.place.key) keys.push_back(head.place.key);
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto here, ShareThoseHere(connection, keys));
  std::vector<LetterHead> wanted;
  std::ranges::copy_if(heads, std::back_inserter(wanted), [&](const LetterHead& head) {
    return std::ranges::binary_search(here, head.place.key);
  });
  std::vector<LetterHead> locked;
  LANEMQ_RETURN_IF_ERROR(
      ReadHeads(connection, query.filter.group, wanted, with_sizes, true, [&](LetterHead head) {
        if (Matches(query, head)) locked.push_back(std::move(head));
        return true;
      }));
  return locked;
}

Status ForEachPartition(std::string_view group, std::span<const LetterHead> heads,
                        const std::function<Status(const ChosenLetters&)>& visit) {
  std::vector<core::Offset> offsets;
  for (auto at = heads.begin(); at != heads.end();) {
    const core::PartitionKey key = at->place.key;
    offsets.clear();
    for (; at != heads.end() && at->place.key == key; ++at) offsets.push_back(at->place.offset);
    LANEMQ_RETURN_IF_ERROR(visit({group, key, offsets}));
  }
  return {};
}

}  // namespace lanemq::sql
